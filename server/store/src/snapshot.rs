//! The open part of the store, from which an engine starts.
//!
//! A lease is open until its bit in the grant says that it ended, its host has a counted result for
//! the unit, or the unit is settled. Grants without open leases go.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::TryStreamExt;
use gleaner_engine::effect::{JobState, Leased};
use gleaner_engine::event::{GrantSnapshot, Host, JobSnapshot, Snapshot, UnitSnapshot, Vote};
use gleaner_failpoint::crash_point;
use gleaner_shared::id::{AccountId, GrantId, HostId, JobId};
use gleaner_shared::policy::Standing;
use gleaner_shared::unit::{DocRange, UnitKey};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

use crate::batch::{Shape, unit_cells};
use crate::columns::{Word as _, host_of, outcome_of, size, stored, unit_of};
use crate::commit::units_decode;
use crate::error::StoreError;
use crate::job::engine_row;
use crate::store::{Store, owned};

impl Store {
    /// What an engine starts from, as of the last commit.
    ///
    /// # Errors
    /// The database failed.
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let store = self.clone();
        owned(async move { store.snapshot_here().await }).await
    }

    async fn snapshot_here(&self) -> Result<Snapshot, StoreError> {
        let _commits = self.inner.commit_gate.lock().await;
        let mut connection = self.readers().acquire().await?;
        let last: i64 =
            sqlx::query_scalar("SELECT last_grant FROM server").fetch_one(&mut *connection).await?;
        let mut jobs = jobs(&mut connection).await?;
        for job in &mut jobs {
            job.units = units(&mut connection, job.job).await?;
        }
        let (grants, over) = grants(&mut connection, &jobs).await?;
        drop(connection);
        crash_point!("server.restart.half");
        if !over.is_empty() {
            self.grants_remove(over).await?;
        }
        let last_grant = (last > 0).then_some(GrantId(size(last)));
        Ok(Snapshot { last_grant, jobs, grants })
    }

    async fn grants_remove(&self, grants: Vec<GrantId>) -> Result<(), StoreError> {
        self.transact_here(move |connection| {
            Box::pin(async move {
                let delete = Shape {
                    head: "DELETE FROM grant_open WHERE id IN (VALUES",
                    width: 1,
                    tail: ")",
                };
                let rows = grants.into_iter().map(|grant| [stored(grant.0).into()]);
                delete.execute(connection, rows).await?;
                Ok(())
            })
        })
        .await
    }
}

async fn jobs(connection: &mut SqliteConnection) -> Result<Vec<JobSnapshot>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, copies, own_copies, priority, deadline_ms, state, slices, next_slice, merged, \
         failed, splits, generation FROM job WHERE state NOT IN (?, ?) ORDER BY id",
    )
    .bind(JobState::Done.word())
    .bind(JobState::Cancelled.word())
    .fetch_all(connection)
    .await?;
    let job = |row: &SqliteRow| {
        let job = JobId(row.try_get(0)?);
        Ok(JobSnapshot { job, row: engine_row(row, 1)?, units: Vec::new() })
    };
    rows.iter().map(job).collect()
}

async fn units(
    connection: &mut SqliteConnection,
    job: JobId,
) -> Result<Vec<UnitSnapshot>, StoreError> {
    let mut units: Vec<UnitSnapshot> = Vec::new();
    let mut rows = sqlx::query_as::<_, (u32, u32, u32, u8)>(
        "SELECT slice, first, count, expiries FROM unit WHERE job = ? \
         ORDER BY slice, first, count",
    )
    .bind(job.0)
    .fetch(&mut *connection);
    while let Some((slice, first, count, expiries)) = rows.try_next().await? {
        let unit = UnitKey { job, slice, docs: DocRange { first, count } };
        units.push(UnitSnapshot { unit, expiries, results: Vec::new() });
    }
    drop(rows);
    let mut rows = sqlx::query(
        "SELECT slice, first, count, host, account, standing, digest, failure FROM result \
         WHERE job = ? ORDER BY slice, first, count, host",
    )
    .bind(job.0)
    .fetch(connection);
    while let Some(row) = rows.try_next().await? {
        let unit = unit_of((job.0, row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
        let host = host_at(&row, 3)?;
        let outcome = outcome_of(row.try_get(6)?, row.try_get(7)?)?;
        let at = units.binary_search_by(|known| known.unit.cmp(&unit)).map_err(|_| {
            StoreError::damaged("the database", format!("a result of {unit:?} has no unit"))
        })?;
        units[at].results.push(Vote { host, outcome });
    }
    Ok(units)
}

/// The columns host, account, standing.
fn host_at(row: &SqliteRow, at: usize) -> Result<Host, StoreError> {
    let (id, account): (Vec<u8>, i64) = (row.try_get(at)?, row.try_get(at + 1)?);
    let standing: String = row.try_get(at + 2)?;
    let (id, account) = (host_of(&id)?, AccountId(size(account)));
    Ok(Host { id, account, standing: Standing::of(&standing)? })
}

/// Grants with open leases, and those that have none left.
async fn grants(
    connection: &mut SqliteConnection,
    jobs: &[JobSnapshot],
) -> Result<(Vec<GrantSnapshot>, Vec<GrantId>), StoreError> {
    let mut counted: BTreeMap<UnitKey, Vec<HostId>> = BTreeMap::new();
    for unit in jobs.iter().flat_map(|job| &job.units) {
        let hosts = unit.results.iter().map(|vote| vote.host.id);
        counted.entry(unit.unit).or_default().extend(hosts);
    }
    let open_jobs: BTreeSet<JobId> = jobs.iter().map(|job| job.job).collect();
    let (mut open, mut over) = (Vec::new(), Vec::new());
    let mut after = 0_i64;
    loop {
        let rows = sqlx::query(
            "SELECT id, host, account, standing, job, units, ended, slots FROM grant_open \
             WHERE id > ? ORDER BY id LIMIT ?",
        )
        .bind(after)
        .bind(GRANTS_STEP)
        .fetch_all(&mut *connection)
        .await?;
        if rows.is_empty() {
            return Ok((open, over));
        }
        let mut step = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut grant = grant_of(row)?;
            after = stored(grant.grant.0);
            let (job, host) = (grant.job, grant.host.id);
            grant.open.retain(|&(_, Leased { slice, docs, .. })| {
                let voted = counted.get(&UnitKey { job, slice, docs });
                open_jobs.contains(&job) && !voted.is_some_and(|hosts| hosts.contains(&host))
            });
            step.push(grant);
        }
        let settled = settled(connection, &step).await?;
        for mut grant in step {
            let job = grant.job;
            grant.open.retain(|&(_, Leased { slice, docs, .. })| {
                !settled.contains(&UnitKey { job, slice, docs })
            });
            if grant.open.is_empty() {
                over.push(grant.grant);
            } else {
                open.push(grant);
            }
        }
    }
}

/// Grants that are read at once.
const GRANTS_STEP: u32 = 256;

fn grant_of(row: &SqliteRow) -> Result<GrantSnapshot, StoreError> {
    let (id, units, ended): (i64, Vec<u8>, i64) =
        (row.try_get(0)?, row.try_get(5)?, row.try_get(6)?);
    let ended = ended.cast_unsigned();
    let slots: Vec<u8> = row.try_get(7)?;
    let open = (0_u16..).zip(units_decode(&units)?).filter(|(index, _)| ended >> index & 1 == 0);
    let leased = |(index, (slice, docs)): (u16, (u32, DocRange))| {
        let slot = slots.get(usize::from(index)).copied().unwrap_or(0);
        (index, Leased { slice, docs, slot })
    };
    Ok(GrantSnapshot {
        grant: GrantId(size(id)),
        host: host_at(row, 1)?,
        job: JobId(row.try_get(4)?),
        open: open.map(leased).collect(),
    })
}

async fn settled(
    connection: &mut SqliteConnection,
    grants: &[GrantSnapshot],
) -> Result<BTreeSet<UnitKey>, StoreError> {
    let leased = grants.iter().flat_map(|grant| {
        grant.open.iter().map(|&(_, Leased { slice, docs, .. })| UnitKey {
            job: grant.job,
            slice,
            docs,
        })
    });
    let leased: BTreeSet<UnitKey> = leased.collect();
    let select = Shape {
        head: "SELECT job, slice, first, count FROM settled \
               WHERE (job, slice, first, count) IN (VALUES",
        width: 4,
        tail: ")",
    };
    let rows = select.fetch(connection, leased.into_iter().map(unit_cells)).await?;
    let unit = |row: &SqliteRow| {
        Ok(unit_of((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?)))
    };
    rows.iter().map(unit).collect()
}
