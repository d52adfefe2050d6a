//! One piece of a sample: some documents of one slice, computed as a unit is.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gleaner_apps::{App, Prepared, run_unit};
use gleaner_shared::limits::PLAN_PIECE_BYTES;
use gleaner_shared::payload::{Payload, PayloadFacts, payload_open};
use gleaner_shared::records;
use gleaner_shared::table::Spread;
use gleaner_shared::unit::DocRange;

/// An app made ready for a job.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) app: &'static dyn App,
    pub(super) prepared: Arc<dyn Prepared>,
}

/// A piece and what the app made of it.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) docs: u64,
    /// Of the documents, as they stand in the slice.
    pub(super) raw_bytes: u64,
    /// Rows of each table of the app.
    pub(super) rows: Vec<u64>,
    /// Hashes of the keys of each table that units share; none of the others.
    pub(super) keys: Vec<Vec<u64>>,
    /// The result, packed, and its bytes when it is not.
    pub(super) packed: Vec<u8>,
    pub(super) raw_len: u64,
    pub(super) took: Duration,
}

/// What there is of one slice.
#[derive(Debug)]
pub(super) struct Pieces {
    /// Each piece, or why there is none.
    pub(super) pieces: Vec<Result<Piece, String>>,
    /// Whether the slice has no more documents than these.
    pub(super) is_whole: bool,
}

/// Computes at most `most` pieces from the beginning of a slice.
pub(super) fn pieces(
    program: &Program,
    facts: &PayloadFacts,
    bytes: &[u8],
    most: usize,
) -> Result<Pieces, String> {
    let payload = payload_open(facts, bytes).map_err(|error| error.to_string())?;
    let lengths: Vec<usize> = payload.encoded().map(<[u8]>::len).collect();
    let (mut pieces, mut first) = (Vec::new(), 0);
    while first < lengths.len() && pieces.len() < most {
        let (mut end, mut raw_bytes) = (first, 0);
        while end < lengths.len() && raw_bytes < PLAN_PIECE_BYTES {
            // A document stands behind its length (docs/protocol.md, Payloads).
            raw_bytes += lengths[end] + 4;
            end += 1;
        }
        let size = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let range = DocRange { first: size(first), count: size(end - first) };
        pieces.push(piece(program, &payload, range, raw_bytes as u64));
        first = end;
    }
    Ok(Pieces { pieces, is_whole: first == lengths.len() })
}

fn piece(
    program: &Program,
    payload: &Payload,
    range: DocRange,
    raw_bytes: u64,
) -> Result<Piece, String> {
    let started = Instant::now();
    let raw = run_unit(program.app, &*program.prepared, payload, range);
    let raw = raw.map_err(|error| error.to_string())?;
    let took = started.elapsed();
    let tables = program.app.tables();
    let records = records::decode(tables, &raw).map_err(|error| error.to_string())?;
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    let keys = tables.iter().zip(&records).map(|(table, rows)| match table.spread {
        Spread::Unit => Vec::new(),
        Spread::Shared => rows.iter().map(|row| hasher.hash_one(&row[..table.keys()])).collect(),
    });
    Ok(Piece {
        docs: range.count.into(),
        raw_bytes,
        rows: records.iter().map(|rows| rows.len() as u64).collect(),
        keys: keys.collect(),
        packed: records::pack(&raw).map_err(|error| error.to_string())?,
        raw_len: raw.len() as u64,
        took,
    })
}
