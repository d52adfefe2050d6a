//! The end of a job among hosts of which one in a hundred is slow or vanishes, and how jobs share.

use gleaner_sim::{Field, Trouble, race, shares};

const UNITS: u32 = 5_000;
const FIELDS: [Field; 2] = [Field::Own, Field::Strangers];

#[test]
fn slow_and_vanished_hosts_cost_little_time_and_work() {
    for field in FIELDS {
        for trouble in [Trouble::None, Trouble::Slow, Trouble::Vanishes] {
            for seed in 1..=2 {
                let race = race(seed, UNITS, field, trouble).expect("every promise is kept");
                let what = format!("{field:?}, {trouble:?}, seed {seed}: {race}");
                eprintln!("{what}");
                assert!(race.times_ideal() <= 1.5, "{what}");
                assert!(race.extra() <= 0.05, "{what}");
            }
        }
    }
}

#[test]
fn jobs_share_by_their_priorities() {
    for field in FIELDS {
        let leased = shares(1, UNITS, field).expect("every promise is kept");
        let wanted = UNITS / 3;
        eprintln!("{field:?}: {leased} of {wanted}");
        assert!(leased.abs_diff(wanted) * 10 <= wanted, "{field:?}: {leased}, {wanted} wanted");
    }
}
