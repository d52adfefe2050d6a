//! Proofs with real processes: none stands yet.
