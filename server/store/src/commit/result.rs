//! Results that count and do not settle their unit yet: kept with their bytes, as received.

use std::collections::BTreeMap;

use gleaner_engine::event::Vote;
use gleaner_shared::digest::digest;
use gleaner_shared::id::HostId;
use gleaner_shared::limits::{MESSAGE_BYTES_MAX, RESULT_INLINE_MAX};
use gleaner_shared::unit::UnitKey;
use gleaner_shared::verdict::Outcome;
use sqlx::SqliteConnection;

use super::stage::Stage;
use super::{CommitError, ResultBytes};
use crate::batch::{Cell, Shape, unit_cells};
use crate::columns::{Word as _, stored};
use crate::error::StoreError;

type Results = BTreeMap<(UnitKey, HostId), ResultBytes>;

pub(super) async fn insert(
    connection: &mut SqliteConnection,
    stage: &Stage,
    results: &Results,
) -> Result<(), CommitError> {
    let mut rows = Vec::with_capacity(stage.results.len());
    for (unit, vote) in &stage.results {
        let bytes = results.get(&(*unit, vote.host.id));
        if bytes.is_none() && matches!(vote.outcome, Outcome::Records(_)) {
            let why = format!("a result of {unit:?} has no bytes in its batch");
            return Err(StoreError::Misuse(why).into());
        }
        let kept = !stage.ends(unit);
        rows.push(cells(*unit, vote, bytes.filter(|_| kept)));
    }
    let insert = Shape { head: "INSERT INTO result VALUES", width: 13, tail: "" };
    insert.execute(connection, rows.into_iter()).await?;
    Ok(())
}

fn cells(unit: UnitKey, vote: &Vote, bytes: Option<&ResultBytes>) -> [Cell; 13] {
    let [job, slice, first, count] = unit_cells(unit);
    let (records, failure) = match vote.outcome {
        Outcome::Records(digest) => (Some(digest), None),
        Outcome::Failed(class) => (None, Some(class.word())),
    };
    let packed = bytes.map(|bytes| &bytes.packed).filter(|packed| !packed.is_empty());
    let inline = packed.filter(|packed| packed.len() <= RESULT_INLINE_MAX);
    let object = packed.filter(|packed| packed.len() > RESULT_INLINE_MAX);
    [
        job,
        slice,
        first,
        count,
        vote.host.id.into(),
        stored(vote.host.account.0).into(),
        vote.host.standing.word().into(),
        records.into(),
        failure.into(),
        inline.map(|packed| packed.to_vec()).into(),
        object.map(|packed| digest(packed)).into(),
        stored(bytes.map_or(0, |bytes| bytes.raw_len)).into(),
        message(bytes).into(),
    ]
}

/// What a failing app said, within its bound.
pub(super) fn message(bytes: Option<&ResultBytes>) -> &str {
    let text = bytes.map_or("", |bytes| bytes.message.as_str());
    &text[..text.floor_char_boundary(MESSAGE_BYTES_MAX)]
}
