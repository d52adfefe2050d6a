//! Bytes that claim what is not there: variants that do not exist, lengths beyond the frame. They
//! are refused; a reader takes no memory on their word.

use gleaner_shared::wire::admin::corpus::Step;
use gleaner_shared::wire::admin::{Reply, Request};
use gleaner_shared::wire::codec::{CodecError, decode};
use gleaner_shared::wire::refusal::Refusal;
use gleaner_shared::wire::stream::{JoinReply, Open};
use gleaner_shared::wire::work::{DeliverReply, FromHost, ItemHead, ToHost};
use serde::de::DeserializeOwned;

use crate::examples::groups;

fn refused<M: DeserializeOwned>(bytes: &[u8]) -> bool {
    matches!(decode::<M>(bytes), Err(CodecError::Form(_)))
}

/// The first variant that does not exist: as many as golden lines name.
fn next_variant(name: &str) -> u8 {
    let start = format!("{name}::");
    let all = groups();
    let known = all.iter().flat_map(|group| &group.examples);
    let count = known.filter(|example| example.name.starts_with(&start)).count();
    u8::try_from(count).expect("few variants")
}

fn unknown_variant<M: DeserializeOwned>(name: &str) {
    let next = next_variant(name);
    assert!(next > 0, "{name} has examples");
    // Zeros would make up whatever such a variant could hold.
    let bytes = [&[next][..], &[0; 64]].concat();
    assert!(refused::<M>(&bytes), "{name} takes a variant {next}");
    assert!(refused::<M>(&[&[0xfc, 0xff, 0xff, 0xff, 0xff][..], &[0; 64]].concat()), "{name}");
}

#[test]
fn a_variant_that_does_not_exist_is_refused() {
    unknown_variant::<Open>("Open");
    unknown_variant::<JoinReply>("JoinReply");
    unknown_variant::<FromHost>("FromHost");
    unknown_variant::<ToHost>("ToHost");
    unknown_variant::<ItemHead>("ItemHead");
    unknown_variant::<DeliverReply>("DeliverReply");
    unknown_variant::<Request>("Request");
    unknown_variant::<Step>("Step");
    unknown_variant::<Reply>("Reply");
    unknown_variant::<Refusal>("Refusal");
}

#[test]
fn a_length_that_the_frame_cannot_hold_is_refused() {
    const LENGTHS: [&[u8]; 4] = [
        &[0xfb, 0xff, 0xff],
        &[0xfc, 0xff, 0xff, 0xff, 0x7f],
        &[0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0],
    ];
    for length in LENGTHS {
        assert!(refused::<String>(length));
        assert!(refused::<Vec<u64>>(length));
        assert!(refused::<Vec<Vec<String>>>(length));
        // FromHost::Renew, Open::Fetch, Step::Offer, Reply::Rows and a row in them.
        assert!(refused::<FromHost>(&[&[1], length].concat()));
        assert!(refused::<Open>(&[&[2], length].concat()));
        assert!(refused::<Step>(&[&[0], length].concat()));
        assert!(refused::<Reply>(&[&[18], length].concat()));
        assert!(refused::<Reply>(&[&[18, 1], length].concat()));
    }
}

#[test]
fn any_claim_at_any_place_ends_at_once() {
    for example in groups().iter().flat_map(|group| &group.examples) {
        for at in 0..example.bytes.len() {
            for claim in [0xfa_u8, 0xfb, 0xfc, 0xfd, 0xfe, 0xff] {
                let mut bytes = example.bytes.clone();
                bytes[at] = claim;
                // Whether it is another message or none: it must be said without a panic.
                let _said = (example.is)(&bytes);
                bytes.splice(at..=at, [0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0]);
                let _said = (example.is)(&bytes);
            }
        }
    }
}

#[test]
fn numbers_beyond_their_width_are_refused() {
    assert!(refused::<u8>(&[]));
    assert!(refused::<u16>(&[0xfc, 1, 0, 1, 0]));
    assert!(refused::<u32>(&[0xfd, 1, 0, 0, 0, 1, 0, 0, 0]));
    assert!(refused::<bool>(&[2]));
    assert!(refused::<Option<u8>>(&[2, 0]));
    assert!(refused::<String>(&[1, 0xff]));
    assert!(refused::<u64>(&[0xff]));
}
