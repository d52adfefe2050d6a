//! What a plan needs of the server: the corpus and the pace of an earlier job, payloads for the
//! asker's sample, and a trial that says what the sample's results take on disk.
//!
//! No app runs here: a document that ends its app must not end the server.

use gleaner_apps::App;
use gleaner_engine::effect::JobState;
use gleaner_link::Framed;
use gleaner_shared::limits::{PLAN_ROWS_MAX, PLAN_UNITS_MAX, RESULT_BYTES_MAX};
use gleaner_shared::records;
use gleaner_shared::table::Table;
use gleaner_shared::wire::admin::plan::{Basis, Pace, TrialUnit};
use gleaner_shared::wire::admin::{Problem, ProblemKind, Reply};
use gleaner_store::Trial;
use tokio::io::{AsyncRead, AsyncWrite};

use super::series::Ended;
use super::{Commands, problem, store_problem};
use crate::registry;

const WHAT: &str = "the job cannot be planned";

impl Commands {
    pub(super) async fn plan_basis(&self, corpus: &str, app: &str) -> Result<Reply, Problem> {
        let app = app_named(app)?;
        let corpus = self.corpus_whole(corpus, WHAT).await?;
        let pace = self.pace(&app.full_name()).await?;
        Ok(Reply::Basis(Basis { corpus, pace }))
    }

    /// How fast the last job of this app was that was done.
    async fn pace(&self, app: &str) -> Result<Option<Pace>, Problem> {
        let failed = |error| store_problem(WHAT, &error);
        let jobs = self.store.job_list().await.map_err(failed)?;
        let done = jobs.into_iter().rev().find_map(|job| {
            let seconds = job.done_at_unix_seconds? - job.submitted_at_unix_seconds;
            let is_whole = job.row.state == JobState::Done && job.row.failed == 0;
            (job.app == app && is_whole && seconds > 0).then_some((job, seconds))
        });
        let Some((job, seconds)) = done else { return Ok(None) };
        let corpus = self.store.corpus_show(&job.corpus_name).await.map_err(failed)?;
        Ok(corpus.map(|corpus| Pace {
            job: job.name,
            raw_bytes: corpus.raw_bytes,
            elapsed_seconds: seconds.unsigned_abs(),
        }))
    }

    pub(super) async fn corpus_slice<R, W>(
        &self,
        corpus: &str,
        number: u32,
        stream: &mut Framed<R, W>,
    ) -> Result<(), Ended>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let what = format!("slice {number} of corpus {corpus}");
        let failed = |error| store_problem(&what, &error);
        let absent = |why| problem(ProblemKind::NotFound, &what, why, "gleaner-admin corpus list");
        let found = self.store.corpus_find(corpus).await.map_err(failed)?;
        let (id, _) = found.ok_or_else(|| absent("there is no such corpus"))?;
        let slices = self.store.corpus_slices(id, number, 1).await.map_err(failed)?;
        let slice = slices.into_iter().find(|slice| slice.number == number);
        let slice = slice.ok_or_else(|| absent("the corpus has fewer slices"))?;
        let bytes = self.store.slice_read(&slice).await.map_err(failed)?;
        stream.send(&Reply::Slice(slice.facts)).await?;
        Ok(stream.send_bytes(&bytes).await?)
    }

    pub(super) async fn plan_trial<R, W>(
        &self,
        app: &str,
        units: u32,
        stream: &mut Framed<R, W>,
    ) -> Result<(), Ended>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let app = app_named(app)?;
        if units as usize > PLAN_UNITS_MAX {
            let why = format!("it has {units} results, at most {PLAN_UNITS_MAX} fit");
            return Err(limit(&why).into());
        }
        // One at a time: each takes a processor and some memory.
        let _turn = self.planning.lock().await;
        let failed = |error| store_problem(WHAT, &error);
        let derived = registry::derived_of(app);
        let mut trial = Trial::begin(app.tables(), derived).await.map_err(failed)?;
        let (mut rows, mut wrong) = (0, None);
        for _ in 0..units {
            let (unit, packed) = receive(stream).await?;
            // After a wrong one the others are received all the same: the stream goes on.
            if wrong.is_none() {
                wrong = tried(&mut trial, &mut rows, app.tables(), (unit, packed)).await.err();
            }
        }
        if let Some(wrong) = wrong {
            return Err(wrong.into());
        }
        let rows_of = app.finish().map_or(&[][..], |finish| finish.rows_of);
        trial.derive(rows_of).await.map_err(failed)?;
        let sizes = trial.sizes().await.map_err(failed)?;
        Ok(stream.send(&Reply::Trial(sizes)).await?)
    }
}

/// Receives a result.
async fn receive<R, W>(stream: &mut Framed<R, W>) -> Result<(TrialUnit, Vec<u8>), Ended>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let unit: TrialUnit = stream.receive().await?;
    if unit.len as usize > RESULT_BYTES_MAX {
        return Err(limit(&format!("a result has over {RESULT_BYTES_MAX} bytes")).into());
    }
    let (mut packed, mut part) = (Vec::new(), vec![0; PART_BYTES]);
    while packed.len() < unit.len as usize {
        let want = PART_BYTES.min(unit.len as usize - packed.len());
        stream.receive_bytes(&mut part[..want]).await?;
        packed.extend_from_slice(&part[..want]);
    }
    Ok((unit, packed))
}

/// Checks a result as one of a host, and merges it.
async fn tried(
    trial: &mut Trial,
    rows: &mut u64,
    tables: &'static [Table],
    (unit, packed): (TrialUnit, Vec<u8>),
) -> Result<(), Problem> {
    let decoded = tokio::task::spawn_blocking(move || {
        let raw = records::unpack(&packed, unit.raw_len).map_err(|error| error.to_string())?;
        records::decode(tables, &raw).map_err(|error| error.to_string())
    });
    let decoded = decoded.await.unwrap_or_else(|error| Err(error.to_string()));
    let next = "use the gleaner-admin that came with the server";
    let records = decoded.map_err(|why| problem(ProblemKind::Usage, WHAT, &why, next))?;
    *rows += records.iter().map(Vec::len).sum::<usize>() as u64;
    if *rows > TRIAL_ROWS_MAX {
        return Err(limit(&format!("its sample has {rows} rows, at most {TRIAL_ROWS_MAX} fit")));
    }
    trial.merge(records).await.map_err(|error| store_problem(WHAT, &error))
}

/// The last piece of a sample may pass its bound.
const TRIAL_ROWS_MAX: u64 = 2 * PLAN_ROWS_MAX;
/// Bytes that are received at once.
const PART_BYTES: usize = 64 * 1024;

fn app_named(name: &str) -> Result<&'static dyn App, Problem> {
    registry::app(name).map_err(|error| {
        problem(ProblemKind::NotFound, WHAT, &error.to_string(), "gleaner-admin job plan --help")
    })
}

fn limit(why: &str) -> Problem {
    problem(ProblemKind::Limit, WHAT, why, "use the gleaner-admin that came with the server")
}
