//! The structs of an admin's answers, one of each, without a default.

use gleaner_shared::measure::Millis;
use gleaner_shared::policy::Policy;
use gleaner_shared::table::ColumnType;
use gleaner_shared::wire::admin::ServerStatus;
use gleaner_shared::wire::admin::corpus::{Aside, CorpusRow};
use gleaner_shared::wire::admin::host::HostRow;
use gleaner_shared::wire::admin::invite::InviteRow;
use gleaner_shared::wire::admin::job::{FailureRow, JobStatus, Phase};
use gleaner_shared::wire::admin::plan::{Basis, Pace, TrialTable};
use gleaner_shared::wire::admin::query::{
    Article, Articles, Found, FoundEdge, Named, Neighbour, Related,
};
use gleaner_shared::wire::admin::result::{ExportFile, TableRow};
use gleaner_shared::wire::stream::Role;

pub(super) fn server() -> ServerStatus {
    ServerStatus {
        version: "0.1.0".into(),
        id: "1f".repeat(32),
        address: "example.org:4433".into(),
        up_seconds: 86_400,
        hosts_connected: 2,
        jobs_open: 1,
        paused: None,
    }
}

pub(super) fn invite() -> InviteRow {
    InviteRow {
        id: 2,
        role: Role::Own,
        account: None,
        uses: 10,
        used: 3,
        expires_at_unix_seconds: 1_800_000_000,
        revoked: false,
    }
}

pub(super) fn corpus() -> CorpusRow {
    CorpusRow {
        name: "papers".into(),
        digest: "2e".repeat(32),
        complete: true,
        documents: 1_200,
        slices: 40,
        raw_bytes: 41_000_000,
        packed_bytes: 12_000_000,
        set_aside: 1,
        jobs: 1,
    }
}

pub(super) fn aside() -> Aside {
    Aside {
        source: "papers/bad.json".into(),
        position: "byte 812".into(),
        reason: "not UTF-8".into(),
    }
}

pub(super) fn job() -> JobStatus {
    JobStatus {
        name: "graph".into(),
        digest: "3d".repeat(32),
        app: "ontology-match@1".into(),
        corpus: "papers".into(),
        phase: Phase::Done,
        policy: Policy { copies: 2, own_copies: 1, priority: 1, deadline: Millis(600_000) },
        units: 40,
        merged: 39,
        failed: 1,
        leased: 0,
        checking: 0,
        waiting: 0,
        submitted_at_unix_seconds: 1_790_000_000,
        done_at_unix_seconds: Some(1_790_000_060),
    }
}

pub(super) fn failure() -> FailureRow {
    FailureRow {
        slice: 3,
        first: 0,
        count: 12,
        documents: vec!["PMC1".into(), "PMC2".into()],
        failure: "the app crashed".into(),
        message: "index out of bounds".into(),
        next: "report it".into(),
    }
}

pub(super) fn table() -> TableRow {
    TableRow {
        table: "edges".into(),
        sql_name: "job_1_edges".into(),
        columns: vec!["a".into(), "b".into()],
        rows: 512,
        disk_bytes: 40_960,
    }
}

pub(super) fn export() -> ExportFile {
    ExportFile {
        name: "edges".into(),
        columns: vec!["a".into(), "n".into()],
        types: vec![ColumnType::Text, ColumnType::Int],
        rows: 512,
    }
}

pub(super) fn basis() -> Basis {
    let pace = Pace { job: "graph".into(), raw_bytes: 41_000_000, elapsed_seconds: 60 };
    Basis { corpus: corpus(), pace: Some(pace) }
}

pub(super) fn trial() -> TrialTable {
    TrialTable { table: "edges".into(), rows: 512, disk_bytes: 40_960 }
}

pub(super) fn related() -> Related {
    let neighbour = Neighbour { id: "B:2".into(), label: "fever".into(), sentences: 9, docs: 4 };
    Related { concept: named("A:1"), neighbours: vec![neighbour] }
}

pub(super) fn articles() -> Articles {
    let article = Article {
        doc: "PMC1".into(),
        year: 2003,
        sentences: 2,
        pagerank: 123_456_789,
        first: (0, 3),
        sentence: "Fever is common.".into(),
    };
    Articles { a: named("A:1"), b: named("B:2"), articles: vec![article] }
}

pub(super) fn found() -> Found {
    let edge = FoundEdge { a: named("A:1"), b: named("B:2"), sentences: 9, docs: 4 };
    Found { concepts: vec![named("A:1")], edges: vec![edge] }
}

pub(super) fn host() -> HostRow {
    HostRow {
        id: "4c".repeat(32),
        name: "attic".into(),
        account: "operator".into(),
        role: Role::Own,
        banned: false,
        connected: true,
        leases: 16,
        merged: 1_200,
        joined_at_unix_seconds: 1_780_000_000,
        seen_at_unix_seconds: 1_790_000_000,
    }
}

fn named(id: &str) -> Named {
    Named { id: id.into(), label: "virus".into() }
}
