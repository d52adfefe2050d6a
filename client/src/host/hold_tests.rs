//! What the hold promises: order, shared items, and that one bad unit blames no other.

use gleaner_shared::id::{Digest, GrantId};
use gleaner_shared::measure::Millis;
use gleaner_shared::payload::PayloadFacts;
use gleaner_shared::unit::DocRange;
use gleaner_shared::wire::work::Artefact;

use super::*;

fn lease(index: u16) -> LeaseId {
    LeaseId { grant: GrantId(1), index }
}

fn payload(n: u8) -> Item {
    Item::Payload(Digest([n; 32]))
}

const DATA: Item = Item::Artefact(Digest([99; 32]));

fn job(data: Option<Artefact>) -> Arc<JobBrief> {
    Arc::new(JobBrief {
        digest: Digest([9; 32]),
        name: "count".into(),
        app: "word-count@1".into(),
        params: Vec::new(),
        data,
        deadline: Millis::from_seconds(60),
    })
}

fn unit(n: u8) -> GrantUnit {
    GrantUnit {
        payload: PayloadFacts { digest: Digest([n; 32]), len: 10, raw_len: 100, docs: 3 },
        docs: DocRange { first: 0, count: 3 },
    }
}

/// Units with their payloads: lease `i` needs payload `payloads[i]` and has died so often.
fn hold(units: &[(u8, u32)], is_here: bool) -> Hold {
    let mut hold = Hold::default();
    for (index, (n, died)) in (0..).zip(units) {
        hold.take(lease(index), (&job(None), unit(*n)), *died, |_| is_here);
    }
    hold
}

fn started(hold: &mut Hold) -> Vec<u16> {
    std::iter::from_fn(|| hold.start()).map(|task| task.lease.index).collect()
}

#[test]
fn units_start_in_order_once_their_items_are_here() {
    let mut hold = hold(&[(1, 0), (2, 0), (3, 0)], false);
    assert!(hold.start().is_none());
    let orders = hold.orders(2);
    assert_eq!(orders.iter().map(|order| order.item).collect::<Vec<_>>(), [payload(1), payload(2)]);
    assert!(hold.came(payload(2)));
    assert_eq!(started(&mut hold), [1]);
    assert!(hold.came(payload(1)));
    assert_eq!(started(&mut hold), [0]);
    assert_eq!(hold.orders(9), [Order { item: payload(3), len: 10 }]);
    assert_eq!(hold.orders(9), [], "nothing is ordered twice");
    assert_eq!(hold.counts(), Counts { in_hand: 2, ready: 0, lacking: 1 });
}

#[test]
fn a_jobs_data_is_fetched_first_and_once() {
    let mut hold = Hold::default();
    let job = job(Some(Artefact { digest: Digest([99; 32]), len: 5 }));
    for n in 0..2 {
        hold.take(lease(n.into()), (&job, unit(n)), 0, |_| false);
    }
    let items: Vec<_> = hold.orders(9).iter().map(|order| order.item).collect();
    assert_eq!(items, [DATA, payload(0), payload(1)]);
    hold.came(payload(0));
    assert!(hold.start().is_none());
    hold.came(DATA);
    assert_eq!(started(&mut hold), [0]);
    assert_eq!(hold.end(lease(0)).unwrap().free, [payload(0)]);
    assert_eq!(hold.end(lease(1)).unwrap().free, [DATA, payload(1)]);
}

#[test]
fn a_payload_stays_until_its_last_unit() {
    let mut hold = hold(&[(1, 0), (1, 0)], true);
    assert_eq!(hold.bytes(), 10);
    assert_eq!(hold.end(lease(0)).unwrap().free, []);
    assert_eq!(hold.end(lease(1)).unwrap().free, [payload(1)]);
    assert_eq!((hold.end(lease(1)), hold.bytes()), (None, 0));
}

#[test]
fn two_suspects_are_never_in_hand_together() {
    let mut hold = hold(&[(1, 1), (2, 0), (3, 2), (4, 0)], true);
    hold.suspects_last();
    assert_eq!(started(&mut hold), [1, 3, 0]);
    hold.end(lease(0));
    assert_eq!(started(&mut hold), [2]);
}

#[test]
fn with_whom_a_process_died_waits_behind_the_others_and_is_a_suspect() {
    let mut hold = hold(&[(1, 0), (2, 0), (3, 0)], true);
    hold.start();
    hold.start();
    hold.suspect(lease(0));
    hold.suspect(lease(1));
    assert_eq!(started(&mut hold), [2, 0], "one suspect at a time");
    hold.end(lease(0));
    let task = hold.start().unwrap();
    assert_eq!((task.lease.index, task.died, task.is_suspect()), (1, 1, true));
}

#[test]
fn parts_of_failed_units_are_suspects_from_the_start() {
    let mut hold = Hold::default();
    let half = |first| GrantUnit { docs: DocRange { first, count: 1 }, ..unit(1) };
    for (index, unit) in (0..).zip([half(0), unit(2), half(1)]) {
        hold.take(lease(index), (&job(None), unit), 0, |_| true);
    }
    assert_eq!(started(&mut hold), [0, 1]);
}

#[test]
fn a_void_lease_is_gone_or_dropped_when_its_thread_is_done() {
    let mut hold = hold(&[(1, 0), (2, 0)], true);
    let task = hold.start().unwrap();
    assert_eq!(hold.void(lease(0)), Voided::InHand);
    assert!(task.void.is_set() && hold.is_void(lease(0)));
    assert_eq!(hold.void(lease(1)), Voided::Gone(Gone { free: vec![payload(2)] }));
    assert_eq!(hold.void(lease(1)), Voided::Unknown);
    assert_eq!(hold.leases().count(), 0, "void leases are not renewed");
    assert_eq!(hold.counts().in_hand, 1, "the thread is still busy");
}

#[test]
fn a_damaged_item_is_fetched_again_but_not_for_ever() {
    let mut hold = hold(&[(1, 0)], false);
    for _ in 1..FETCH_TRIES_MAX {
        assert_eq!(hold.orders(1).len(), 1);
        assert_eq!(hold.spoiled(payload(1)), []);
    }
    hold.orders(1);
    assert_eq!(hold.spoiled(payload(1)), [lease(0)]);
}

#[test]
fn a_lost_connection_lets_all_transfers_begin_again() {
    let mut hold = hold(&[(1, 0), (2, 0)], false);
    assert_eq!(hold.orders(9).len(), 2);
    hold.came(payload(1));
    hold.transfers_broke();
    assert_eq!(hold.orders(9), [Order { item: payload(2), len: 10 }]);
}

#[test]
fn what_was_put_back_is_next() {
    let mut hold = hold(&[(1, 0), (2, 0), (3, 0)], true);
    hold.start();
    hold.start();
    hold.put_back(lease(0));
    assert_eq!(started(&mut hold), [0, 2]);
}
