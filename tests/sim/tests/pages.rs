//! The page says what is checked, and no more.

use gleaner_sim::Invariant;

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
