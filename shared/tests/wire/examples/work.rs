//! Sessions, fetching, delivering.

use gleaner_shared::id::GrantId;
use gleaner_shared::measure::Millis;
use gleaner_shared::payload::PayloadFacts;
use gleaner_shared::verdict::{FailureClass, Receipt};
use gleaner_shared::wire::refusal::Refusal;
use gleaner_shared::wire::work::{
    Artefact, DeliverReply, Delivered, Fetched, FromHost, Grant, GrantUnit, ItemHead, JobBrief,
    Returned, ToHost,
};

use super::{Example, digest, docs, lease, variants};

pub(crate) fn examples() -> Vec<Example> {
    let mut all = variants!(FromHost {
        Want: FromHost::Want { request: 9, units: 16 },
        Renew: FromHost::Renew(vec![lease(7, 0), lease(7, 1)]),
        Release: FromHost::Release(vec![lease(300, 63)]),
    });
    all.extend(variants!(ToHost {
        Welcome: ToHost::Welcome { version: "0.1.0".into() },
        Refused: ToHost::Refused(Refusal::NotJoined),
        Grant: ToHost::Grant(grant()),
        Cancel: ToHost::Cancel(vec![lease(7, 1)]),
        Drain: ToHost::Drain,
    }));
    all.extend(transfers());
    all
}

fn transfers() -> Vec<Example> {
    let mut all = variants!(Fetched {
        Payload: Fetched::Payload(digest(0xaa)),
        Artefact: Fetched::Artefact(digest(0xbb)),
    });
    all.extend(variants!(ItemHead {
        Found: ItemHead::Found { len: 70_000 },
        Missing: ItemHead::Missing,
        Refused: ItemHead::Refused(Refusal::Banned),
    }));
    all.extend(variants!(Returned {
        Records: Returned::Records { digest: digest(0x22), raw_len: 5_000_000_000, len: 251 },
        Failed: Returned::Failed { class: FailureClass::Crashed, message: "stack".into() },
    }));
    all.extend(variants!(FailureClass {
        Refused: FailureClass::Refused,
        Crashed: FailureClass::Crashed,
        TooLarge: FailureClass::TooLarge,
        TimedOut: FailureClass::TimedOut,
    }));
    all.extend(variants!(DeliverReply {
        Resume: DeliverReply::Resume(vec![0, 250, 251, 65_536]),
        Receipts: DeliverReply::Receipts(vec![
            Delivered::Receipt(Receipt::Kept),
            Delivered::Again(Refusal::Full),
            Delivered::Broken,
        ]),
        Refused: DeliverReply::Refused(Refusal::NotAllowed),
    }));
    all.extend(variants!(Delivered {
        Receipt: Delivered::Receipt(Receipt::Late),
        Again: Delivered::Again(Refusal::Closing),
        Broken: Delivered::Broken,
    }));
    all.extend(variants!(Receipt {
        Kept: Receipt::Kept,
        Late: Receipt::Late,
        Gone: Receipt::Gone,
    }));
    all
}

fn grant() -> Grant {
    let payload = PayloadFacts { digest: digest(0xaa), len: 300_000, raw_len: 1_048_576, docs: 40 };
    Grant {
        request: 9,
        grant: GrantId(7),
        job: JobBrief {
            digest: digest(0x11),
            name: "graph".into(),
            app: "ontology-match@1".into(),
            params: vec![("key".into(), "value".into())],
            data: Some(Artefact { digest: digest(0xbb), len: 70_000 }),
            deadline: Millis(600_000),
        },
        units: vec![GrantUnit { payload, docs: docs(0, 40) }],
    }
}
