//! `gleaner-admin`: nothing of it stands yet.
fn main() {}
