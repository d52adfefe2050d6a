//! What a step did, counted from what it says.

/// Tests and checks that passed and failed, and proofs that could not be made here.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    /// Passed.
    pub(crate) passed: u64,
    /// Failed.
    pub(crate) failed: u64,
    /// What was said about each skipped proof.
    pub(crate) skipped: Vec<String>,
}

impl Count {
    /// Takes in one line of a step's output.
    pub(crate) fn read(&mut self, line: &str) {
        if line.starts_with("SKIPPED: ") {
            self.skipped.push(line.to_owned());
        }
        let Some(result) = line.strip_prefix("test result: ") else { return };
        let mut before = "0";
        for word in result.split([' ', ';']) {
            match word {
                "passed" => self.passed += before.parse().unwrap_or(0),
                "failed" => self.failed += before.parse().unwrap_or(0),
                _ => {}
            }
            before = word;
        }
    }

    /// Adds another's numbers.
    pub(crate) fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped.extend(other.skipped.iter().cloned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_tests_are_counted() {
        let mut count = Count::default();
        for line in [
            "running 3 tests",
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out",
            "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out",
            "SKIPPED: no root; nothing is proved",
        ] {
            count.read(line);
        }
        assert_eq!((count.passed, count.failed), (13, 2));
        assert_eq!(count.skipped.len(), 1);
    }
}
