//! An intake: documents are offered by id and digest, sent if wanted, and cut into slices.
//!
//! What it has answered with `Added` is on disk. Cut off before that, it leaves whole packs, and the
//! next intake finds their documents known.

use gleaner_link::Framed;
use gleaner_shared::digest::digest;
use gleaner_shared::limits::{DOC_ID_BYTES_MAX, DOCUMENT_BYTES_MAX, INTAKE_DOCS_MAX};
use gleaner_shared::payload::document_decode;
use gleaner_shared::wire::admin::corpus::{AddWish, Added, Aside, IntakeReply, Offer, Step, Want};
use gleaner_shared::wire::admin::{Problem, ProblemKind, Reply};
use gleaner_store::{CorpusAdd, DocInsert, Known, StoreError};
use tokio::io::{AsyncRead, AsyncWrite};

use super::series::Ended;
use super::slicer::Slicer;
use super::{Commands, problem, store_problem};

/// An intake that goes on.
struct Intake {
    name: String,
    what: String,
    add: CorpusAdd,
    slicer: Slicer,
    wanted: Vec<Offer>,
    new_documents: u64,
    known_documents: u64,
    set_aside: u64,
}

impl Commands {
    /// Serves an intake to its end; a problem ends it.
    pub(super) async fn corpus_add<R, W>(
        &self,
        wish: AddWish,
        stream: &mut Framed<R, W>,
    ) -> Result<(), Ended>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let _turn = self.adding_turn(&wish.name)?;
        let mut intake = self.intake_begin(wish).await?;
        stream.send(&Reply::Intake(IntakeReply::Ready)).await?;
        loop {
            let reply = match stream.receive::<Step>().await? {
                Step::Offer(offers) => {
                    let wants = self.offered(&mut intake, offers).await;
                    IntakeReply::Wanted(wants?)
                }
                Step::Documents(lengths) => {
                    sent(&mut intake, &lengths, stream).await?;
                    IntakeReply::Ready
                }
                Step::Aside(asides) => {
                    intake.set_aside += asides.len() as u64;
                    intake.slicer.aside(asides);
                    IntakeReply::Ready
                }
                Step::End => {
                    let added = self.intake_end(intake).await?;
                    stream.send(&Reply::Intake(IntakeReply::Added(added))).await?;
                    return Ok(());
                }
            };
            stream.send(&Reply::Intake(reply)).await?;
        }
    }

    async fn offered(&self, intake: &mut Intake, offers: Vec<Offer>) -> Result<Vec<Want>, Problem> {
        if offers.len() > INTAKE_DOCS_MAX || offers.iter().any(|offer| !id_fits(&offer.id)) {
            return Err(
                intake.misuse("too many documents are offered at once, or an id is too long")
            );
        }
        if !intake.wanted.is_empty() {
            return Err(intake.misuse("documents that were wanted did not come"));
        }
        let pairs: Vec<_> = offers.iter().map(|offer| (offer.id.clone(), offer.digest)).collect();
        let known = self.store.documents_known(intake.add.corpus, &pairs).await;
        let known = known.map_err(|error| store_problem(&intake.what, &error))?;
        Ok(offers.into_iter().zip(known).map(|(offer, known)| intake.want(offer, known)).collect())
    }

    async fn intake_end(&self, intake: Intake) -> Result<Added, Problem> {
        let what = intake.what;
        let failed = |error: StoreError| store_problem(&what, &error);
        let add = intake.slicer.finish().await.map_err(failed)?;
        self.store.corpus_end(add).await.map_err(failed)?;
        let corpus = self.store.corpus_show(&intake.name).await.map_err(failed)?;
        let corpus = corpus.ok_or_else(|| failed(StoreError::Absent(intake.name)))?;
        Ok(Added {
            corpus,
            new_documents: intake.new_documents,
            known_documents: intake.known_documents,
            set_aside: intake.set_aside,
        })
    }

    async fn intake_begin(&self, wish: AddWish) -> Result<Intake, Problem> {
        let what = format!("corpus {} cannot be added to", wish.name);
        let failed = |error: StoreError| store_problem(&what, &error);
        let found = self.store.corpus_show(&wish.name).await.map_err(failed)?;
        if found.is_some_and(|corpus| corpus.jobs > 0) {
            let why = "a job uses it, so its documents are fixed";
            return Err(problem(ProblemKind::Conflict, &what, why, "add under a new name"));
        }
        let add = self.store.corpus_begin(&wish.name, wish.slice_bytes).await.map_err(failed)?;
        let slicer = Slicer::new(self.store.clone(), add, wish.slice_bytes as usize);
        Ok(Intake {
            name: wish.name,
            what,
            add,
            slicer,
            wanted: Vec::new(),
            new_documents: 0,
            known_documents: 0,
            set_aside: 0,
        })
    }
}

impl Intake {
    fn misuse(&self, why: &str) -> Problem {
        problem(ProblemKind::Usage, &self.what, why, "use gleaner-admin of the server's version")
    }

    fn want(&mut self, offer: Offer, known: Known) -> Want {
        let other = match (known, self.slicer.held(&offer.id)) {
            (Known::Absent, None) => {
                self.wanted.push(offer);
                return Want::Send;
            }
            (Known::Same { .. }, _) => None,
            (Known::Absent, Some(held)) if held == offer.digest => None,
            (Known::Absent, Some(_)) => Some("this intake".to_owned()),
            (Known::Other { source }, _) => Some(source),
        };
        let Some(other) = other else {
            self.known_documents += 1;
            return Want::Known;
        };
        let reason = format!("another document has the id {}: it came from {other}", offer.id);
        self.slicer.aside(vec![Aside { source: offer.source, position: String::new(), reason }]);
        self.set_aside += 1;
        Want::Duplicate
    }
}

/// Receives the documents that were wanted, one by one.
async fn sent<R, W>(
    intake: &mut Intake,
    lengths: &[u32],
    stream: &mut Framed<R, W>,
) -> Result<(), Ended>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let wanted = std::mem::take(&mut intake.wanted);
    let fits = lengths.iter().all(|len| *len as usize <= DOCUMENT_BYTES_MAX);
    if !fits || wanted.len() != lengths.len() {
        return Err(Ended::Problem(intake.misuse("other documents came than were wanted")));
    }
    for (offer, len) in wanted.into_iter().zip(lengths) {
        let mut bytes = vec![0; *len as usize];
        stream.receive_bytes(&mut bytes).await?;
        let right = digest(&bytes) == offer.digest
            && document_decode(&bytes).is_ok_and(|document| document.id == offer.id);
        if !right {
            return Err(Ended::Problem(intake.misuse("a document is not what was offered")));
        }
        let doc = DocInsert { id: offer.id, digest: offer.digest, source: offer.source };
        let pushed = intake.slicer.push(doc, &bytes).await;
        pushed.map_err(|error| Ended::Problem(store_problem(&intake.what, &error)))?;
        intake.new_documents += 1;
    }
    Ok(())
}

fn id_fits(id: &str) -> bool {
    !id.is_empty() && id.len() <= DOC_ID_BYTES_MAX && !id.chars().any(char::is_control)
}
