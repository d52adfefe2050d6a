//! From a sample to the whole: rows by what they follow, bytes by the trial's bytes for each row.

use gleaner_apps::App;
use gleaner_shared::table::Spread;
use gleaner_shared::wire::admin::corpus::CorpusRow;
use serde::Serialize;

use super::piece::Piece;
use super::sample::Sample;

/// What a job would leave and take.
#[derive(Debug)]
pub(crate) struct Forecast {
    pub(crate) tables: Vec<TableForecast>,
    /// Packed results of all units, one copy.
    pub(crate) result_bytes: u64,
    /// Work of all units, one copy, on one thread like the one that the sample was computed on.
    pub(crate) compute_seconds: u64,
}

/// A table when the job is done.
#[derive(Debug, Serialize)]
pub(crate) struct TableForecast {
    pub(crate) table: String,
    pub(crate) rows: u64,
    /// With its indexes.
    pub(crate) disk_bytes: u64,
    pub(crate) basis: Basis,
}

/// Where a number of rows comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Basis {
    /// The sample is the whole.
    Counted,
    /// It grows with the documents or their bytes.
    Scaled,
    /// Keys come again: their growth in the sample was gone on with.
    Fitted,
}

/// Of a corpus of which this is a sample with at least one piece.
pub(crate) fn forecast(sample: &Sample, corpus: &CorpusRow, app: &dyn App) -> Forecast {
    let scale = match sample.is_whole {
        true => 1.0,
        false => (corpus.raw_bytes as f64 / sample.raw_bytes().max(1) as f64).max(1.0),
    };
    let mut rows: Vec<(f64, Basis)> = Vec::new();
    for (at, table) in app.tables().iter().enumerate() {
        rows.push(match table.spread {
            _ if sample.is_whole => {
                (sample.trial.get(at).map_or(0.0, |t| t.rows as f64), Basis::Counted)
            }
            Spread::Unit => (scaled(&sample.pieces, at, corpus), Basis::Scaled),
            Spread::Shared => {
                let pieces = u32::try_from(sample.pieces.len()).unwrap_or(u32::MAX);
                (sample.keys[at].grown(pieces, f64::from(pieces) * scale), Basis::Fitted)
            }
        });
    }
    for source in app.finish().map_or(&[][..], |finish| finish.rows_of) {
        let at = app.tables().iter().position(|table| table.name == *source);
        rows.push(at.map_or((0.0, Basis::Counted), |at| rows[at]));
    }
    let tables = sample.trial.iter().zip(rows).map(|(trial, (rows, basis))| {
        let each = trial.disk_bytes as f64 / trial.rows.max(1) as f64;
        let disk_bytes = (trial.disk_bytes as f64).max(rows * each) as u64;
        TableForecast { table: trial.table.clone(), rows: rows as u64, disk_bytes, basis }
    });
    let packed: usize = sample.pieces.iter().map(|piece| piece.packed.len()).sum();
    Forecast {
        tables: tables.collect(),
        result_bytes: (packed as f64 * scale) as u64,
        compute_seconds: (sample.took().as_secs_f64() * scale).ceil() as u64,
    }
}

/// Rows of a table whose keys belong to one unit each. They follow the documents or their bytes:
/// whichever they follow more closely from piece to piece.
fn scaled(pieces: &[Piece], at: usize, corpus: &CorpusRow) -> f64 {
    let docs = |piece: &Piece| piece.docs as f64;
    let bytes = |piece: &Piece| piece.raw_bytes as f64;
    let by_docs = Ratio::of(pieces.iter().map(|piece| (piece.rows[at] as f64, docs(piece))));
    let by_bytes = Ratio::of(pieces.iter().map(|piece| (piece.rows[at] as f64, bytes(piece))));
    match by_docs.variance <= by_bytes.variance {
        true => by_docs.mean * corpus.documents as f64,
        false => by_bytes.mean * corpus.raw_bytes as f64,
    }
}

/// How one thing follows another.
struct Ratio {
    mean: f64,
    /// Of the ratio, relative to the mean.
    variance: f64,
}

impl Ratio {
    fn of(pairs: impl Iterator<Item = (f64, f64)> + Clone) -> Self {
        let (of, to) = pairs.clone().fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
        let mean = if to > 0.0 { of / to } else { 0.0 };
        let off = |(of, to): (f64, f64)| (of - mean * to).powi(2);
        let square: f64 = pairs.map(off).sum();
        Self { mean, variance: if of > 0.0 { square / (of * of) } else { 0.0 } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn piece(docs: u64, raw_bytes: u64, rows: u64) -> Piece {
        let (rows, keys, packed) = (vec![rows], vec![Vec::new()], Vec::new());
        Piece { docs, raw_bytes, rows, keys, packed, raw_len: 0, took: Duration::ZERO }
    }

    fn corpus(documents: u64, raw_bytes: u64) -> CorpusRow {
        CorpusRow {
            name: "c".into(),
            digest: String::new(),
            complete: true,
            documents,
            slices: 10,
            raw_bytes,
            packed_bytes: 1,
            set_aside: 0,
            jobs: 0,
        }
    }

    #[test]
    fn rows_follow_documents_or_bytes() {
        let of_docs = [piece(10, 900, 10), piece(30, 1_100, 30)];
        assert_eq!(scaled(&of_docs, 0, &corpus(1_000, 1)), 1_000.0);
        let of_bytes = [piece(10, 900, 90), piece(30, 1_100, 110)];
        assert_eq!(scaled(&of_bytes, 0, &corpus(1, 10_000)), 1_000.0);
        assert_eq!(scaled(&[piece(3, 10, 0)], 0, &corpus(300, 1_000)), 0.0);
    }
}
