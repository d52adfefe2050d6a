//! Rows of the queue: jobs, open units, grants and their leases.

use gleaner_engine::effect::{JobRow, JobState, Leased};
use gleaner_failpoint::crash_point;
use gleaner_shared::id::{GrantId, JobId};
use gleaner_shared::unit::{DocRange, UnitKey};
use sqlx::SqliteConnection;

use super::CommitError;
use super::stage::{Grant, Stage};
use crate::batch::{Shape, unit_cells};
use crate::columns::{Word as _, size, stored};
use crate::error::StoreError;

pub(super) async fn jobs_put(
    connection: &mut SqliteConnection,
    stage: &Stage,
    at_unix_seconds: i64,
) -> Result<(), CommitError> {
    for (job, row) in &stage.jobs {
        let JobRow { policy, state, .. } = row;
        let over = matches!(state, JobState::Done | JobState::Cancelled);
        let put = sqlx::query(
            "UPDATE job SET copies = ?, own_copies = ?, priority = ?, deadline_ms = ?, state = ?, \
             slices = ?, next_slice = ?, merged = ?, failed = ?, splits = ?, generation = ?, \
             done_unix = CASE WHEN ? THEN coalesce(done_unix, ?) END WHERE id = ?",
        )
        .bind(policy.copies)
        .bind(policy.own_copies)
        .bind(policy.priority)
        .bind(stored(policy.deadline.0))
        .bind(state.word())
        .bind(row.slices)
        .bind(row.next_slice)
        .bind(row.merged)
        .bind(row.failed)
        .bind(row.splits)
        .bind(row.generation)
        .bind(over)
        .bind(at_unix_seconds)
        .bind(job.0)
        .execute(&mut *connection)
        .await?;
        if put.rows_affected() != 1 {
            return Err(StoreError::Absent(format!("job {job}")).into());
        }
    }
    Ok(())
}

pub(super) async fn units_put(
    connection: &mut SqliteConnection,
    stage: &Stage,
) -> Result<(), CommitError> {
    let upsert = Shape {
        head: "INSERT INTO unit VALUES",
        width: 5,
        tail: "ON CONFLICT DO UPDATE SET expiries = excluded.expiries",
    };
    let rows = stage.units.iter().map(|(unit, expiries)| {
        let [job, slice, first, count] = unit_cells(*unit);
        [job, slice, first, count, (*expiries).into()]
    });
    upsert.execute(connection, rows).await?;
    Ok(())
}

/// Failed units are open again. Leases on them that had ended with the settlement, which no row
/// says, are marked as ended now.
pub(super) async fn reopen(
    connection: &mut SqliteConnection,
    stage: &Stage,
) -> Result<(), CommitError> {
    if stage.reopened.is_empty() {
        return Ok(());
    }
    let delete = Shape {
        head: "DELETE FROM settled WHERE failure IS NOT NULL AND failure <> 'split' \
               AND (job, slice, first, count) IN (VALUES",
        width: 4,
        tail: ")",
    };
    let gone = delete.execute(connection, stage.reopened.iter().copied().map(unit_cells)).await?;
    if gone != stage.reopened.len() as u64 {
        let why = "a unit to be opened again has no failed settlement".to_owned();
        return Err(StoreError::Misuse(why).into());
    }
    crash_point!("server.reopen.half");
    let insert = Shape { head: "INSERT INTO unit VALUES", width: 5, tail: "" };
    let rows = stage.reopened.iter().map(|unit| {
        let [job, slice, first, count] = unit_cells(*unit);
        [job, slice, first, count, 0_u32.into()]
    });
    insert.execute(connection, rows).await?;
    let mut jobs: Vec<JobId> = stage.reopened.iter().map(|unit| unit.job).collect();
    jobs.dedup();
    for job in jobs {
        let grants: Vec<(i64, Vec<u8>)> =
            sqlx::query_as("SELECT id, units FROM grant_open WHERE job = ?")
                .bind(job.0)
                .fetch_all(&mut *connection)
                .await?;
        for (grant, units) in grants {
            let units = units_decode(&units)?.into_iter().enumerate();
            let ended = units.fold(0, |ended, (index, (slice, docs))| {
                let old = stage.reopened.contains(&UnitKey { job, slice, docs });
                ended | (u64::from(old) << index)
            });
            lease_end(connection, GrantId(size(grant)), ended).await?;
        }
    }
    Ok(())
}

pub(super) async fn grants_insert(
    connection: &mut SqliteConnection,
    stage: &Stage,
) -> Result<(), CommitError> {
    let Some(last) = stage.grants.iter().map(|grant| grant.grant).max() else { return Ok(()) };
    sqlx::query("UPDATE server SET last_grant = max(last_grant, ?)")
        .bind(stored(last.0))
        .execute(&mut *connection)
        .await?;
    let insert = Shape {
        head: "INSERT INTO grant_open (id, host, account, standing, job, units, slots) VALUES",
        width: 7,
        tail: "",
    };
    let rows = stage.grants.iter().map(|Grant { grant, host, job, units }| {
        [
            stored(grant.0).into(),
            host.id.into(),
            stored(host.account.0).into(),
            host.standing.word().into(),
            job.0.into(),
            units_encode(units).into(),
            units.iter().map(|leased| leased.slot).collect::<Vec<u8>>().into(),
        ]
    });
    insert.execute(connection, rows).await?;
    Ok(())
}

pub(super) async fn leases_end(
    connection: &mut SqliteConnection,
    stage: &Stage,
) -> Result<(), CommitError> {
    for (grant, ended) in &stage.leases_ended {
        if !stage.grants_ended.contains(grant) {
            lease_end(connection, *grant, *ended).await?;
        }
    }
    Ok(())
}

async fn lease_end(
    connection: &mut SqliteConnection,
    grant: GrantId,
    ended: u64,
) -> Result<(), CommitError> {
    if ended != 0 {
        sqlx::query("UPDATE grant_open SET ended = ended | ? WHERE id = ?")
            .bind(ended.cast_signed())
            .bind(stored(grant.0))
            .execute(connection)
            .await?;
    }
    Ok(())
}

pub(super) async fn grants_end(
    connection: &mut SqliteConnection,
    stage: &Stage,
) -> Result<(), CommitError> {
    let delete = Shape { head: "DELETE FROM grant_open WHERE id IN (VALUES", width: 1, tail: ")" };
    let rows = stage.grants_ended.iter().map(|grant| [stored(grant.0).into()]);
    delete.execute(connection, rows).await?;
    Ok(())
}

/// Bytes of one unit in a grant: slice, first and count, little-endian.
const UNIT_BYTES: usize = 12;

fn units_encode(units: &[Leased]) -> Vec<u8> {
    let numbers =
        units.iter().flat_map(|leased| [leased.slice, leased.docs.first, leased.docs.count]);
    numbers.flat_map(u32::to_le_bytes).collect()
}

/// The units of a grant's row.
pub(crate) fn units_decode(bytes: &[u8]) -> Result<Vec<(u32, DocRange)>, StoreError> {
    let (units, rest) = bytes.as_chunks::<UNIT_BYTES>();
    if !rest.is_empty() || units.len() > 64 {
        return Err(StoreError::damaged("the database", "a grant in it has half a unit"));
    }
    let unit = |unit: &[u8; UNIT_BYTES]| {
        let (numbers, _) = unit.as_chunks::<4>();
        let [slice, first, count] = [0, 1, 2].map(|at| u32::from_le_bytes(numbers[at]));
        (slice, DocRange { first, count })
    };
    Ok(units.iter().map(unit).collect())
}
