//! An intake: documents are offered by id and digest, sent if wanted, and cut into slices.
//!
//! What it has answered with `Added` is on disk. Cut off before that, whoever or whatever cut it, it
//! writes what it holds; only a server that is killed loses that. The next intake finds it known.

use std::collections::BTreeSet;

use gleaner_link::Framed;
use gleaner_shared::digest::digest;
use gleaner_shared::id::Digest;
use gleaner_shared::limits::{DOC_ID_BYTES_MAX, DOCUMENT_BYTES_MAX, INTAKE_DOCS_MAX};
use gleaner_shared::payload::document_decode;
use gleaner_shared::wire::admin::corpus::{
    AddWish, Added, Aside, IntakeReply, Name, Offer, Step, Want, stretch_digest,
};
use gleaner_shared::wire::admin::{Problem, ProblemKind, Reply};
use gleaner_store::{CorpusAdd, DocInsert, Known, StoreError, Stretch};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

use super::corpus::Turn;
use super::series::Ended;
use super::slicer::Slicer;
use super::{Commands, problem, store_problem};

/// An intake that goes on.
struct Intake {
    name: String,
    what: String,
    add: CorpusAdd,
    slicer: Slicer,
    /// Offered documents that come next.
    wanted: Vec<Offer>,
    /// The stretch that is whole when they have come.
    stretch: Option<Stretch>,
    asked: Option<Asked>,
    new_documents: u64,
    known_documents: u64,
    set_aside: u64,
    /// Until all of it is on disk.
    _turn: Turn,
}

/// Documents that were asked for, of which some are not there.
#[derive(Clone, Copy)]
struct Asked {
    all: Stretch,
    /// Over those that are not there.
    rest: Digest,
}

/// An intake whose documents go to disk however it ends: dropped, it writes what it holds.
struct Saved {
    intake: Option<Intake>,
    tasks: TaskTracker,
}

impl Drop for Saved {
    fn drop(&mut self) {
        let Some(Intake { slicer, what, _turn: turn, .. }) = self.intake.take() else { return };
        // Without a runtime the process ends at once, as if it were killed.
        let Ok(runtime) = Handle::try_current() else { return };
        let write = async move {
            if let Err(error) = slicer.finish().await {
                tracing::warn!(%error, "{what}: what an intake held when it was cut off is lost");
            }
            drop(turn);
        };
        self.tasks.spawn_on(write, &runtime);
    }
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
        let turn = self.adding_turn(&wish.name).await?;
        let intake = self.intake_begin(wish, turn).await?;
        let mut saved = Saved { intake: Some(intake), tasks: self.tasks.clone() };
        stream.send(&Reply::Intake(IntakeReply::Ready)).await?;
        loop {
            let step = stream.receive::<Step>().await?;
            if step == Step::End {
                break;
            }
            let Some(intake) = &mut saved.intake else { break };
            let reply = self.step(intake, step, stream).await?;
            stream.send(&Reply::Intake(reply)).await?;
        }
        if let Some(intake) = saved.intake.take() {
            let added = self.intake_end(intake).await?;
            stream.send(&Reply::Intake(IntakeReply::Added(added))).await?;
        }
        Ok(())
    }

    async fn step<R, W>(
        &self,
        intake: &mut Intake,
        step: Step,
        stream: &mut Framed<R, W>,
    ) -> Result<IntakeReply, Ended>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        Ok(match step {
            Step::Stretch(digest) => {
                let found = self.store.stretch_find(intake.add.corpus, digest).await;
                let docs = found.map_err(|error| store_problem(&intake.what, &error))?;
                intake.known_documents += u64::from(docs.unwrap_or(0));
                IntakeReply::Known(docs.is_some())
            }
            Step::Ask(names) => {
                let known = self.known(intake, &names).await?;
                IntakeReply::Wanted(intake.answer(&names, &known))
            }
            Step::Offer(offers) => {
                let name = |offer: &Offer| Name { id: offer.id.clone(), digest: offer.digest };
                let names: Vec<Name> = offers.iter().map(name).collect();
                let known = self.known(intake, &names).await?;
                IntakeReply::Wanted(intake.offered(&names, offers, known).await?)
            }
            Step::Documents(lengths) => {
                sent(intake, &lengths, stream).await?;
                IntakeReply::Ready
            }
            Step::Aside(asides) => {
                intake.set_aside += asides.len() as u64;
                intake.aside(asides).await?;
                IntakeReply::Ready
            }
            Step::End => return Err(intake.misuse("it has ended already").into()),
        })
    }

    /// What is known of documents, each named once.
    async fn known(&self, intake: &Intake, names: &[Name]) -> Result<Vec<Known>, Problem> {
        let ids: BTreeSet<&str> = names.iter().map(|name| name.id.as_str()).collect();
        if names.len() > INTAKE_DOCS_MAX || ids.len() < names.len() || !ids.iter().all(id_fits) {
            let why = "too many documents are offered at once, or one twice, or an id is too long";
            return Err(intake.misuse(why));
        }
        if !intake.wanted.is_empty() {
            return Err(intake.misuse("documents that were wanted did not come"));
        }
        let pairs: Vec<_> = names.iter().map(|name| (name.id.clone(), name.digest)).collect();
        let known = self.store.documents_known(intake.add.corpus, &pairs).await;
        let known = known.map_err(|error| store_problem(&intake.what, &error))?;
        let held = |(name, known): (&Name, Known)| match (known, intake.slicer.held(&name.id)) {
            (Known::Absent, Some(held)) if held == name.digest => {
                Known::Same { added: intake.add.added }
            }
            (Known::Absent, Some(_)) => Known::Other { source: "this intake".into() },
            (known, _) => known,
        };
        Ok(names.iter().zip(known).map(held).collect())
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

    async fn intake_begin(&self, wish: AddWish, turn: Turn) -> Result<Intake, Problem> {
        let what = format!("corpus {} cannot be added to", wish.name);
        let failed = |error: StoreError| store_problem(&what, &error);
        let found = self.store.corpus_show(&wish.name).await.map_err(failed)?;
        if found.is_some_and(|corpus| corpus.jobs > 0) {
            let why = "a job uses it, so its documents are fixed";
            return Err(problem(ProblemKind::Conflict, &what, why, "add under a new name"));
        }
        let add = self.store.corpus_begin(&wish.name, wish.slice_bytes).await.map_err(failed)?;
        let slicer = Slicer::new(self.store.clone(), add, wish.slice_bytes as usize);
        let slicer = slicer.await.map_err(failed)?;
        Ok(Intake {
            name: wish.name,
            what,
            add,
            slicer,
            wanted: Vec::new(),
            stretch: None,
            asked: None,
            new_documents: 0,
            known_documents: 0,
            set_aside: 0,
            _turn: turn,
        })
    }
}

impl Intake {
    fn misuse(&self, why: &str) -> Problem {
        problem(ProblemKind::Usage, &self.what, why, "use gleaner-admin of the server's version")
    }

    /// What of these documents is not there. If all is, they are a stretch.
    fn answer(&mut self, names: &[Name], known: &[Known]) -> Vec<Want> {
        let is_there = |known: &Known| matches!(known, Known::Same { .. });
        let there = known.iter().filter(|known| is_there(known)).count();
        self.known_documents += there as u64;
        let all = stretch(names);
        if there == names.len() {
            self.slicer.stretch(all);
        } else {
            let rest = names.iter().zip(known).filter(|(_, known)| !is_there(known));
            let rest = stretch_digest(rest.map(|(name, _)| (name.id.as_str(), name.digest)));
            self.asked = Some(Asked { all, rest });
        }
        known.iter().map(|known| if is_there(known) { Want::Known } else { Want::Send }).collect()
    }

    /// Notes what has to come, and sets aside what another document has the id of.
    async fn offered(
        &mut self,
        names: &[Name],
        offers: Vec<Offer>,
        known: Vec<Known>,
    ) -> Result<Vec<Want>, Problem> {
        let offered = stretch(names);
        let asked = self.asked.take().filter(|asked| asked.rest == offered.digest);
        let (mut wants, mut asides) = (Vec::with_capacity(offers.len()), Vec::new());
        for (offer, known) in offers.into_iter().zip(known) {
            wants.push(match known {
                Known::Absent => {
                    self.wanted.push(offer);
                    Want::Send
                }
                Known::Same { .. } => {
                    self.known_documents += 1;
                    Want::Known
                }
                Known::Other { source } => {
                    asides.push(double(offer, &source));
                    Want::Duplicate
                }
            });
        }
        // What is set aside has to be set aside by the next intake too.
        let whole = asides.is_empty().then(|| asked.map_or(offered, |asked| asked.all));
        match whole {
            Some(whole) if self.wanted.is_empty() => self.slicer.stretch(whole),
            whole => self.stretch = whole,
        }
        self.set_aside += asides.len() as u64;
        self.aside(asides).await?;
        Ok(wants)
    }

    async fn aside(&mut self, asides: Vec<Aside>) -> Result<(), Problem> {
        let kept = self.slicer.aside(asides).await;
        kept.map_err(|error| store_problem(&self.what, &error))
    }
}

fn stretch(names: &[Name]) -> Stretch {
    let digest = stretch_digest(names.iter().map(|name| (name.id.as_str(), name.digest)));
    Stretch { digest, docs: u32::try_from(names.len()).unwrap_or(u32::MAX) }
}

fn double(offer: Offer, other: &str) -> Aside {
    let reason = format!("another document has the id {}: it came from {other}", offer.id);
    Aside { source: offer.source, position: String::new(), reason }
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
    if let Some(stretch) = intake.stretch.take() {
        intake.slicer.stretch(stretch);
    }
    Ok(())
}

fn id_fits(id: &&str) -> bool {
    !id.is_empty() && id.len() <= DOC_ID_BYTES_MAX && !id.chars().any(char::is_control)
}
