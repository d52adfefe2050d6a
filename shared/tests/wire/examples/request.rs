//! Commands of an admin, and the steps of an intake.

use gleaner_shared::measure::Millis;
use gleaner_shared::policy::Policy;
use gleaner_shared::wire::admin::Request;
use gleaner_shared::wire::admin::corpus::{AddWish, Aside, Name, Offer, Step};
use gleaner_shared::wire::admin::invite::InviteWish;
use gleaner_shared::wire::admin::job::{Change, JobWish};
use gleaner_shared::wire::admin::query::{ArticlesWish, RelatedWish, SearchWish, YearRange};
use gleaner_shared::wire::stream::Role;
use gleaner_shared::wire::work::Artefact;

use super::{Example, digest, variants};

pub(crate) fn examples() -> Vec<Example> {
    let mut all = variants!(Request {
        Server: Request::Server,
        InviteCreate: Request::InviteCreate(InviteWish {
            role: Role::Volunteer,
            account: Some("lab".into()),
            uses: 10,
            expires_seconds: 604_800,
        }),
        InviteList: Request::InviteList,
        InviteRevoke: Request::InviteRevoke { id: 2 },
        CorpusAdd: Request::CorpusAdd(AddWish { name: "papers".into(), slice_bytes: 1_048_576 }),
        CorpusList: Request::CorpusList,
        CorpusShow: Request::CorpusShow { name: "papers".into() },
        CorpusVerify: Request::CorpusVerify { name: "papers".into() },
        CorpusRemove: Request::CorpusRemove { name: "papers".into() },
        ArtefactPut: Request::ArtefactPut(Artefact { digest: digest(0xbb), len: 70_000 }),
        JobSubmit: Request::JobSubmit(job()),
        JobList: Request::JobList,
        JobStatus: Request::JobStatus { name: "graph".into() },
        JobFollow: Request::JobFollow { name: "graph".into() },
        JobWhy: Request::JobWhy { name: "graph".into() },
        JobErrors: Request::JobErrors { name: "graph".into() },
        JobChange: Request::JobChange { name: "graph".into(), change: Change::Pause },
        ResultTables: Request::ResultTables { job: "graph".into() },
        ResultExports: Request::ResultExports { job: "graph".into() },
        ResultRows: Request::ResultRows { job: "graph".into(), file: "edges".into() },
        Related: Request::Related(RelatedWish {
            job: "graph".into(),
            concept: "MESH:D003920".into(),
            limit: 20,
            years: vec![YearRange { first: 2003, last: 2020 }],
        }),
        Articles: Request::Articles(articles()),
        Search: Request::Search(search()),
        HostList: Request::HostList,
        HostShow: Request::HostShow { host: "attic".into() },
        HostBan: Request::HostBan { host: "1f3a".into() },
        PlanBasis: Request::PlanBasis { corpus: "papers".into(), app: "word-count".into() },
        CorpusSlice: Request::CorpusSlice { corpus: "papers".into(), number: 39 },
        PlanTrial: Request::PlanTrial { app: "word-count".into(), units: 32 },
    });
    all.extend(steps());
    all
}

fn steps() -> Vec<Example> {
    let mut all = variants!(Step {
        Offer: Step::Offer(vec![Offer {
            id: "PMC1".into(),
            digest: digest(0x33),
            source: "papers/PMC1.xml".into(),
        }]),
        Documents: Step::Documents(vec![120, 70_000]),
        Aside: Step::Aside(vec![Aside {
            source: "papers/bad.xml".into(),
            position: "line 3, column 14".into(),
            reason: "the file ends inside an element".into(),
        }]),
        End: Step::End,
        Stretch: Step::Stretch(digest(0x55)),
        Ask: Step::Ask(vec![Name { id: "PMC1".into(), digest: digest(0x33) }]),
    });
    all.extend(variants!(Change {
        Pause: Change::Pause,
        Resume: Change::Resume,
        Cancel: Change::Cancel,
        Retry: Change::Retry,
    }));
    all
}

fn job() -> JobWish {
    JobWish {
        name: "graph".into(),
        corpus: "papers".into(),
        app: "ontology-match".into(),
        params: vec![],
        data: Some(digest(0xbb)),
        policy: Policy { copies: 2, own_copies: 1, priority: 3, deadline: Millis(600_000) },
    }
}

fn articles() -> ArticlesWish {
    ArticlesWish { job: "graph".into(), a: "A:1".into(), b: "B:2".into(), limit: 20, years: vec![] }
}

fn search() -> SearchWish {
    SearchWish { job: "graph".into(), text: "Fieber, 39\u{b0}".into(), limit: 20, years: vec![] }
}
