//! The mistakes, and which proof catches each.

/// One replacement: what stands in a file, and what stands there instead.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    pub(super) file: &'static str,
    pub(super) before: &'static str,
    pub(super) after: &'static str,
}

/// A mistake.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mutant {
    pub(super) name: &'static str,
    pub(super) changes: &'static [Change],
    /// The words of `cargo proof`.
    pub(super) proof: &'static str,
}

const COMMITS: &str = "commits --rounds 60";
const POWER: &str = "power-cuts --cuts 8 --rounds 100";

pub(super) const MUTANTS: [Mutant; 6] = [
    Mutant {
        name: "receipts before the commit",
        changes: &[Change {
            file: "server/src/driver/mod.rs",
            before: "        if !writes.is_empty() || !gathered.jobs.is_empty() {
            let committed",
            after: "        let receipts = tells.iter().filter_map(|tell| match tell {
            Tell::Receipt { token, receipt } => Some((*token, *receipt)),
            _ => None,
        });
        for (token, receipt) in receipts {
            if let Some(reply) = self.replies.remove(&token) {
                let _gone = reply.send(Delivered::Receipt(receipt));
            }
        }
        if !writes.is_empty() || !gathered.jobs.is_empty() {
            let committed",
        }],
        proof: COMMITS,
    },
    Mutant {
        name: "the engine lives on after a failed commit",
        changes: &[Change {
            file: "server/src/driver/mod.rs",
            before: "            match self.restore().await {
                Err(DriverError::Store(StoreError::Full)) => {}
                restored => return restored,
            }",
            after: "            return Ok(());",
        }],
        proof: COMMITS,
    },
    Mutant {
        name: "a settled unit is settled again, and the store's guard is gone",
        changes: &[
            Change {
                file: "server/engine/src/returned.rs",
                before: "return Hearing::No(if settled { Receipt::Late } else { Receipt::Gone });",
                after: "if !settled {
                return Hearing::No(Receipt::Gone);
            }
            job.units.insert(place, crate::unit::Unit::new(Trace::Grants));
            self.units_open += 1;
            return Hearing::Counts(None);",
            },
            Change {
                file: "server/store/src/commit/settle.rs",
                before: "head: \"INSERT INTO settled VALUES\"",
                after: "head: \"INSERT OR REPLACE INTO settled VALUES\"",
            },
        ],
        proof: COMMITS,
    },
    Mutant {
        name: "a result's file is not synced",
        changes: &[Change {
            file: "client/src/disk/durable.rs",
            before: "    file.sync_all()?;\n",
            after: "",
        }],
        proof: POWER,
    },
    Mutant {
        name: "a commit is not synced",
        changes: &[Change {
            file: "server/store/src/open.rs",
            before: "synchronous(SqliteSynchronous::Full)",
            after: "synchronous(SqliteSynchronous::Off)",
        }],
        proof: POWER,
    },
    Mutant {
        name: "a pack is not synced",
        changes: &[Change {
            file: "server/store/src/object/mod.rs",
            before: ".with_fsync(true)",
            after: ".with_fsync(false)",
        }],
        proof: POWER,
    },
];
