//! The records of a settled unit: from the batch if a host returned them just now, else from the
//! result that was kept when another host returned them.

use bytes::Bytes;
use gleaner_shared::digest::digest;
use gleaner_shared::id::Digest;
use gleaner_shared::limits::RESULT_BYTES_MAX;
use gleaner_shared::records::{self, Tables};
use gleaner_shared::table::Table;
use gleaner_shared::unit::UnitKey;
use gleaner_shared::verdict::Outcome;
use sqlx::SqliteConnection;

use super::{CommitError, Run};
use crate::columns::{digest_of, size};
use crate::error::StoreError;
use crate::object::{Objects, Sort};

/// Unpacks and decodes the records that are to be merged.
pub(super) async fn read(
    connection: &mut SqliteConnection,
    objects: &Objects,
    run: &Run,
    (unit, wanted): (UnitKey, Digest),
) -> Result<(&'static [Table], Tables), CommitError> {
    let absent =
        |what: &str| StoreError::Misuse(format!("{what} of {unit:?} are not in its batch"));
    let tables = *run.tables.get(&unit.job).ok_or_else(|| absent("the tables"))?;
    let of_unit = (unit, gleaner_shared::id::HostId([0; 32]))
        ..=(unit, gleaner_shared::id::HostId([0xff; 32]));
    let returned = run.results.range(of_unit).map(|(_, result)| result);
    let mut agreeing = returned.filter(|result| result.outcome == Outcome::Records(wanted));
    let (packed, raw_len) = match agreeing.next() {
        Some(result) => (result.packed.clone(), result.raw_len),
        None => kept(connection, objects, unit, wanted).await?,
    };
    // Merging is the point of no return: whoever checked before, what goes in is what was voted for.
    let damaged = |why: String| StoreError::damaged(format!("a result of {unit:?}"), why);
    let raw = records::unpack(&packed, raw_len).map_err(|error| damaged(error.to_string()))?;
    if digest(&raw) != wanted {
        return Err(damaged("its records have another digest".into()).into());
    }
    let records = records::decode(tables, &raw).map_err(|error| damaged(error.to_string()))?;
    Ok((tables, records))
}

async fn kept(
    connection: &mut SqliteConnection,
    objects: &Objects,
    unit: UnitKey,
    wanted: Digest,
) -> Result<(Bytes, u64), CommitError> {
    type Found = (Option<Vec<u8>>, Option<Vec<u8>>, i64);
    let found: Option<Found> = sqlx::query_as(
        "SELECT packed, object, raw_bytes FROM result \
         WHERE job = ? AND slice = ? AND first = ? AND count = ? AND digest = ? \
         AND (packed IS NOT NULL OR object IS NOT NULL) LIMIT 1",
    )
    .bind(unit.job.0)
    .bind(unit.slice)
    .bind(unit.docs.first)
    .bind(unit.docs.count)
    .bind(wanted.0.to_vec())
    .fetch_optional(connection)
    .await?;
    let absent = || StoreError::Absent(format!("a result of {unit:?} with digest {wanted:.8}"));
    let (packed, object, raw_len) = found.ok_or_else(absent)?;
    let raw_len = size(raw_len);
    if let Some(packed) = packed {
        return Ok((packed.into(), raw_len));
    }
    let object = digest_of(&object.unwrap_or_default())?;
    let bytes = objects.range(Sort::Result, &object, 0..RESULT_BYTES_MAX as u64).await?;
    if digest(&bytes) == object {
        return Ok((bytes, raw_len));
    }
    Err(StoreError::damaged(format!("object result/{object}"), "its digest differs").into())
}
