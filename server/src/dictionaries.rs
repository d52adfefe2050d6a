//! The dictionaries of jobs: read from their artefacts, and a few kept ready for questions.

use std::collections::VecDeque;
use std::sync::Arc;

use gleaner_apps::dictionary::{ArtefactError, Dictionary};
use gleaner_apps::matcher::Matcher;
use gleaner_shared::id::Digest;
use gleaner_shared::limits::DICTIONARIES_KEPT_MAX;
use gleaner_store::{Store, StoreError};
use tokio::sync::Mutex;
use tokio::task::JoinError;

/// Why there is no dictionary.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DictionaryError {
    /// Its bytes cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// They are none.
    #[error("the data is no dictionary: {0}")]
    Artefact(#[from] ArtefactError),
    /// The server is stopping, or decoding panicked.
    #[error("the dictionary was not decoded: {0}")]
    Cut(#[from] JoinError),
}

/// Reads and decodes an artefact.
pub(crate) async fn read(store: &Store, data: Digest) -> Result<Dictionary, DictionaryError> {
    let bytes = store.artefact_read(data).await?;
    Ok(tokio::task::spawn_blocking(move || Dictionary::decode(&bytes)).await??)
}

/// Dictionaries made ready, the latest asked for first.
type Kept = VecDeque<(Digest, Arc<Matcher>)>;

/// Dictionaries that were asked for lately, made ready for texts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dictionaries(Arc<Mutex<Kept>>);

impl Dictionaries {
    /// The dictionary of this artefact. One is made ready at a time: two askers must not take the
    /// memory twice.
    pub(crate) async fn ready(
        &self,
        store: &Store,
        data: Digest,
    ) -> Result<Arc<Matcher>, DictionaryError> {
        let mut kept = self.0.lock().await;
        let found = kept.iter().position(|(digest, _)| *digest == data);
        let (digest, matcher) = match found.and_then(|index| kept.remove(index)) {
            Some(found) => found,
            None => {
                kept.truncate(DICTIONARIES_KEPT_MAX - 1);
                let dictionary = read(store, data).await?;
                let made = tokio::task::spawn_blocking(move || Matcher::new(dictionary)).await?;
                (data, Arc::new(made))
            }
        };
        kept.push_front((digest, Arc::clone(&matcher)));
        Ok(matcher)
    }
}
