//! All ontologies of the set, against the summary.
