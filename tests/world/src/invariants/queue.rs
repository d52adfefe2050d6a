//! Jobs and their units: each document in exactly one settled or open unit, counts that fit, and no
//! row left of what is settled.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};

use super::books::{Books, from_row};
use super::corpora::slices;
use super::{Checked, Wrong};

/// A row of `job`.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) id: u32,
    pub(super) name: String,
    pub(super) app: String,
    pub(super) data: Option<Vec<u8>>,
    pub(super) corpus: u32,
    state: String,
    slices: i64,
    next_slice: i64,
    merged: i64,
    failed: i64,
}
from_row!(Job: id, name, app, data, corpus, state, slices, next_slice, merged, failed);

/// A row of `settled`.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    pub(super) slice: u32,
    pub(super) first: u32,
    pub(super) count: u32,
    pub(super) digest: Option<Vec<u8>>,
    failure: Option<String>,
    host: Option<Vec<u8>>,
}
from_row!(Settled: slice, first, count, digest, failure, host);

impl Settled {
    /// Whether two other units stand for it.
    fn is_split(&self) -> bool {
        self.failure.as_deref() == Some("split")
    }
}

/// First document and count.
type Range = (u32, u32);
/// Slice, first document, count.
type Unit = (u32, u32, u32);

pub(super) fn jobs(books: &mut Books) -> Result<Vec<Job>> {
    books.all("SELECT * FROM job ORDER BY id")
}

/// The settlements of a job, by slice and first document.
pub(super) fn settled(books: &mut Books, job: u32) -> Result<Vec<Settled>> {
    books.all(&format!(
        "SELECT slice, first, count, digest, failure, host FROM settled WHERE job = {job} \
         ORDER BY slice, first, count"
    ))
}

pub(super) fn check(books: &mut Books, wrong: &mut Wrong, checked: &mut Checked) -> Result<()> {
    let mut by_host: BTreeMap<Vec<u8>, i64> = BTreeMap::new();
    for job in jobs(books)? {
        checked.jobs += 1;
        let settled = settled(books, job.id)?;
        let merged = settled.iter().filter(|unit| unit.digest.is_some());
        for host in merged.clone().filter_map(|unit| unit.host.clone()) {
            *by_host.entry(host).or_default() += 1;
        }
        let failed = settled.iter().filter(|unit| unit.digest.is_none() && !unit.is_split());
        let counts = [merged.count() as i64, failed.count() as i64];
        checked.merged += counts[0].unsigned_abs();
        checked.failed += counts[1].unsigned_abs();
        let said = [job.merged, job.failed];
        wrong.unless(counts == said, || {
            format!("job {} counts {said:?} merged and failed units, and has {counts:?}", job.name)
        });
        of_job(books, &job, &settled, wrong)?;
    }
    for (host, merged) in by_host {
        let hex: String = host.iter().map(|byte| format!("{byte:02x}")).collect();
        let said = books.number(&format!("SELECT merged FROM host WHERE id = x'{hex}'"))?;
        wrong.unless(said >= merged, || format!("host {hex} settled {merged} units, has {said}"));
    }
    strays(books, wrong)
}

fn of_job(books: &mut Books, job: &Job, settled: &[Settled], wrong: &mut Wrong) -> Result<()> {
    let slices = slices(books, job.corpus)?;
    let Job { id, name, state, .. } = job;
    let is_over = state == "done" || state == "cancelled";
    let open = open(books, *id)?;
    wrong.unless(!is_over || open.is_empty(), || {
        format!("job {name} is {state} and has open units: {open:?}")
    });
    if state == "cancelled" {
        return Ok(());
    }
    wrong.unless(job.slices == slices.len() as i64, || {
        format!("job {name} has {} slices, its corpus {}", job.slices, slices.len())
    });
    let mut ranges: BTreeMap<u32, Vec<Range>> = BTreeMap::new();
    for unit in settled.iter().filter(|unit| unit.is_split() && unit.count < 2) {
        wrong.add(format!("job {name}: {unit:?} is one document and was split"));
    }
    // What was split does not count: its halves do.
    let ended = settled.iter().filter(|unit| !unit.is_split());
    let ended = ended.map(|unit| (unit.slice, unit.first, unit.count));
    for (slice, first, count) in ended.chain(open) {
        ranges.entry(slice).or_default().push((first, count));
    }
    for slice in &slices {
        let begun = i64::from(slice.number) < job.next_slice;
        let found = ranges.remove(&slice.number).unwrap_or_default();
        let whole =
            if begun || is_over { covers(found.clone(), slice.docs) } else { found.is_empty() };
        wrong.unless(whole, || {
            format!("job {name}, slice {} of {} documents: {found:?}", slice.number, slice.docs)
        });
    }
    wrong.unless(ranges.is_empty(), || format!("job {name} has units of no slice: {ranges:?}"));
    Ok(())
}

/// Whether ranges cover so many documents, each once.
fn covers(mut ranges: Vec<Range>, docs: u32) -> bool {
    ranges.sort_unstable();
    let mut next = 0;
    for (first, count) in ranges {
        if first != next || count == 0 {
            return false;
        }
        next = first + count;
    }
    next == docs
}

/// Units of a job that are leased or have a row, once each.
fn open(books: &mut Books, job: u32) -> Result<BTreeSet<Unit>> {
    let rows = format!("SELECT slice, first, count FROM unit WHERE job = {job}");
    let mut open: BTreeSet<Unit> = books.all(&rows)?.into_iter().collect();
    let over = format!("SELECT slice, first, count FROM settled WHERE job = {job}");
    let over: BTreeSet<Unit> = books.all(&over)?.into_iter().collect();
    let leased = grants(books)?.into_iter().filter(|grant| grant.job == job);
    open.extend(leased.flat_map(|grant| grant.open).filter(|unit| !over.contains(unit)));
    Ok(open)
}

/// A grant with the leases that have not ended.
struct Grant {
    id: i64,
    host: Vec<u8>,
    job: u32,
    open: Vec<Unit>,
}

fn grants(books: &mut Books) -> Result<Vec<Grant>> {
    let rows = books.all::<(i64, Vec<u8>, u32, Vec<u8>, i64)>(
        "SELECT id, host, job, units, ended FROM grant_open ORDER BY id",
    )?;
    let mut grants = Vec::with_capacity(rows.len());
    for (id, host, job, units, ended) in rows {
        let (units, rest) = units.as_chunks::<12>();
        ensure!(rest.is_empty() && units.len() <= 64, "grant {id} has half a unit");
        let number = |unit: &[u8; 12], at: usize| {
            u32::from_le_bytes([unit[at], unit[at + 1], unit[at + 2], unit[at + 3]])
        };
        let open = (0..).zip(units).filter(|(bit, _)| ended >> bit & 1 == 0);
        let open = open.map(|(_, unit)| (number(unit, 0), number(unit, 4), number(unit, 8)));
        grants.push(Grant { id, host, job, open: open.collect() });
    }
    Ok(grants)
}

/// Rows that should be gone.
fn strays(books: &mut Books, wrong: &mut Wrong) -> Result<()> {
    let unit = "(job, slice, first, count)";
    let select = "SELECT job, slice, first, count";
    for (table, question) in [
        ("unit", format!("{select} FROM unit WHERE {unit} IN ({select} FROM settled)")),
        ("result", format!("{select} FROM result WHERE {unit} IN ({select} FROM settled)")),
        ("result", format!("{select} FROM result WHERE {unit} NOT IN ({select} FROM unit)")),
        ("unit", format!("{select} FROM unit WHERE job NOT IN (SELECT id FROM job)")),
        ("settled", format!("{select} FROM settled WHERE job NOT IN (SELECT id FROM job)")),
    ] {
        for row in books.all::<(u32, u32, u32, u32)>(&question)? {
            wrong.add(format!("a row of {table} should not be there: job, slice, docs {row:?}"));
        }
    }
    let settled: BTreeSet<(u32, Unit)> = books
        .all::<(u32, u32, u32, u32)>(&format!("{select} FROM settled"))?
        .into_iter()
        .map(|(job, slice, first, count)| (job, (slice, first, count)))
        .collect();
    let voted: BTreeSet<(u32, Unit, Vec<u8>)> = books
        .all::<(u32, u32, u32, u32, Vec<u8>)>(&format!("{select}, host FROM result"))?
        .into_iter()
        .map(|(job, slice, first, count, host)| (job, (slice, first, count), host))
        .collect();
    for Grant { id, host, job, open } in grants(books)? {
        let holds = |unit: &Unit| {
            !settled.contains(&(job, *unit)) && !voted.contains(&(job, *unit, host.clone()))
        };
        wrong.unless(open.iter().any(holds), || format!("grant {id} of job {job} has ended"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn each_document_is_in_one_range() {
        for (ranges, docs, whole) in [
            (vec![(0, 3)], 3, true),
            (vec![(2, 1), (0, 2)], 3, true),
            (vec![(0, 2)], 3, false),
            (vec![(1, 2)], 3, false),
            (vec![(0, 2), (1, 2)], 3, false),
            (vec![(0, 3), (0, 3)], 3, false),
            (vec![(0, 3), (3, 1)], 3, false),
            (vec![], 0, true),
        ] {
            assert_eq!(covers(ranges.clone(), docs), whole, "{ranges:?} of {docs}");
        }
    }
}
