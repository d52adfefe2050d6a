//! A server without its front, in a folder that vanishes.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use gleaner_apps::dictionary::{Concept, Dictionary};
use gleaner_link::Framed;
use gleaner_shared::digest::digest;
use gleaner_shared::document::{Document, Kind};
use gleaner_shared::id::{Digest, HostId};
use gleaner_shared::limits::INTAKE_DOCS_MAX;
use gleaner_shared::payload::document_encode;
use gleaner_shared::policy::Policy;
use gleaner_shared::table::Row;
use gleaner_shared::wire::admin::corpus::{AddWish, IntakeReply, Offer, Step};
use gleaner_shared::wire::admin::job::{JobWish, Phase};
use gleaner_shared::wire::admin::{Problem, Reply, Request};
use gleaner_shared::wire::work::Artefact;
use gleaner_store::{Options, Store};
use tempfile::TempDir;
use tokio::io::{DuplexStream, ReadHalf, WriteHalf};
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

use super::worker::{self, Manner};
use crate::command::Commands;
use crate::dictionaries::Dictionaries;
use crate::driver::{self, Driver, DriverError, Finisher, Handle};
use crate::finish::{Running, Steps};
use crate::registry;

pub(crate) type Stream = Framed<ReadHalf<DuplexStream>, WriteHalf<DuplexStream>>;

/// Bytes on their way between the two ends of a stream.
const DUPLEX_BYTES: usize = 64 * 1024;

pub(crate) struct Scene {
    pub(crate) folder: TempDir,
    pub(crate) store: Store,
    pub(crate) driver: Handle,
    commands: Commands,
    running: JoinHandle<Result<(), DriverError>>,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        Self::over(TempDir::new().unwrap(), Steps::new).await
    }

    /// A scene whose finish steps are somebody else's.
    pub(crate) async fn over<F: Finisher + Sync + 'static>(
        folder: TempDir,
        finisher: impl FnOnce(Store, Handle, Running) -> F,
    ) -> Self {
        let database = folder.path().join("gleaner.db");
        let options = Options { database, objects: folder.path().join("objects") };
        let store = Store::open(options).await.unwrap();
        let (driver, inputs) = driver::queue();
        let finishing = Running::default();
        let finisher = finisher(store.clone(), driver.clone(), finishing.clone());
        let owner = Driver::new(store.clone(), finisher, registry::tables_of).await.unwrap();
        let commands = Commands {
            store: store.clone(),
            driver: driver.clone(),
            id: HostId([0; 32]),
            address: "localhost:1".into(),
            started: Instant::now(),
            submitting: Arc::default(),
            adding: Arc::default(),
            tasks: TaskTracker::new(),
            dictionaries: Dictionaries::default(),
            finishing,
            planning: Arc::default(),
        };
        Self { folder, store, driver, commands, running: tokio::spawn(owner.run(inputs)) }
    }

    /// The process dies, and another begins.
    pub(crate) async fn restarted(self) -> Self {
        self.running.abort();
        assert!(self.running.await.unwrap_err().is_cancelled());
        self.store.close().await;
        Self::over(self.folder, Steps::new).await
    }

    /// A stream as an admin opens it.
    pub(crate) fn open(&self) -> Stream {
        let (ours, theirs) = tokio::io::duplex(DUPLEX_BYTES);
        let framed = |end| {
            let (source, target) = tokio::io::split(end);
            Framed::new(source, target)
        };
        let (commands, mut served) = (self.commands.clone(), framed(theirs));
        // It ends with the asker's end of the stream; whether in order, the asker sees.
        tokio::spawn(async move { commands.serve(&mut served).await });
        framed(ours)
    }

    /// All replies to a request.
    pub(crate) async fn replies(&self, request: &Request) -> Vec<Reply> {
        let mut stream = self.open();
        stream.send(request).await.unwrap();
        stream.finish().await.unwrap();
        let mut replies = Vec::new();
        while let Some(reply) = stream.receive_or_end().await.unwrap() {
            replies.push(reply);
        }
        replies
    }

    /// The one reply to a request.
    pub(crate) async fn reply(&self, request: &Request) -> Reply {
        let replies = self.replies(request).await;
        <[Reply; 1]>::try_from(replies).map(|[reply]| reply).unwrap()
    }

    /// The problem that a request meets.
    pub(crate) async fn problem(&self, request: &Request) -> Problem {
        match self.replies(request).await.pop() {
            Some(Reply::Failed(problem)) => problem,
            reply => panic!("{reply:?}"),
        }
    }

    pub(crate) async fn corpus_add(&self, name: &str, documents: &[Document], slice_bytes: u32) {
        let mut stream = self.open();
        let wish = AddWish { name: name.into(), slice_bytes };
        stream.send(&Request::CorpusAdd(wish)).await.unwrap();
        assert_eq!(intake(&mut stream).await, IntakeReply::Ready);
        for part in documents.chunks(INTAKE_DOCS_MAX) {
            let encoded: Vec<_> = part.iter().map(|one| document_encode(one).unwrap()).collect();
            let offers = part.iter().zip(&encoded).map(|(document, bytes)| Offer {
                id: document.id.clone(),
                digest: digest(bytes),
                source: document.id.clone(),
            });
            stream.send(&Step::Offer(offers.collect())).await.unwrap();
            assert!(matches!(intake(&mut stream).await, IntakeReply::Wanted(_)));
            let lengths = encoded.iter().map(|bytes| u32::try_from(bytes.len()).unwrap());
            stream.send(&Step::Documents(lengths.collect())).await.unwrap();
            for bytes in &encoded {
                stream.send_bytes(bytes).await.unwrap();
            }
            assert_eq!(intake(&mut stream).await, IntakeReply::Ready);
        }
        stream.send(&Step::End).await.unwrap();
        assert!(matches!(intake(&mut stream).await, IntakeReply::Added(_)));
    }

    pub(crate) async fn data_put(&self, bytes: &[u8]) -> Digest {
        let digest = digest(bytes);
        let mut stream = self.open();
        let artefact = Artefact { digest, len: bytes.len() as u64 };
        stream.send(&Request::ArtefactPut(artefact)).await.unwrap();
        assert_eq!(stream.receive::<Reply>().await.unwrap(), Reply::Have(false));
        stream.send_bytes(bytes).await.unwrap();
        assert_eq!(stream.receive::<Reply>().await.unwrap(), Reply::Done);
        digest
    }

    pub(crate) async fn submit(&self, wish: JobWish) {
        let reply = self.reply(&Request::JobSubmit(wish)).await;
        assert!(matches!(reply, Reply::Job(_)), "{reply:?}");
    }

    /// Follows a job to its end.
    pub(crate) async fn ended(&self, job: &str) -> Phase {
        match self.replies(&Request::JobFollow { name: job.into() }).await.pop() {
            Some(Reply::Job(status)) => status.phase,
            reply => panic!("{reply:?}"),
        }
    }

    /// Submits a job and computes it to its end.
    pub(crate) async fn done(&self, wish: JobWish) {
        let name = wish.name.clone();
        self.submit(wish).await;
        self.worked(&name, Manner::Compute).await;
    }

    /// Lets a host work until a job is done.
    pub(crate) async fn worked(&self, job: &str, manner: Manner) {
        let worker = worker::work(self.store.clone(), self.driver.clone(), manner);
        tokio::select! {
            phase = self.ended(job) => assert_eq!(phase, Phase::Done),
            () = worker => panic!("the driver has ended"),
        }
    }

    /// The rows of one file of a job's export.
    pub(crate) async fn rows(&self, job: &str, file: &str) -> Vec<Row> {
        let request = Request::ResultRows { job: job.into(), file: file.into() };
        let mut replies = self.replies(&request).await;
        assert_eq!(replies.pop(), Some(Reply::Done));
        let rows = replies.into_iter().map(|reply| match reply {
            Reply::Rows(rows) => rows,
            reply => panic!("{reply:?}"),
        });
        rows.flatten().collect()
    }
}

pub(crate) async fn intake(stream: &mut Stream) -> IntakeReply {
    match stream.receive().await.unwrap() {
        Reply::Intake(reply) => reply,
        reply => panic!("{reply:?}"),
    }
}

pub(crate) fn wish(name: &str, app: &str, data: Option<Digest>) -> JobWish {
    JobWish {
        name: name.into(),
        corpus: "texts".into(),
        app: app.into(),
        params: Vec::new(),
        data,
        policy: Policy::default(),
    }
}

pub(crate) fn document(id: &str, year: u16, paragraphs: &[&str]) -> Document {
    let paragraphs = paragraphs.iter().map(|text| (*text).to_owned()).collect();
    Document { id: id.into(), kind: Kind::Text, year, paragraphs }
}

/// A compiled dictionary of concepts that have a label each.
pub(crate) fn dictionary(labels: &[(&str, &str)]) -> Vec<u8> {
    let concept = |(id, label): &(&str, &str)| Concept {
        id: (*id).to_owned(),
        label: (*label).to_owned(),
        synonyms: Vec::new(),
    };
    Dictionary::compile(labels.iter().map(concept)).unwrap().encode()
}

/// The objects of one sort.
pub(crate) fn files(folder: &TempDir, sort: &str) -> Vec<PathBuf> {
    let list = |folder: PathBuf| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    list(folder.path().join("objects").join(sort)).flat_map(list).collect()
}
