//! The sentences that articles are shown with, read from the payloads.

use std::collections::BTreeMap;

use gleaner_apps::text::sentence_text;
use gleaner_shared::id::CorpusId;
use gleaner_shared::limits::SENTENCE_BYTES_MAX;
use gleaner_shared::payload::{PayloadFacts, payload_open};
use gleaner_store::{ArticleFound, Store, StoreError};

/// One article's sentence: where the answer lists it, where it lies.
struct Wanted {
    index: usize,
    position: u32,
    doc: String,
    first: (u32, u32),
}

/// The first sentence with both concepts of each article, in order. Each payload is read once, one
/// at a time.
pub(super) async fn of(
    store: &Store,
    corpus: CorpusId,
    articles: &[ArticleFound],
) -> Result<Vec<String>, StoreError> {
    let mut payloads: BTreeMap<_, (PayloadFacts, Vec<Wanted>)> = BTreeMap::new();
    for (index, article) in articles.iter().enumerate() {
        let place = store.document_find(corpus, &article.doc).await?;
        let place = place.ok_or_else(|| StoreError::Absent(format!("document {}", article.doc)))?;
        let wanted = Wanted {
            index,
            position: place.position,
            doc: article.doc.clone(),
            first: article.first,
        };
        let entry = payloads.entry(place.payload.digest);
        entry.or_insert_with(|| (place.payload, Vec::new())).1.push(wanted);
    }
    let mut sentences = vec![String::new(); articles.len()];
    for (facts, wanted) in payloads.into_values() {
        let bytes = store.payload_read(facts.digest).await?;
        let read = tokio::task::spawn_blocking(move || sentences_read(&facts, &bytes, &wanted));
        let read = read.await.map_err(|error| StoreError::Damaged {
            what: format!("payload {:.8}", facts.digest),
            why: error.to_string(),
        })?;
        for (index, sentence) in read? {
            sentences[index] = sentence;
        }
    }
    Ok(sentences)
}

fn sentences_read(
    facts: &PayloadFacts,
    bytes: &[u8],
    wanted: &[Wanted],
) -> Result<Vec<(usize, String)>, StoreError> {
    let what = || format!("payload {:.8}", facts.digest);
    let damaged = |why: String| StoreError::Damaged { what: what(), why };
    let payload = payload_open(facts, bytes).map_err(|error| damaged(error.to_string()))?;
    let mut sentences = Vec::with_capacity(wanted.len());
    for Wanted { index, position, doc, first } in wanted {
        let document = payload.document(*position).map_err(|error| damaged(error.to_string()))?;
        if document.id != *doc {
            let why = format!("document {doc} is not at its position {position}");
            return Err(damaged(why));
        }
        let sentence = sentence_text(&document, first.0, first.1);
        let sentence = sentence.ok_or_else(|| {
            let (paragraph, sentence) = first;
            damaged(format!("document {doc} has no sentence {sentence} in paragraph {paragraph}"))
        })?;
        sentences.push((*index, shortened(sentence)));
    }
    Ok(sentences)
}

/// A text without ends of sentences is one sentence of any length.
fn shortened(mut sentence: String) -> String {
    if sentence.len() > SENTENCE_BYTES_MAX {
        sentence.truncate(sentence.floor_char_boundary(SENTENCE_BYTES_MAX));
        sentence.push('…');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_without_end_is_cut_at_a_character() {
        assert_eq!(shortened("short".into()), "short");
        let long = format!("x{}", "ä".repeat(SENTENCE_BYTES_MAX));
        let cut = shortened(long.clone());
        assert!(cut.len() <= SENTENCE_BYTES_MAX + '…'.len_utf8());
        assert!(long.starts_with(cut.trim_end_matches('…')));
    }
}
