//! Archives and files made to hurt, each given to the real program: what goes in, what is set aside
//! and why, and that nothing appears on the disk, memory stays bounded and it ends in time.

mod bombs;
mod case;
pub(crate) mod packed;
mod rows;
mod stage;
pub(crate) mod tar;
mod tars;
pub(crate) mod zip;
mod zips;

use std::collections::BTreeSet;
use std::time::Duration;

use case::Case;
use stage::perform;

/// Cases that there are at least.
const CASES_MIN: usize = 60;
/// Memory of the program at most: one document of 64 MiB, and as
/// much again.
const PEAK_BYTES_MAX: u64 = 128 * 1024 * 1024;
/// Far more than any of them takes.
const PATIENCE: Duration = Duration::from_secs(60);

fn cases() -> Vec<Case> {
    [tars::cases(), zips::cases(), packed::cases(), rows::cases(), bombs::cases()].concat()
}

#[tokio::test]
async fn what_is_hostile_is_set_aside_and_harms_nothing() {
    let cases = cases();
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name).collect();
    assert!(names.len() == cases.len() && cases.len() >= CASES_MIN, "{} cases", cases.len());
    let mut wrong = Vec::new();
    let mut peak_bytes = 0;
    for case in &cases {
        let seen = perform(case).await;
        peak_bytes = peak_bytes.max(seen.peak_bytes);
        let name = case.name;
        if seen.ids != case.ids {
            wrong.push(format!("{name}: {:?} went in, not {:?}", seen.ids, case.ids));
        }
        if !case.fits(&seen.asides) {
            wrong.push(format!("{name}: set aside is {:#?}", seen.asides));
        }
        if seen.code != if case.asides.is_empty() { 0 } else { 3 } {
            wrong.push(format!("{name}: the code is {}: {}", seen.code, seen.err));
        }
        if !seen.appeared.is_empty() {
            wrong.push(format!("{name}: on the disk are new: {:?}", seen.appeared));
        }
        if seen.peak_bytes > PEAK_BYTES_MAX {
            wrong.push(format!("{name}: memory rose to {} MiB", seen.peak_bytes >> 20));
        }
        if seen.took > PATIENCE {
            wrong.push(format!("{name}: it took {:?}", seen.took));
        }
    }
    println!("{} cases, peak memory {} MiB", cases.len(), peak_bytes >> 20);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
