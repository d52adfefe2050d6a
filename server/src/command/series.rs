//! Commands with several replies, or with bytes: each list is told in pages that fit a frame.

use std::time::Duration;

use gleaner_link::{Framed, LinkError};
use gleaner_shared::digest::Hasher;
use gleaner_shared::limits::{ARTEFACT_BYTES_MAX, FOLLOW_EVERY, PAGE_ROWS};
use gleaner_shared::wire::admin::host::HostRow;
use gleaner_shared::wire::admin::job::Phase;
use gleaner_shared::wire::admin::{Problem, ProblemKind, Reply};
use gleaner_shared::wire::work::Artefact;
use gleaner_store::Page;
use tokio::io::{AsyncRead, AsyncWrite};

use super::{Commands, problem, store_problem};

/// A problem that ends a series is told; the stream goes on.
pub(super) enum Ended {
    Link(LinkError),
    Problem(Problem),
}

impl From<LinkError> for Ended {
    fn from(error: LinkError) -> Self {
        Self::Link(error)
    }
}

impl From<Problem> for Ended {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

fn page(number: u32) -> Page {
    Page { offset: number.saturating_mul(PAGE_ROWS), limit: PAGE_ROWS }
}

impl Commands {
    pub(super) async fn corpus_show<R, W>(
        &self,
        name: &str,
        stream: &mut Framed<R, W>,
    ) -> Result<(), Ended>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let what = format!("corpus {name}");
        let failed = |error| store_problem(&what, &error);
        let Some(row) = self.store.corpus_show(name).await.map_err(failed)? else {
            let why = "there is no such corpus";
            return Err(
                problem(ProblemKind::NotFound, &what, why, "gleaner-admin corpus list").into()
            );
        };
        stream.send(&Reply::Corpus(row)).await?;
        for number in 0.. {
            let asides = self.store.corpus_asides(name, page(number)).await.map_err(failed)?;
            let last = asides.len() < PAGE_ROWS as usize;
            // A page of long names and reasons may be more than a frame holds.
            for asides in asides.chunks(ASIDES_A_FRAME) {
                stream.send(&Reply::Asides(asides.to_vec())).await?;
            }
            if last {
                break;
            }
        }
        Ok(stream.send(&Reply::Done).await?)
    }

    pub(super) async fn job_errors<R, W>(
        &self,
        name: &str,
        stream: &mut Framed<R, W>,
    ) -> Result<(), Ended>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let job = self.job_find(name).await?.id;
        for number in 0.. {
            let failures = self.store.job_failures(job, page(number)).await;
            let failures = failures.map_err(|error| store_problem(name, &error))?;
            let last = failures.len() < PAGE_ROWS as usize;
            for failures in failures.chunks(FAILURES_A_FRAME) {
                stream.send(&Reply::Failures(failures.to_vec())).await?;
            }
            if last {
                break;
            }
        }
        Ok(stream.send(&Reply::Done).await?)
    }

    pub(super) async fn host_list<R, W>(&self, stream: &mut Framed<R, W>) -> Result<(), Ended>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        for number in 0.. {
            let rows = self.store.host_list(page(number)).await;
            let rows = rows.map_err(|error| store_problem("hosts cannot be listed", &error))?;
            let last = rows.len() < PAGE_ROWS as usize;
            let mut live: Vec<HostRow> = Vec::with_capacity(rows.len());
            for (id, row) in rows {
                live.push(self.live(id, row).await?);
            }
            stream.send(&Reply::Hosts(live)).await?;
            if last {
                break;
            }
        }
        Ok(stream.send(&Reply::Done).await?)
    }

    /// Tells the job whenever it has changed, until it has ended.
    pub(super) async fn job_follow<R, W>(
        &self,
        name: &str,
        stream: &mut Framed<R, W>,
    ) -> Result<(), Ended>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let mut last = None;
        loop {
            let job = self.job_find(name).await?;
            let status = self.status_of(job).await?;
            let ended = matches!(status.phase, Phase::Done | Phase::Cancelled);
            if last.as_ref() != Some(&status) {
                stream.send(&Reply::Job(status.clone())).await?;
                last = Some(status);
            }
            if ended {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(FOLLOW_EVERY.0)).await;
        }
    }

    pub(super) async fn artefact_put<R, W>(
        &self,
        artefact: Artefact,
        stream: &mut Framed<R, W>,
    ) -> Result<(), Ended>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let what = "the job's data cannot be stored";
        let failed = |error| store_problem(what, &error);
        let len = usize::try_from(artefact.len).unwrap_or(usize::MAX);
        if len > ARTEFACT_BYTES_MAX {
            let why = format!("it is over {ARTEFACT_BYTES_MAX} bytes");
            return Err(problem(ProblemKind::Limit, what, &why, "use fewer terms").into());
        }
        let there = self.store.artefact_len(artefact.digest).await.map_err(failed)?;
        stream.send(&Reply::Have(there.is_some())).await?;
        if there.is_some() {
            return Ok(stream.send(&Reply::Done).await?);
        }
        let mut bytes = Vec::new();
        let mut part = vec![0; PART_BYTES];
        let mut hasher = Hasher::new();
        while bytes.len() < len {
            let want = PART_BYTES.min(len - bytes.len());
            stream.receive_bytes(&mut part[..want]).await?;
            hasher.update(&part[..want]);
            bytes.extend_from_slice(&part[..want]);
        }
        if hasher.digest() != artefact.digest {
            let why = "its bytes have another digest than was said";
            return Err(problem(ProblemKind::Checksum, what, why, "compile it again").into());
        }
        self.store.artefact_put(artefact.digest, bytes.into()).await.map_err(failed)?;
        Ok(stream.send(&Reply::Done).await?)
    }
}

/// Rows of a frame, at their longest: a file name of 4 KiB and a reason of 1 KiB.
const ASIDES_A_FRAME: usize = 10;
/// Eight ids of 255 bytes, a failure, a message of 1 KiB, and what to do.
const FAILURES_A_FRAME: usize = 16;
/// Bytes that are received at once.
const PART_BYTES: usize = 64 * 1024;
