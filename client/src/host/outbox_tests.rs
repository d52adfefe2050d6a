//! What the outbox promises: nothing is forgotten or sent twice at once, and deliveries fit.

use gleaner_shared::id::{Digest, GrantId};
use gleaner_shared::unit::DocRange;
use gleaner_shared::verdict::FailureClass;
use gleaner_shared::wire::work::{ResultHead, Returned};

use super::*;

fn entry(index: u16, returned: Returned) -> Entry {
    let docs = DocRange { first: index.into(), count: 1 };
    let head = ResultHead { job: Digest([1; 32]), payload: Digest([2; 32]), docs, returned };
    Entry { lease: LeaseId { grant: GrantId(1), index }, head }
}

fn records(index: u16, len: u32) -> Entry {
    entry(index, Returned::Records { digest: Digest([3; 32]), raw_len: 100, len })
}

fn outbox(entries: &[Entry]) -> Outbox {
    let mut outbox = Outbox::default();
    for entry in entries {
        outbox.add(entry.name(), entry);
    }
    outbox
}

/// Results of these lengths go in batches of these sizes.
fn check(lens: &[u32], batches: &[usize]) {
    let entries: Vec<_> = (0..).zip(lens).map(|(index, len)| records(index, *len)).collect();
    let mut outbox = outbox(&entries);
    let sizes: Vec<_> =
        std::iter::from_fn(|| Some(outbox.batch().len())).take_while(|size| *size > 0).collect();
    assert_eq!(sizes, batches, "{lens:?}");
}

#[test]
fn deliveries_are_bounded_in_items_and_bytes() {
    let most = u32::try_from(DELIVER_BYTES_MAX).unwrap();
    check(&[], &[]);
    check(&[10; 150], &[64, 64, 22]);
    check(&[most, 1, most - 1, 1], &[1, 2, 1]);
    check(&[most + 1, 1], &[1, 1]);
    check(&[1, most + 1, 1], &[1, 1, 1]);
}

#[test]
fn heads_of_one_delivery_fit_a_frame() {
    let message = "x".repeat(1_024);
    let failed = |index| {
        entry(index, Returned::Failed { class: FailureClass::Refused, message: message.clone() })
    };
    let entries: Vec<_> = (0..64).map(failed).collect();
    let mut outbox = outbox(&entries);
    let first = outbox.batch();
    let heads: Vec<_> = entries[..first.len()].iter().map(|entry| entry.head.clone()).collect();
    let open = gleaner_shared::wire::stream::Open::Deliver(heads);
    assert!(gleaner_shared::wire::codec::encode(&open).is_ok());
    assert!(first.len() > 32 && first.len() < 64, "{}", first.len());
    assert_eq!(outbox.batch().len(), 64 - first.len());
}

#[test]
fn a_result_stays_until_it_is_dealt_with() {
    let mut outbox = outbox(&[records(0, 1), records(1, 1), records(2, 1)]);
    let batch = outbox.batch();
    assert_eq!((batch.len(), outbox.waiting()), (3, 0));
    assert!(outbox.batch().is_empty(), "nothing is sent twice at once");
    assert_eq!(outbox.forget(&batch[1]).map(|lease| lease.index), Some(1));
    outbox.transfers_broke();
    assert_eq!(outbox.spooled(), 2);
    let mut again = outbox.batch();
    again.sort_unstable();
    let mut expected = vec![batch[0].clone(), batch[2].clone()];
    expected.sort_unstable();
    assert_eq!(again, expected);
    outbox.wait_again(again);
    assert_eq!(outbox.waiting(), 2);
}

#[test]
fn a_void_result_is_delivered_but_its_lease_not_held() {
    let mut outbox = outbox(&[records(0, 1), records(1, 1)]);
    outbox.void(LeaseId { grant: GrantId(1), index: 0 });
    assert_eq!(outbox.leases().map(|lease| lease.index).collect::<Vec<_>>(), [1]);
    assert_eq!(outbox.spooled(), 2);
}

#[test]
fn a_void_result_that_is_in_memory_only_is_dropped() {
    let mut outbox = Outbox::default();
    outbox.keep(Kept { entry: records(0, 1), packed: vec![1] });
    outbox.void(LeaseId { grant: GrantId(1), index: 0 });
    assert!(outbox.is_empty());
}

#[test]
fn the_same_unit_twice_is_one_result() {
    let mut outbox = outbox(&[records(0, 1), records(0, 1)]);
    assert_eq!((outbox.spooled(), outbox.batch().len()), (1, 1));
}
