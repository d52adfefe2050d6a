//! The server's answers to an admin.

use gleaner_shared::payload::PayloadFacts;
use gleaner_shared::table::Value;
use gleaner_shared::wire::admin::corpus::{Added, IntakeReply, Verified, Want};
use gleaner_shared::wire::admin::invite::InviteMade;
use gleaner_shared::wire::admin::job::Phase;
use gleaner_shared::wire::admin::{Problem, ProblemKind, Reply};

use super::{Example, digest, rows, variants};

pub(crate) fn examples() -> Vec<Example> {
    let mut all = variants!(Reply {
        Done: Reply::Done,
        Failed: Reply::Failed(Problem {
            kind: ProblemKind::NotFound,
            what: "corpus papers cannot be shown".into(),
            why: "there is no such corpus".into(),
            next: "gleaner-admin corpus list".into(),
        }),
        Server: Reply::Server(rows::server()),
        InviteMade: Reply::InviteMade(InviteMade {
            id: 2,
            invite: "gleaner://example.org:4433/AQ".into(),
            expires_at_unix_seconds: 1_800_000_000,
        }),
        Invites: Reply::Invites(vec![rows::invite()]),
        Intake: Reply::Intake(IntakeReply::Ready),
        Corpora: Reply::Corpora(vec![rows::corpus()]),
        Corpus: Reply::Corpus(rows::corpus()),
        Asides: Reply::Asides(vec![rows::aside()]),
        Progress: Reply::Progress { done: 3, total: 40 },
        Verified: Reply::Verified(Verified {
            payloads: 40,
            documents: 1_200,
            wrong: vec!["payload 3 is missing".into()],
        }),
        Have: Reply::Have(true),
        Job: Reply::Job(rows::job()),
        Jobs: Reply::Jobs(vec![rows::job()]),
        Why: Reply::Why(vec!["no host is connected".into()]),
        Failures: Reply::Failures(vec![rows::failure()]),
        Tables: Reply::Tables(vec![rows::table()]),
        Exports: Reply::Exports(vec![rows::export()]),
        Rows: Reply::Rows(vec![vec![Value::Text("A:1".into()), Value::Int(-3)]]),
        Related: Reply::Related(rows::related()),
        Articles: Reply::Articles(rows::articles()),
        Found: Reply::Found(rows::found()),
        Hosts: Reply::Hosts(vec![rows::host()]),
        Host: Reply::Host(rows::host()),
        Basis: Reply::Basis(rows::basis()),
        Slice: Reply::Slice(PayloadFacts {
            digest: digest(0x11),
            len: 400_000,
            raw_len: 1_048_576,
            docs: 12,
        }),
        Trial: Reply::Trial(vec![rows::trial()]),
    });
    all.extend(words());
    all
}

fn words() -> Vec<Example> {
    let added =
        Added { corpus: rows::corpus(), new_documents: 7, known_documents: 300, set_aside: 1 };
    let mut all = variants!(IntakeReply {
        Ready: IntakeReply::Ready,
        Wanted: IntakeReply::Wanted(vec![Want::Send, Want::Known, Want::Duplicate]),
        Added: IntakeReply::Added(added),
        Known: IntakeReply::Known(true),
    });
    all.extend(variants!(Want {
        Send: Want::Send,
        Known: Want::Known,
        Duplicate: Want::Duplicate,
    }));
    all.extend(variants!(Phase {
        Running: Phase::Running,
        Paused: Phase::Paused,
        Finishing: Phase::Finishing,
        Done: Phase::Done,
        Cancelled: Phase::Cancelled,
    }));
    all.extend(variants!(ProblemKind {
        Failed: ProblemKind::Failed,
        Usage: ProblemKind::Usage,
        NotFound: ProblemKind::NotFound,
        Conflict: ProblemKind::Conflict,
        NotAllowed: ProblemKind::NotAllowed,
        Limit: ProblemKind::Limit,
        Checksum: ProblemKind::Checksum,
    }));
    all
}
