//! Finish steps beside a real driver: what they derive, and that nothing but time is lost with them.

use std::fs;
use std::path::PathBuf;

use gleaner_shared::document::Document;
use gleaner_shared::id::{Digest, JobId};
use gleaner_shared::table::{Row, Value};
use gleaner_shared::wire::admin::job::{Change, Phase};
use gleaner_shared::wire::admin::{Reply, Request};
use gleaner_store::{Store, StoreError};
use tempfile::TempDir;
use tokio::sync::mpsc;

use super::scene::{Scene, dictionary, document, files, wish};
use super::worker::{Manner, work};
use crate::driver::{self, Finisher, Handle};
use crate::finish::{Running, Steps};

const JOB: JobId = JobId(1);

/// A fever, a cough and malaria in one sentence, then in pairs; and one concept alone: the graph
/// of the specification's example.
fn documents() -> [Document; 2] {
    [
        document("d1", 2003, &["Fever, cough and malaria came."]),
        document("d2", 0, &["Fever and cough. Fever and malaria.", "Anosmia."]),
    ]
}

fn concepts() -> Vec<u8> {
    dictionary(&[("A:1", "fever"), ("B:2", "cough"), ("C:3", "malaria"), ("D:4", "anosmia")])
}

fn nodes() -> Vec<Row> {
    let row = |id: &str, label: &str, numbers: [i64; 6]| -> Row {
        let texts = [id, label].map(|text| Value::Text(text.into()));
        texts.into_iter().chain(numbers.map(Value::Int)).collect()
    };
    vec![
        row("A:1", "fever", [3, 3, 2, 2, 4, 324_589_289_379]),
        row("B:2", "cough", [2, 2, 2, 2, 3, 250_022_215_711]),
        row("C:3", "malaria", [2, 2, 2, 2, 3, 250_022_215_711]),
        row("D:4", "anosmia", [1, 1, 1, 0, 0, 41_231_686_041]),
    ]
}

/// A scene with a job that is submitted, and its data.
async fn submitted(scene: &Scene) -> Digest {
    scene.corpus_add("texts", &documents(), 1_024).await;
    let data = scene.data_put(&concepts()).await;
    scene.submit(wish("graph", "ontology-match", Some(data))).await;
    data
}

/// Says that a step was wanted, and lets it never end.
struct Cut(mpsc::UnboundedSender<()>);

impl Finisher for Cut {
    fn start(&mut self, _job: JobId, _generation: u32) {
        self.0.send(()).unwrap();
    }
}

/// A scene whose job has all units merged, and whose finish step was wanted but did not run.
async fn cut() -> (Scene, Digest) {
    let (sender, mut wanted) = mpsc::unbounded_channel();
    let scene = Scene::over(TempDir::new().unwrap(), |_, _, _| Cut(sender)).await;
    let data = submitted(&scene).await;
    tokio::select! {
        wanted = wanted.recv() => wanted.unwrap(),
        () = work(scene.store.clone(), scene.driver.clone(), Manner::Compute) => panic!("the driver has ended"),
    }
    (scene, data)
}

#[tokio::test]
async fn the_specs_example_gives_the_specs_ranks() {
    let scene = Scene::new().await;
    scene.corpus_add("texts", &documents(), 1_024).await;
    let data = scene.data_put(&concepts()).await;
    scene.done(wish("graph", "ontology-match", Some(data))).await;
    assert_eq!(scene.rows("graph", "nodes").await, nodes());
}

#[tokio::test]
async fn a_graph_of_nothing_is_done_too() {
    let scene = Scene::new().await;
    scene.corpus_add("texts", &[document("d1", 0, &["Nothing of it."])], 1_024).await;
    let data = scene.data_put(&concepts()).await;
    scene.done(wish("graph", "ontology-match", Some(data))).await;
    assert_eq!(scene.rows("graph", "nodes").await, Vec::<Row>::new());
}

#[tokio::test]
async fn a_retry_replaces_what_was_derived() {
    let scene = Scene::new().await;
    submitted(&scene).await;
    scene.worked("graph", Manner::Refuse).await;
    assert_eq!(scene.rows("graph", "nodes").await, Vec::<Row>::new());
    let retry = Request::JobChange { name: "graph".into(), change: Change::Retry };
    assert!(matches!(scene.reply(&retry).await, Reply::Job(_)));
    scene.worked("graph", Manner::Compute).await;
    assert_eq!(scene.rows("graph", "nodes").await, nodes());
}

#[tokio::test]
async fn a_step_that_a_crash_cut_off_runs_again() {
    let (scene, _) = cut().await;
    let scene = scene.restarted().await;
    assert_eq!(scene.ended("graph").await, Phase::Done);
    assert_eq!(scene.rows("graph", "nodes").await, nodes());
}

#[tokio::test]
async fn a_lost_dictionary_delays_a_step_until_it_is_back() {
    let (scene, data) = cut().await;
    let lost = scene.folder.path().join("lost");
    let [place] = <[PathBuf; 1]>::try_from(files(&scene.folder, "artefact")).unwrap();
    fs::rename(&place, &lost).unwrap();
    assert!(matches!(scene.store.artefact_read(data).await, Err(StoreError::Damaged { .. })));
    let scene = scene.restarted().await;
    let why = Request::JobWhy { name: "graph".into() };
    loop {
        let Reply::Why(why) = scene.reply(&why).await else { panic!("no reasons") };
        if let Some(failed) = why.iter().find(|why| why.starts_with("Its finish step failed")) {
            assert!(failed.contains("restore it from a backup"), "{failed}");
            break;
        }
    }
    fs::rename(&lost, &place).unwrap();
    assert_eq!(scene.ended("graph").await, Phase::Done);
    assert_eq!(scene.rows("graph", "nodes").await, nodes());
}

/// What a driver is told by steps that were started so.
async fn told(store: &Store, starts: &[u32]) -> usize {
    let (handle, mut inputs) = driver::queue();
    let mut steps = Steps::new(store.clone(), handle, Running::default());
    for generation in starts {
        steps.start(JOB, *generation);
    }
    drop(steps);
    let mut told = 0;
    // It ends when the last step has let its handle go.
    while inputs.recv().await.is_some() {
        told += 1;
    }
    told
}

#[tokio::test]
async fn a_generation_is_told_once_and_a_past_one_never() {
    let (scene, _) = cut().await;
    for (starts, expected) in
        [(&[1][..], 1), (&[1, 1], 1), (&[0], 0), (&[2], 0), (&[0, 1], 1), (&[], 0)]
    {
        assert_eq!(told(&scene.store, starts).await, expected, "{starts:?}");
    }
    assert_eq!(told(&scene.store, &[1]).await, 1, "the same again does no harm");
}

/// Steps that count how often they were started.
struct Counted(Steps, mpsc::UnboundedSender<u32>);

impl Finisher for Counted {
    fn start(&mut self, job: JobId, generation: u32) {
        self.1.send(generation).unwrap();
        self.0.start(job, generation);
    }
}

#[tokio::test]
async fn a_job_without_a_finish_is_done_at_once() {
    let (sender, mut started) = mpsc::unbounded_channel();
    let steps = |store: Store, driver: Handle, running: Running| {
        Counted(Steps::new(store, driver, running), sender)
    };
    let scene = Scene::over(TempDir::new().unwrap(), steps).await;
    scene.corpus_add("texts", &documents(), 1_024).await;
    scene.done(wish("words", "word-count", None)).await;
    assert_eq!(started.recv().await, Some(1));
    assert!(started.try_recv().is_err());
}
