//! The page says what is checked, and no more.

use gleaner_sim::{Broken, Invariant, Size};

#[test]
fn the_page_lists_every_invariant_as_it_is_printed() {
    let page = include_str!("../../../docs/simulation.md");
    for invariant in Invariant::ALL {
        let row = format!("| {} | {} |", invariant.name(), invariant.sentence());
        assert!(page.contains(&row), "docs/simulation.md lacks: {row}");
    }
    let rows = page.lines().filter(|line| line.starts_with("| ")).count();
    assert_eq!(rows, Invariant::ALL.len() + 1, "rows and a head");
}

#[test]
fn a_broken_seed_says_what_was_broken_and_how_to_see_it_again() {
    let (size, invariant) = (Size { units: 60 }, Invariant::WakeUps);
    let broken = Broken { seed: 7, size, step: 9, millis: 12, invariant, what: "so".into() };
    let said = broken.to_string();
    assert!(said.starts_with("seed 7, step 9, at 12 ms, wake-ups: so\n"), "{said}");
    assert!(said.contains(invariant.sentence()), "{said}");
    let page = include_str!("../../../docs/simulation.md");
    let replay = "cargo run --release -p gleaner-sim --bin sim -- --seed 7 --units 60 --trace";
    assert!(said.ends_with(replay) && page.contains(replay), "{said}");
}
