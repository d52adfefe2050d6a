//! What every world begins with: a store with one corpus and two invites, made once and copied, and
//! what the app really gives for each slice.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{fs, io};

use bytes::Bytes;
use gleaner_apps::{App, Params, Prepared, app, run_unit};
use gleaner_link::sim::Chance;
use gleaner_shared::digest::digest;
use gleaner_shared::document::{Document, Kind};
use gleaner_shared::id::{CorpusId, Digest, JobId};
use gleaner_shared::payload::{PayloadBuilder, PayloadFacts, document_encode, payload_open};
use gleaner_shared::records;
use gleaner_shared::table::{Row, Table};
use gleaner_shared::unit::{DocRange, UnitKey};
use gleaner_shared::wire::stream::Role;
use gleaner_store::{Brought, DocInsert, InviteInsert, JobInsert, Options, SliceInsert, Store};
use tempfile::TempDir;

use crate::keeper::ask;

/// Slices of the corpus: every host of the largest world gets some of them at once.
pub(crate) const SLICES: u32 = 24;
const DOCS: u32 = 6;
/// Long words make results that are long and have few rows: transfers, not databases, are tried.
const WORDS: usize = 260;
/// One slice of so many has so many times as much.
const LARGE: (u32, usize) = (8, 9);
const APP: &str = "word-count";

/// Tokens of the invites.
pub(crate) const OWN: [u8; 16] = [1; 16];
pub(crate) const STRANGER: [u8; 16] = [2; 16];

/// A slice.
#[derive(Clone, Debug)]
pub(crate) struct Slice {
    pub(crate) payload: PayloadFacts,
    /// The digest of its records.
    pub(crate) result: Digest,
}

/// All of it.
#[derive(Debug)]
pub(crate) struct Stage {
    files: Vec<(PathBuf, Vec<u8>)>,
    corpus: CorpusId,
    pub(crate) slices: Vec<Slice>,
    /// The rows of the whole corpus.
    pub(crate) rows: Vec<Row>,
}

impl Stage {
    /// The one of this process.
    pub(crate) fn here() -> &'static Self {
        static STAGE: OnceLock<Stage> = OnceLock::new();
        STAGE.get_or_init(|| Self::make().expect("a store can be made in the temporary folder"))
    }

    fn make() -> io::Result<Self> {
        let folder = folder()?;
        let mut chance = Chance::new(0);
        let payloads: Vec<_> = (0..SLICES).map(|number| payload(&mut chance, number)).collect();
        let payloads = payloads.into_iter().collect::<io::Result<Vec<_>>>()?;
        let options = options(folder.path());
        let packed = payloads.clone();
        let corpus = ask(async move { fill(options, packed).await }).map_err(io::Error::other)?;
        let mut stage = Self { files: Vec::new(), corpus, slices: Vec::new(), rows: Vec::new() };
        for (facts, bytes) in payloads {
            let canonical = result(&facts, &bytes);
            let mut tables = records::decode(tables(), &canonical).map_err(io::Error::other)?;
            stage.rows.append(&mut tables[0]);
            stage.slices.push(Slice { payload: facts, result: digest(&canonical) });
        }
        records::combine(&tables()[0], &mut stage.rows).map_err(io::Error::other)?;
        read_all(folder.path(), Path::new(""), &mut stage.files)?;
        Ok(stage)
    }

    /// Puts the store into a folder.
    pub(crate) fn copy(&self, folder: &Path) -> io::Result<()> {
        for (path, bytes) in &self.files {
            let path = folder.join(path);
            if let Some(above) = path.parent() {
                fs::create_dir_all(above)?;
            }
            fs::write(path, bytes)?;
        }
        Ok(())
    }

    /// A job on the corpus.
    pub(crate) fn job(&self, job: JobId) -> JobInsert {
        JobInsert {
            job,
            name: format!("job-{job}"),
            digest: job_digest(job),
            app: the_app().full_name(),
            params: Vec::new(),
            data: None,
            corpus: self.corpus,
            submitted_at_unix_seconds: 0,
            tables: tables(),
            derived: &[],
        }
    }

    /// The unit that a result is of.
    pub(crate) fn unit(&self, job: Digest, payload: Digest, docs: DocRange) -> Option<UnitKey> {
        let job = (1..3).map(JobId).find(|known| job_digest(*known) == job)?;
        let slice = self.slices.iter().position(|slice| slice.payload.digest == payload)?;
        Some(UnitKey { job, slice: u32::try_from(slice).ok()?, docs })
    }
}

/// A folder that vanishes, in memory where the system has such a place.
pub(crate) fn folder() -> io::Result<TempDir> {
    let memory = Path::new("/dev/shm");
    TempDir::new_in(memory).or_else(|_| TempDir::new())
}

/// Where the store of a world lies.
pub(crate) fn options(folder: &Path) -> Options {
    Options { database: folder.join("gleaner.db"), objects: folder.join("objects") }
}

/// What results are merged into.
pub(crate) fn tables() -> &'static [Table] {
    the_app().tables()
}

fn the_app() -> &'static dyn App {
    app(APP).expect("the smallest app is always there")
}

fn job_digest(job: JobId) -> Digest {
    digest(format!("job {job}").as_bytes())
}

fn payload(chance: &mut Chance, number: u32) -> io::Result<(PayloadFacts, Bytes)> {
    let word = |chance: &mut Chance| -> String {
        let letter = |chance: &mut Chance| char::from(b'a' + chance.bytes::<1>()[0] % 26);
        (0..chance.between(40, 120)).map(|_| letter(chance)).collect()
    };
    let times = if number.is_multiple_of(LARGE.0) { LARGE.1 } else { 1 };
    let words: Vec<String> = (0..WORDS * times).map(|_| word(chance)).collect();
    let mut builder = PayloadBuilder::default();
    for doc in 0..DOCS {
        let said = (0..60 * times).map(|_| {
            let at = chance.between(0, words.len() as u64 + 20);
            let at = usize::try_from(at).unwrap_or(0);
            words.get(at).map_or("common", String::as_str)
        });
        let document = Document {
            id: doc_id(number, doc),
            kind: Kind::Text,
            year: 2020,
            paragraphs: vec![said.collect::<Vec<_>>().join(" ")],
        };
        builder.push(&document_encode(&document).map_err(io::Error::other)?);
    }
    builder.build().map(|(facts, bytes)| (facts, bytes.into()))
}

fn doc_id(slice: u32, doc: u32) -> String {
    format!("doc-{slice}-{doc}")
}

/// The canonical bytes of a slice's records.
fn result(facts: &PayloadFacts, bytes: &[u8]) -> Vec<u8> {
    let payload = payload_open(facts, bytes).expect("a payload that was just made");
    let prepared: Box<dyn Prepared> =
        the_app().prepare(&Params::new(), None).expect("the app needs nothing");
    let docs = DocRange { first: 0, count: facts.docs };
    run_unit(the_app(), &*prepared, &payload, docs).expect("the app can count words")
}

async fn fill(
    options: Options,
    payloads: Vec<(PayloadFacts, Bytes)>,
) -> Result<CorpusId, Box<dyn std::error::Error + Send + Sync>> {
    let store = Store::open(options).await?;
    for (token, role) in [(OWN, Role::Own), (STRANGER, Role::Volunteer)] {
        let invite = InviteInsert {
            token: digest(&token),
            role,
            account: None,
            uses: 100,
            expires_at_unix_seconds: i64::MAX,
        };
        store.invite_insert(invite).await?;
    }
    let add = store.corpus_begin("texts", 65_536).await?;
    let places = store.payloads_put(payloads.clone()).await?;
    let doc = |slice, doc| DocInsert {
        id: doc_id(slice, doc),
        digest: digest(doc_id(slice, doc).as_bytes()),
        source: "made".into(),
    };
    let slices = (0..).zip(payloads).zip(places).map(|((number, (facts, _)), place)| {
        let docs = (0..facts.docs).map(|one| doc(number, one)).collect();
        SliceInsert { facts, place, docs }
    });
    let brought = Brought { slices: slices.collect(), ..Brought::default() };
    store.slices_insert(add, brought).await?;
    store.corpus_end(add).await?;
    store.close().await;
    Ok(add.corpus)
}

fn read_all(root: &Path, below: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(below))? {
        let entry = entry?;
        let path = below.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            read_all(root, &path, files)?;
        } else {
            files.push((path.clone(), fs::read(root.join(path))?));
        }
    }
    Ok(())
}
