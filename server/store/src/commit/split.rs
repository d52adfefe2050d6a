//! Splits: a failed unit of several documents goes, two that cover it come.
//!
//! The guard that no document is lost or doubled by it: the two cover the unit exactly, the unit is
//! open, and none of the three has ended before.

use gleaner_failpoint::crash_point;
use gleaner_shared::id::Digest;
use gleaner_shared::unit::UnitKey;
use sqlx::{Row as _, SqliteConnection};

use super::CommitError;
use super::stage::Stage;
use crate::batch::{Shape, unit_cells};
use crate::columns::{Word as _, digest_of};
use crate::error::{StoreError, is_conflict};

/// What stands in `settled.failure` of a unit that was split; in `message` stands how it failed.
const SPLIT: &str = "split";

/// Gives the objects that the units' results named.
pub(super) async fn split(
    connection: &mut SqliteConnection,
    stage: &Stage,
) -> Result<Vec<Digest>, CommitError> {
    if stage.split.is_empty() {
        return Ok(Vec::new());
    }
    for (unit, split) in &stage.split {
        if !unit.docs.is_covered_by(&split.into) {
            return Err(refused(&format!("{unit:?} is not covered by {:?}", split.into)));
        }
    }
    let parents = || stage.split.keys().copied().map(unit_cells);
    let parts: Vec<UnitKey> = stage.parts().collect();
    let settled = Shape {
        head: "SELECT 1 FROM settled WHERE (job, slice, first, count) IN (VALUES",
        width: 4,
        tail: ")",
    };
    if !settled.fetch(connection, parts.iter().copied().map(unit_cells)).await?.is_empty() {
        return Err(refused("a half of it has ended before"));
    }
    let delete = Shape {
        head: "DELETE FROM unit WHERE (job, slice, first, count) IN (VALUES",
        width: 4,
        tail: ")",
    };
    if delete.execute(connection, parents()).await? != stage.split.len() as u64 {
        return Err(refused("it is not open"));
    }
    let insert = Shape {
        head: "INSERT INTO settled (job, slice, first, count, failure, host, message) VALUES",
        width: 7,
        tail: "",
    };
    let rows = stage.split.iter().map(|(unit, split)| {
        let [job, slice, first, count] = unit_cells(*unit);
        let host = split.by.map(|vote| vote.host.id);
        [job, slice, first, count, SPLIT.into(), host.into(), split.why.word().into()]
    });
    conflicts(insert.execute(connection, rows).await, "it has ended before")?;
    crash_point!("server.split.half");
    let insert = Shape { head: "INSERT INTO unit VALUES", width: 5, tail: "" };
    let rows = parts.into_iter().map(|part| {
        let [job, slice, first, count] = unit_cells(part);
        [job, slice, first, count, 0_u32.into()]
    });
    conflicts(insert.execute(connection, rows).await, "a half of it is there")?;
    results_delete(connection, parents()).await
}

async fn results_delete(
    connection: &mut SqliteConnection,
    units: impl ExactSizeIterator<Item = [crate::batch::Cell; 4]>,
) -> Result<Vec<Digest>, CommitError> {
    let delete = Shape {
        head: "DELETE FROM result WHERE (job, slice, first, count) IN (VALUES",
        width: 4,
        tail: ") RETURNING object",
    };
    let mut objects = Vec::new();
    for row in delete.fetch(connection, units).await? {
        let object: Option<Vec<u8>> = row.try_get(0)?;
        objects.extend(object.as_deref().map(digest_of).transpose()?);
    }
    Ok(objects)
}

fn conflicts(inserted: sqlx::Result<u64>, why: &str) -> Result<(), CommitError> {
    match inserted {
        Ok(_) => Ok(()),
        Err(error) if is_conflict(&error) => Err(refused(why)),
        Err(error) => Err(error.into()),
    }
}

fn refused(why: &str) -> CommitError {
    StoreError::Misuse(format!("a unit cannot be split: {why}")).into()
}

impl Stage {
    /// The units that splits make.
    pub(super) fn parts(&self) -> impl Iterator<Item = UnitKey> {
        self.split.iter().flat_map(|(unit, split)| split.into.map(|docs| UnitKey { docs, ..*unit }))
    }
}
