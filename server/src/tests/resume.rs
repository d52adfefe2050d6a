//! An intake that is cut off at any step and repeated is one that was not.

use gleaner_shared::digest::digest;
use gleaner_shared::document::Document;
use gleaner_shared::payload::{PayloadFacts, document_encode};
use gleaner_shared::wire::admin::corpus::{
    AddWish, Added, IntakeReply, Name, Offer, Step, Verified, Want, stretch_digest,
};
use gleaner_shared::wire::admin::{Reply, Request};

use super::scene::{Scene, Stream, document, intake};

const CORPUS: &str = "texts";
const SLICE_BYTES: u32 = 4_096;
/// Documents of one step.
const STEP: usize = 5;

fn documents(count: usize) -> Vec<Document> {
    let text = |number: usize| format!("text {number} ").repeat(20 + number * 37 % 90);
    (0..count).map(|number| document(&format!("d{number:03}"), 0, &[&text(number)])).collect()
}

/// Where an intake is cut off.
#[derive(Clone, Copy, PartialEq)]
enum Cut {
    Never,
    /// After so many documents have been sent.
    After(usize),
    /// As well, in the middle of the next one.
    Within(usize),
}

/// Adds as the admin command does; gives how many documents it sent, and the end.
async fn add(scene: &Scene, documents: &[Document], cut: Cut) -> (usize, Option<Added>) {
    let mut stream = scene.open();
    let wish = AddWish { name: CORPUS.into(), slice_bytes: SLICE_BYTES };
    stream.send(&Request::CorpusAdd(wish)).await.unwrap();
    assert_eq!(intake(&mut stream).await, IntakeReply::Ready);
    let mut sent = 0;
    for part in documents.chunks(STEP) {
        for (document, bytes) in wanted(&mut stream, part).await {
            match cut {
                Cut::After(after) if after == sent => return (sent, None),
                Cut::Within(after) if after == sent => {
                    stream.send_bytes(&bytes[..bytes.len() / 2]).await.unwrap();
                    return (sent, None);
                }
                _ => {}
            }
            assert!(!document.is_empty());
            stream.send_bytes(&bytes).await.unwrap();
            sent += 1;
        }
    }
    stream.send(&Step::End).await.unwrap();
    match last(&mut stream).await {
        IntakeReply::Added(added) => (sent, Some(added)),
        reply => panic!("{reply:?}"),
    }
}

/// The reply to the last step, behind those that say `Ready` to documents.
async fn last(stream: &mut Stream) -> IntakeReply {
    loop {
        match intake(stream).await {
            IntakeReply::Ready => {}
            reply => return reply,
        }
    }
}

/// Asks for a step's documents and announces those that are not there.
async fn wanted(stream: &mut Stream, part: &[Document]) -> Vec<(String, Vec<u8>)> {
    let encoded = part.iter().map(|one| (one.id.clone(), document_encode(one).unwrap()));
    let encoded: Vec<(String, Vec<u8>)> = encoded.collect();
    let stretch = stretch_digest(encoded.iter().map(|(id, bytes)| (id.as_str(), digest(bytes))));
    stream.send(&Step::Stretch(stretch)).await.unwrap();
    if last(stream).await == IntakeReply::Known(true) {
        return Vec::new();
    }
    let name = |(id, bytes): &(String, Vec<u8>)| Name { id: id.clone(), digest: digest(bytes) };
    stream.send(&Step::Ask(encoded.iter().map(name).collect())).await.unwrap();
    let IntakeReply::Wanted(wants) = intake(stream).await else { panic!("no answer") };
    let rest = encoded.into_iter().zip(wants).filter(|(_, want)| *want == Want::Send);
    let rest: Vec<_> = rest.map(|(one, _)| one).collect();
    if rest.is_empty() {
        return rest;
    }
    let offer = |(id, bytes): &(String, Vec<u8>)| Offer {
        id: id.clone(),
        digest: digest(bytes),
        source: format!("{id}.txt"),
    };
    stream.send(&Step::Offer(rest.iter().map(offer).collect())).await.unwrap();
    assert_eq!(intake(stream).await, IntakeReply::Wanted(vec![Want::Send; rest.len()]));
    let lengths = rest.iter().map(|(_, bytes)| u32::try_from(bytes.len()).unwrap());
    stream.send(&Step::Documents(lengths.collect())).await.unwrap();
    rest
}

/// The digest of the corpus and its slices, which are all right.
async fn state(scene: &Scene) -> (String, Vec<PayloadFacts>) {
    // First: it waits for an intake that still writes what it held.
    let mut replies = scene.replies(&Request::CorpusVerify { name: CORPUS.into() }).await;
    let row = scene.store.corpus_show(CORPUS).await.unwrap().unwrap();
    let right =
        Verified { payloads: row.slices.into(), documents: row.documents, wrong: Vec::new() };
    assert_eq!(replies.pop(), Some(Reply::Verified(right)));
    let (corpus, _) = scene.store.corpus_find(CORPUS).await.unwrap().unwrap();
    let slices = scene.store.corpus_slices(corpus, 0, u32::MAX).await.unwrap();
    let raw: u64 = slices.iter().map(|slice| u64::from(slice.facts.raw_len)).sum();
    let packed: u64 = slices.iter().map(|slice| u64::from(slice.facts.len)).sum();
    assert_eq!((row.raw_bytes, row.packed_bytes), (raw, packed));
    assert_eq!(row.slices as usize, slices.len());
    (row.digest, slices.iter().map(|slice| slice.facts).collect())
}

async fn uncut(documents: &[Document]) -> (String, Vec<PayloadFacts>) {
    let scene = Scene::new().await;
    assert_eq!(add(&scene, documents, Cut::Never).await.0, documents.len());
    state(&scene).await
}

#[tokio::test]
async fn cut_anywhere_nothing_is_sent_again_and_the_slices_are_the_same() {
    let documents = documents(60);
    let whole = uncut(&documents).await;
    assert!(whole.1.len() > 8, "{} slices", whole.1.len());
    let scene = Scene::new().await;
    let mut total = 0;
    for cut in [0, 3, 1, 0, 9, 17, 5, 2].map(Cut::After) {
        let (sent, ended) = add(&scene, &documents, cut).await;
        assert!(ended.is_none());
        total += sent;
        let row = scene.store.corpus_show(CORPUS).await.unwrap().unwrap();
        assert!(!row.complete && row.digest.is_empty());
    }
    let (sent, ended) = add(&scene, &documents, Cut::Never).await;
    let ended = ended.unwrap();
    assert_eq!(total + sent, documents.len(), "each document was sent once");
    assert_eq!((ended.new_documents as usize, ended.known_documents), (sent, total as u64));
    assert_eq!(state(&scene).await, whole);
}

#[tokio::test]
async fn a_document_that_was_cut_is_sent_again_whole() {
    let documents = documents(20);
    let scene = Scene::new().await;
    assert_eq!(add(&scene, &documents, Cut::Within(7)).await.0, 7);
    assert_eq!(add(&scene, &documents, Cut::Never).await.0, 13);
    assert_eq!(state(&scene).await, uncut(&documents).await);
}

#[tokio::test]
async fn another_order_sends_no_more_and_has_the_same_digest() {
    let mut documents = documents(40);
    let (digest, _) = uncut(&documents).await;
    let scene = Scene::new().await;
    let first = add(&scene, &documents, Cut::After(18)).await.0;
    documents.reverse();
    documents.rotate_left(11);
    assert_eq!(first + add(&scene, &documents, Cut::Never).await.0, documents.len());
    assert_eq!(state(&scene).await.0, digest);
}

#[tokio::test]
async fn a_file_that_changed_meanwhile_is_not_taken_for_the_old_one() {
    let mut documents = documents(20);
    let scene = Scene::new().await;
    add(&scene, &documents, Cut::After(15)).await;
    documents[2].paragraphs = vec!["another text".into()];
    let mut stream = scene.open();
    let wish = AddWish { name: CORPUS.into(), slice_bytes: SLICE_BYTES };
    stream.send(&Request::CorpusAdd(wish)).await.unwrap();
    assert_eq!(intake(&mut stream).await, IntakeReply::Ready);
    let encoded = document_encode(&documents[2]).unwrap();
    let offer = Offer { id: "d002".into(), digest: digest(&encoded), source: "new.txt".into() };
    stream.send(&Step::Offer(vec![offer])).await.unwrap();
    assert_eq!(intake(&mut stream).await, IntakeReply::Wanted(vec![Want::Duplicate]));
    // What was set aside is no stretch: the next intake has to set it aside again.
    let stretch = stretch_digest([("d002", digest(&encoded))].into_iter());
    stream.send(&Step::Stretch(stretch)).await.unwrap();
    assert_eq!(intake(&mut stream).await, IntakeReply::Known(false));
}

#[tokio::test]
async fn a_server_that_is_killed_loses_what_is_in_no_pack_and_no_stretch_lies() {
    let documents = documents(30);
    let scene = Scene::new().await;
    add(&scene, &documents, Cut::After(12)).await;
    state(&scene).await;
    let before = scene.store.corpus_show(CORPUS).await.unwrap().unwrap().documents;
    assert_eq!(before, 12);
    // The server goes while an intake is under way.
    let (_open, scene) = {
        let mut stream = scene.open();
        let wish = AddWish { name: CORPUS.into(), slice_bytes: SLICE_BYTES };
        stream.send(&Request::CorpusAdd(wish)).await.unwrap();
        assert_eq!(intake(&mut stream).await, IntakeReply::Ready);
        for (_, bytes) in wanted(&mut stream, &documents[12..17]).await {
            stream.send_bytes(&bytes).await.unwrap();
        }
        assert_eq!(intake(&mut stream).await, IntakeReply::Ready);
        (stream, scene.restarted().await)
    };
    let (sent, _) = add(&scene, &documents, Cut::Never).await;
    assert_eq!(sent, 18, "what was only held is sent again");
    assert_eq!(state(&scene).await, uncut(&documents).await);
}
