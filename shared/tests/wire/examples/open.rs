//! First frames of streams, joining, refusals.

use gleaner_shared::id::AccountId;
use gleaner_shared::wire::refusal::Refusal;
use gleaner_shared::wire::stream::{Join, JoinReply, Open, Role};
use gleaner_shared::wire::work::{FetchItem, Fetched, Hello, ResultHead, Returned};

use super::{Example, digest, docs, lease, variants};

pub(crate) fn examples() -> Vec<Example> {
    let mut all = variants!(Open {
        Join: Open::Join(Join { token: [0x5c; 16], name: "attic".into() }),
        Session: Open::Session(Hello {
            version: "0.1.0".into(),
            name: "attic".into(),
            threads: 4,
            leases: vec![lease(7, 0), lease(300, 63)],
        }),
        Fetch: Open::Fetch(vec![
            FetchItem { what: Fetched::Payload(digest(0xaa)), offset: 0 },
            FetchItem { what: Fetched::Artefact(digest(0xbb)), offset: 65_536 },
        ]),
        Deliver: Open::Deliver(vec![ResultHead {
            job: digest(0x11),
            payload: digest(0xaa),
            docs: docs(0, 12),
            returned: Returned::Records { digest: digest(0x22), raw_len: 1_000, len: 250 },
        }]),
        Admin: Open::Admin,
    });
    all.extend(variants!(JoinReply {
        Joined: JoinReply::Joined {
            account: AccountId(3),
            account_name: "volunteer-3".into(),
            role: Role::Volunteer,
            version: "0.1.0".into(),
        },
        Refused: JoinReply::Refused(Refusal::InviteSpent),
    }));
    all.extend(variants!(Role { Own: Role::Own, Volunteer: Role::Volunteer, Admin: Role::Admin }));
    all.extend(variants!(Refusal {
        NotJoined: Refusal::NotJoined,
        Banned: Refusal::Banned,
        InviteUnknown: Refusal::InviteUnknown,
        InviteSpent: Refusal::InviteSpent,
        InviteExpired: Refusal::InviteExpired,
        InviteRevoked: Refusal::InviteRevoked,
        NotAllowed: Refusal::NotAllowed,
        Malformed: Refusal::Malformed,
        Closing: Refusal::Closing,
        Full: Refusal::Full,
        Busy: Refusal::Busy,
    }));
    all
}
