//! `gleaner-client`: nothing of it stands yet.
fn main() {}
