//! Corpora: intake, digest, what was set aside, removal.

use gleaner_shared::digest::digest;
use gleaner_shared::id::Digest;
use gleaner_shared::wire::admin::corpus::Aside;
use gleaner_store::{
    Brought, CorpusAdd, CorpusError, DocInsert, Known, SliceInsert, Store, StoreError,
};

use crate::scene::{ALL, JOB, doc_id, open, payload, slices_make, unit, with_job};

fn doc(id: &str) -> DocInsert {
    DocInsert { id: id.into(), digest: digest(id.as_bytes()), source: format!("{id}.txt") }
}

/// One slice with these documents.
async fn insert(store: &Store, add: CorpusAdd, number: u32, ids: &[&str]) {
    let (facts, bytes) = payload(number);
    let place = store.payloads_put(vec![(facts, bytes)]).await.unwrap()[0];
    let docs = ids.iter().map(|id| doc(id)).collect();
    let slices = vec![SliceInsert { facts, place, docs }];
    store.slices_insert(add, Brought { slices, ..Brought::default() }).await.unwrap();
}

async fn digest_after(order: &[&[&str]]) -> Digest {
    let folder = tempfile::TempDir::new().unwrap();
    let store = open(folder.path()).await;
    let add = store.corpus_begin("c", 1_024).await.unwrap();
    for (number, ids) in (0..).zip(order) {
        insert(&store, add, number, ids).await;
    }
    store.corpus_end(add).await.unwrap()
}

#[tokio::test]
async fn a_corpus_is_its_documents_in_whatever_order() {
    let one = digest_after(&[&["a", "b"], &["c"], &["Z"]]).await;
    assert_eq!(one, digest_after(&[&["Z", "c", "b", "a"]]).await);
    assert_eq!(one, digest_after(&[&["c"], &["b", "Z"], &["a"]]).await);
    assert_ne!(one, digest_after(&[&["a", "b"], &["c"]]).await);
    assert_ne!(one, digest_after(&[&["a", "b"], &["c"], &["z"]]).await);
}

#[tokio::test]
async fn adding_the_same_again_changes_nothing() {
    let folder = tempfile::TempDir::new().unwrap();
    let store = open(folder.path()).await;
    let aside = |reason: &str| Aside {
        source: "x.json".into(),
        position: "line 3".into(),
        reason: reason.into(),
    };
    let mut shown = Vec::new();
    for round in 0..3 {
        let add = store.corpus_begin("c", 1_024).await.unwrap();
        assert_eq!(add.added, round + 1);
        let row = store.corpus_show("c").await.unwrap().unwrap();
        assert!(!row.complete && row.digest.is_empty());
        if round == 0 {
            insert(&store, add, 0, &["a", "b"]).await;
        }
        let asides = vec![aside("not JSON"), aside(&"é".repeat(2_000))];
        store.slices_insert(add, Brought { asides, ..Brought::default() }).await.unwrap();
        store.corpus_end(add).await.unwrap();
        let asides = store.corpus_asides("c", ALL).await.unwrap();
        assert_eq!(asides.len(), 2);
        assert_eq!(asides[1].reason, "é".repeat(512), "a reason is cut at its bound");
        shown.push((store.corpus_show("c").await.unwrap().unwrap(), asides));
    }
    assert!(shown.iter().all(|row| *row == shown[0]));
    let row = &shown[0].0;
    assert!(row.complete);
    assert_eq!((row.documents, row.slices, row.set_aside, row.raw_bytes), (2, 1, 2, 1_000));
    assert_eq!(store.corpus_list().await.unwrap(), std::slice::from_ref(row));
}

#[tokio::test]
async fn known_documents_are_told_from_others() {
    let (_folder, store) = with_job(40).await;
    let corpus = store.corpus_find("demo").await.unwrap().unwrap().0;
    let mut offered: Vec<_> = (0..40)
        .map(|slice| doc_id(slice, 3))
        .map(|id| (id.clone(), digest(id.as_bytes())))
        .collect();
    offered.extend((0..40).map(|number| (format!("new-{number}"), digest(b"new"))));
    offered.push((doc_id(7, 0), digest(b"changed")));
    let known = store.documents_known(corpus, &offered).await.unwrap();
    assert!(known[..40].iter().all(|known| *known == Known::Same { added: 1 }));
    assert!(known[40..80].iter().all(|known| *known == Known::Absent));
    assert_eq!(known[80], Known::Other { source: "file-7.txt".into() });
    assert!(store.documents_known(corpus, &[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_document_comes_once_and_its_slice_not_without_it() {
    let (_folder, store) = with_job(2).await;
    let add = store.corpus_begin("demo", 1_024).await.unwrap();
    let (facts, bytes) = payload(5);
    let place = store.payloads_put(vec![(facts, bytes)]).await.unwrap()[0];
    let docs = vec![doc("new"), doc(&doc_id(1, 2))];
    let twice = SliceInsert { facts, place, docs };
    let twice = Brought { slices: vec![twice], ..Brought::default() };
    assert!(store.slices_insert(add, twice).await.is_err());
    let row = store.corpus_show("demo").await.unwrap().unwrap();
    assert_eq!((row.documents, row.slices), (8, 2));
    assert!(store.document_find(add.corpus, "new").await.unwrap().is_none());
}

#[tokio::test]
async fn an_intake_that_was_overtaken_ends_nothing() {
    let folder = tempfile::TempDir::new().unwrap();
    let store = open(folder.path()).await;
    let old = slices_make(&store, "c", 1).await;
    let new = store.corpus_begin("c", 1_024).await.unwrap();
    assert!(store.corpus_end(old).await.is_err());
    assert!(store.slices_insert(old, Brought::default()).await.is_err());
    store.corpus_end(new).await.unwrap();
}

#[tokio::test]
async fn slices_and_documents_are_found() {
    let (_folder, store) = with_job(6).await;
    let corpus = store.corpus_find("demo").await.unwrap().unwrap().0;
    let found = store.document_find(corpus, &doc_id(4, 2)).await.unwrap().unwrap();
    assert_eq!((found.slice, found.position, found.payload), (4, 2, payload(4).0));
    assert_eq!(store.slice_docs(JOB, 4, 10).await.unwrap(), [4, 4]);
    let slices = store.corpus_slices(corpus, 2, 3).await.unwrap();
    assert_eq!(slices.iter().map(|slice| slice.number).collect::<Vec<_>>(), [2, 3, 4]);
    let units: Vec<_> = [5, 0, 3].map(|slice| (slice, unit(slice).docs)).into();
    let granted = store.grant_units(JOB, &units).await.unwrap();
    let payloads: Vec<_> = granted.iter().map(|unit| unit.payload).collect();
    assert_eq!(payloads, [5, 0, 3].map(|slice| payload(slice).0));
    assert!(store.grant_units(JOB, &[(6, unit(6).docs)]).await.is_err());
    let brief = store.job_brief(JOB).await.unwrap().unwrap();
    assert_eq!((brief.name.as_str(), brief.params.len()), ("count", 2));
    for (docs, known) in [((0, 4), true), ((3, 1), true), ((3, 2), false), ((0, 0), false)] {
        let docs = gleaner_shared::unit::DocRange { first: docs.0, count: docs.1 };
        let unit = store.unit_find(brief.digest, payload(3).0.digest, docs).await.unwrap();
        assert_eq!(unit.map(|unit| (unit.job, unit.slice)), known.then_some((JOB, 3)));
    }
}

#[tokio::test]
async fn a_corpus_in_use_stays_and_packs_go_with_the_last_that_needs_them() {
    let (_folder, store) = with_job(3).await;
    slices_make(&store, "copy", 3).await;
    let refused = store.corpus_remove("demo").await;
    assert!(matches!(refused, Err(CorpusError::Used { jobs: 1, .. })));
    store.corpus_remove("copy").await.unwrap();
    assert!(matches!(store.corpus_remove("copy").await, Err(CorpusError::Absent(_))));
    store.payload_read(payload(0).0.digest).await.unwrap();

    let folder = tempfile::TempDir::new().unwrap();
    let store = open(folder.path()).await;
    let add = slices_make(&store, "alone", 3).await;
    let place = store.payloads_put((0..3).map(payload).collect()).await.unwrap()[0];
    store.corpus_remove("alone").await.unwrap();
    assert!(matches!(store.payload_read(payload(0).0.digest).await, Err(StoreError::Absent(_))));
    let pack = format!("objects/pack/{:.1}/{}", place.pack, place.pack);
    assert!(!folder.path().join(pack).exists());
    assert_ne!(store.corpus_begin("alone", 1).await.unwrap().corpus, add.corpus);
}
