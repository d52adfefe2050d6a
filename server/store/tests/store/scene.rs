//! A store in a folder that vanishes, with a corpus and a job, and the batches of a scripted life.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use gleaner_engine::effect::{JobRow, JobState, Leased, Write};
use gleaner_engine::event::{Host, Vote};
use gleaner_shared::digest::digest;
use gleaner_shared::id::{AccountId, CorpusId, Digest, GrantId, HostId, JobId};
use gleaner_shared::measure::Time;
use gleaner_shared::payload::PayloadFacts;
use gleaner_shared::policy::{Policy, Standing};
use gleaner_shared::records::{self, Tables};
use gleaner_shared::table::{Column, ColumnType, Row, Rule, Spread, Table, Value};
use gleaner_shared::unit::{DocRange, UnitKey};
use gleaner_shared::verdict::{FailureClass, Outcome, Settlement};
use gleaner_store::{
    Batch, Brought, CorpusAdd, DocInsert, JobInsert, Options, Page, ResultBytes, RowsWish,
    SliceInsert, Store,
};
use tempfile::TempDir;

const fn column(name: &'static str, kind: ColumnType, rule: Rule) -> Column {
    Column { name, kind, rule }
}

const DOCS: Table = Table {
    name: "docs",
    columns: &[
        column("doc", ColumnType::Text, Rule::Key),
        column("words", ColumnType::Int, Rule::Once),
    ],
    spread: Spread::Unit,
};
const WORDS: Table = Table {
    name: "words",
    columns: &[
        column("word", ColumnType::Text, Rule::Key),
        column("year", ColumnType::Int, Rule::Key),
        column("count", ColumnType::Int, Rule::Sum),
        column("longest", ColumnType::Int, Rule::Max),
        column("least", ColumnType::Text, Rule::Min),
    ],
    spread: Spread::Shared,
};
const RANKS: Table = Table {
    name: "ranks",
    columns: &[
        column("word", ColumnType::Text, Rule::Key),
        column("rank", ColumnType::Int, Rule::Once),
    ],
    spread: Spread::Unit,
};

pub(crate) static TABLES: [Table; 2] = [DOCS, WORDS];
pub(crate) static DERIVED: [Table; 1] = [RANKS];
pub(crate) const JOB: JobId = JobId(1);
pub(crate) const ALL: Page = Page { offset: 0, limit: 1_000 };

pub(crate) fn options(folder: &Path) -> Options {
    Options { database: folder.join("db/gleaner.sqlite"), objects: folder.join("objects") }
}

pub(crate) async fn open(folder: &Path) -> Store {
    Store::open(options(folder)).await.unwrap()
}

/// A store with the corpus `demo` of so many slices of 4 documents, and the job `count` on it.
pub(crate) async fn with_job(slices: u32) -> (TempDir, Store) {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path()).await;
    job_make(&store, slices).await;
    (folder, store)
}

pub(crate) async fn job_make(store: &Store, slices: u32) {
    let add = slices_make(store, "demo", slices).await;
    store.corpus_end(add).await.unwrap();
    let writes = vec![Write::JobPut { job: JOB, row: row(slices, 0) }];
    let jobs = vec![job_insert(add.corpus)];
    store.commit(Batch { jobs, writes, ..batch(0) }).await.unwrap();
}

pub(crate) fn job_insert(corpus: CorpusId) -> JobInsert {
    JobInsert {
        job: JOB,
        name: "count".into(),
        digest: digest(b"count"),
        app: "word-count@1".into(),
        params: vec![("fold".into(), "yes".into()), ("a".into(), "b".into())],
        data: None,
        corpus,
        submitted_at_unix_seconds: 1_000,
        tables: &TABLES,
        derived: &DERIVED,
    }
}

pub(crate) fn payload(slice: u32) -> (PayloadFacts, Bytes) {
    let bytes = Bytes::from(format!("payload {slice}").repeat(20));
    let len = u32::try_from(bytes.len()).unwrap();
    (PayloadFacts { digest: digest(&bytes), len, raw_len: 1_000, docs: 4 }, bytes)
}

pub(crate) async fn slices_make(store: &Store, corpus: &str, slices: u32) -> CorpusAdd {
    let add = store.corpus_begin(corpus, 1_024).await.unwrap();
    let payloads: Vec<_> = (0..slices).map(payload).collect();
    let places = store.payloads_put(payloads.clone()).await.unwrap();
    let doc = |slice, position| DocInsert {
        id: doc_id(slice, position),
        digest: digest(doc_id(slice, position).as_bytes()),
        source: format!("file-{slice}.txt"),
    };
    let slice = |((number, (facts, _)), place)| SliceInsert {
        facts,
        place,
        docs: (0..4).map(|position| doc(number, position)).collect(),
    };
    let slices = (0..).zip(payloads).zip(places).map(slice).collect();
    store.slices_insert(add, Brought { slices, ..Brought::default() }).await.unwrap();
    add
}

pub(crate) fn doc_id(slice: u32, position: u32) -> String {
    format!("doc-{slice}-{position}")
}

pub(crate) fn row(slices: u32, merged: u32) -> JobRow {
    JobRow {
        policy: Policy::default(),
        state: JobState::Running,
        slices,
        next_slice: merged,
        merged,
        failed: 0,
        splits: 0,
        generation: 0,
    }
}

pub(crate) fn batch(now: u64) -> Batch {
    let tables = Arc::new(BTreeMap::from([(JOB, TABLES.as_slice())]));
    Batch { now: Time(now), at_unix_seconds: 2_000, tables, ..Batch::default() }
}

pub(crate) fn unit(slice: u32) -> UnitKey {
    UnitKey { job: JOB, slice, docs: DocRange { first: 0, count: 4 } }
}

pub(crate) fn host(number: u8) -> Host {
    Host {
        id: HostId([number; 32]),
        account: AccountId(u64::from(number)),
        standing: Standing::Own,
    }
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.into())
}

/// What the app makes of a unit: one row of its own, and two that all units share.
pub(crate) fn records(slice: u32) -> Tables {
    let word = |word: &str, count: i64| -> Row {
        let slice = i64::from(slice);
        let least = text(&format!("w{:06}", 999_999 - slice));
        vec![text(word), Value::Int(2020), Value::Int(count), Value::Int(slice), least]
    };
    let docs = vec![vec![text(&doc_id(slice, 0)), Value::Int(i64::from(slice))]];
    vec![docs, vec![word("and", 1), word("the", 2)]]
}

pub(crate) fn returned(unit: UnitKey, host: &Host, mut tables: Tables) -> ResultBytes {
    let raw = records::encode(&TABLES, &mut tables).unwrap();
    ResultBytes {
        unit,
        host: host.id,
        outcome: Outcome::Records(digest(&raw)),
        packed: records::pack(&raw).unwrap().into(),
        raw_len: raw.len() as u64,
        message: String::new(),
    }
}

pub(crate) fn failed(unit: UnitKey, host: &Host, message: &str) -> ResultBytes {
    ResultBytes {
        unit,
        host: host.id,
        outcome: Outcome::Failed(FailureClass::Crashed),
        packed: Bytes::new(),
        raw_len: 0,
        message: message.into(),
    }
}

pub(crate) fn vote(host: &Host, result: &ResultBytes) -> Vote {
    Vote { host: *host, outcome: result.outcome }
}

pub(crate) fn digest_of(result: &ResultBytes) -> Digest {
    match result.outcome {
        Outcome::Records(digest) => digest,
        Outcome::Failed(_) => panic!("a failure has no digest"),
    }
}

pub(crate) fn settle(host: &Host, result: &ResultBytes) -> Write {
    Write::UnitSettle {
        unit: result.unit,
        settlement: Settlement::Merged(digest_of(result)),
        by: Some(vote(host, result)),
    }
}

/// A batch in which one host's results settle these slices.
pub(crate) fn merging(slices: impl IntoIterator<Item = u32>) -> Batch {
    let one = host(1);
    let results: Vec<_> =
        slices.into_iter().map(|slice| returned(unit(slice), &one, records(slice))).collect();
    let writes = results.iter().map(|result| settle(&one, result)).collect();
    Batch { writes, results, ..batch(1) }
}

pub(crate) fn grant(number: u64, host: &Host, slices: &[u32]) -> Write {
    let units = slices.iter().map(|slice| leased(unit(*slice))).collect();
    Write::GrantInsert { grant: GrantId(number), host: *host, job: JOB, units }
}

/// The first copy of a unit.
pub(crate) fn leased(unit: UnitKey) -> Leased {
    Leased { slice: unit.slice, docs: unit.docs, slot: 0 }
}

/// All rows of a table, with all of its columns, sorted by its keys.
pub(crate) async fn rows(store: &Store, table: &'static Table) -> Vec<Row> {
    let columns: Vec<_> = table.columns.iter().map(|column| column.name).collect();
    let order_by = columns[..table.keys()].to_vec();
    let (sender, mut receiver) = tokio::sync::mpsc::channel(4);
    let wish = RowsWish { job: JOB, table, columns, order_by };
    let (sent, all) = tokio::join!(store.rows(wish, sender), async {
        let mut all = Vec::new();
        while let Some(batch) = receiver.recv().await {
            all.extend(batch);
        }
        all
    });
    sent.unwrap();
    all
}

/// What the shared table must hold after these slices were merged once each.
pub(crate) fn words_of(slices: &[u32]) -> Vec<Row> {
    let mut merged: Vec<Row> = slices.iter().flat_map(|slice| records(*slice).remove(1)).collect();
    records::combine(&TABLES[1], &mut merged).unwrap();
    merged
}
