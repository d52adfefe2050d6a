//! `corpus verify`: every payload read from its place, every document compared with its row, the
//! corpus's digest computed again. One payload is in memory at a time.

use std::time::{Duration, Instant};

use gleaner_link::Framed;
use gleaner_shared::digest::digest;
use gleaner_shared::id::{CorpusId, Digest};
use gleaner_shared::limits::{FOLLOW_EVERY, MESSAGE_BYTES_MAX, PAGE_ROWS, VERIFY_WRONG_MAX};
use gleaner_shared::payload::{PayloadFacts, document_decode, payload_open};
use gleaner_shared::wire::admin::corpus::{CorpusRow, Verified};
use gleaner_shared::wire::admin::{Problem, ProblemKind, Reply};
use gleaner_store::{SliceRecord, StoreError};
use tokio::io::{AsyncRead, AsyncWrite};

use super::series::Ended;
use super::{Commands, problem, store_problem};

/// A verification that goes on.
struct Check {
    what: String,
    corpus: CorpusId,
    row: CorpusRow,
    slices: u32,
    verified: Verified,
}

impl Commands {
    /// Nothing may be added or removed meanwhile: it would look like damage.
    pub(super) async fn corpus_verify<R, W>(
        &self,
        name: &str,
        stream: &mut Framed<R, W>,
    ) -> Result<(), Ended>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let what = format!("corpus {name} cannot be verified");
        let turn = self.adding_turn(name).await;
        let _turn = turn.map_err(|why| Problem { what: what.clone(), ..why })?;
        let mut check = self.check_begin(name, what).await?;
        let total = u64::from(check.row.slices);
        stream.send(&Reply::Progress { done: 0, total }).await?;
        let mut told = Instant::now();
        loop {
            let page = self.store.corpus_slices(check.corpus, check.slices, PAGE_ROWS).await;
            let page = page.map_err(|error| store_problem(&check.what, &error))?;
            let last = page.len() < PAGE_ROWS as usize;
            for slice in page {
                self.slice_check(&mut check, &slice).await?;
                check.slices = slice.number.saturating_add(1);
                if told.elapsed() >= Duration::from_millis(FOLLOW_EVERY.0) {
                    stream.send(&Reply::Progress { done: check.slices.into(), total }).await?;
                    told = Instant::now();
                }
            }
            if last {
                break;
            }
        }
        let verified = self.check_end(check).await?;
        Ok(stream.send(&Reply::Verified(verified)).await?)
    }

    async fn check_begin(&self, name: &str, what: String) -> Result<Check, Problem> {
        let failed = |error| store_problem(&what, &error);
        let row = self.store.corpus_show(name).await.map_err(failed)?;
        let found = self.store.corpus_find(name).await.map_err(failed)?;
        let (Some(row), Some((corpus, _))) = (row, found) else {
            let why = "there is no such corpus";
            return Err(problem(ProblemKind::NotFound, &what, why, "gleaner-admin corpus list"));
        };
        let verified = Verified { payloads: 0, documents: 0, wrong: Vec::new() };
        Ok(Check { what, corpus, row, slices: 0, verified })
    }

    async fn slice_check(&self, check: &mut Check, slice: &SliceRecord) -> Result<(), Problem> {
        let rows = self.store.slice_documents(check.corpus, slice.number).await;
        let rows = rows.map_err(|error| store_problem(&check.what, &error))?;
        let bytes = match self.store.slice_read(slice).await {
            Ok(bytes) => bytes,
            Err(error @ (StoreError::Damaged { .. } | StoreError::Objects(_))) => {
                check.wrong(format!("slice {}: {error}", slice.number));
                return Ok(());
            }
            Err(error) => return Err(store_problem(&check.what, &error)),
        };
        let facts = slice.facts;
        let compared = tokio::task::spawn_blocking(move || documents_check(&facts, &bytes, &rows));
        match compared.await {
            Ok(Ok(documents)) => {
                check.verified.payloads += 1;
                check.verified.documents += documents;
            }
            Ok(Err(why)) => check.wrong(format!("slice {}: {why}", slice.number)),
            Err(error) => {
                let why = error.to_string();
                return Err(problem(ProblemKind::Failed, &check.what, &why, "try again"));
            }
        }
        Ok(())
    }

    async fn check_end(&self, mut check: Check) -> Result<Verified, Problem> {
        let found = self.store.corpus_digest(check.corpus).await;
        let found = found.map_err(|error| store_problem(&check.what, &error))?;
        // A corpus whose last intake was cut off has no digest yet.
        if check.row.complete && found.to_string() != check.row.digest {
            check.wrong(format!("its documents have the digest {found}, not {}", check.row.digest));
        }
        let row = &check.row;
        let whole = check.verified.wrong.is_empty();
        if whole && (check.slices, check.verified.documents) != (row.slices, row.documents) {
            check.wrong(format!(
                "it has {} slices and {} documents, and should have {} and {}",
                check.slices, check.verified.documents, row.slices, row.documents
            ));
        }
        Ok(check.verified)
    }
}

impl Check {
    fn wrong(&mut self, mut line: String) {
        if self.verified.wrong.len() < VERIFY_WRONG_MAX {
            line.truncate(line.floor_char_boundary(MESSAGE_BYTES_MAX / 2));
            self.verified.wrong.push(line);
        }
    }
}

/// How many documents a payload has, if they are those of the rows.
fn documents_check(
    facts: &PayloadFacts,
    bytes: &[u8],
    rows: &[(String, Digest)],
) -> Result<u64, String> {
    let payload = payload_open(facts, bytes).map_err(|error| error.to_string())?;
    if payload.docs() as usize != rows.len() {
        return Err(format!(
            "it has {} documents, not the {} of its rows",
            payload.docs(),
            rows.len()
        ));
    }
    for (encoded, (id, wanted)) in payload.encoded().zip(rows) {
        let same_id = document_decode(encoded).is_ok_and(|document| document.id == *id);
        if !same_id || digest(encoded) != *wanted {
            return Err(format!("document {id} is not what its row says"));
        }
    }
    Ok(rows.len() as u64)
}
