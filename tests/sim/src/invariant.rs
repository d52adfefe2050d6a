//! What must hold in every world, by name: those of `docs/simulation.md`, which a test compares.
//!
//! Numbers I1 to I9 are those of the list for the whole system; the others are the engine's own.

use std::fmt;

macro_rules! invariants {
    ($($variant:ident, $name:literal, $sentence:literal;)*) => {
        /// A promise that holds after every step, or at named points.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Invariant {
            $(#[doc = $sentence] $variant,)*
        }

        impl Invariant {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// As it is printed.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What holds.
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)* }
            }
        }
    };
}

invariants! {
    Cover, "I1 cover", "Each document that was ever leased is in exactly one unit that is open, merged or listed as failed; split parents do not count.";
    Receipts, "I3 receipts", "A receipt says what is on disk: a kept result is stored or its unit has ended, whatever crashes.";
    Counters, "I4 counters", "What merges have added up is what one pass over the corpus adds up, but for the documents that are listed as failed.";
    Ends, "I5 ends", "Once faults stop, every job ends within a bounded number of lease times.";
    Whole, "I6 whole", "No batch has effects in part: a job's counters are the sums of its units.";
    Terms, "I8 terms", "Numbers of grants, generations of finish steps and first slices not leased only grow, through any crash.";
    Bounds, "I9 bounds", "What the engine holds is bounded, and as much as the store has: units, leases, deadlines, grants, lines, hosts.";
    Told, "told", "Nothing is told before the commit that makes it so.";
    OneVoice, "one voice", "A host, and an account of strangers, has one voice in a unit: no lease to one that has it, no second vote, no third holder of a slot.";
    OwnHosts, "own hosts", "Strangers never overrule an own host.";
    Late, "late", "A stranger's result counts only with an open lease, and nothing counts for a unit that has ended.";
    Verdict, "verdict", "A unit ends when, and only when, a second writing of the rule says so, and as it says.";
    Truth, "truth", "While liars have fewer accounts than a unit wants copies, what is merged or failed is what an honest host says.";
    Leases, "leases", "A lease ends by its holder's word, by the end of its unit or slot, or after its whole time; clocks that jump end none. Who connects keeps what it states.";
    Restore, "restore", "An engine restored from the store stands where the one that wrote it stands.";
    WakeUps, "wake-ups", "No request is held while there is work that its host may take.";
    Store, "store", "The store would refuse no write.";
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which invariant was broken, and how.
#[derive(Debug)]
pub(crate) struct Illegal {
    pub(crate) invariant: Invariant,
    pub(crate) why: String,
}

impl fmt::Display for Illegal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant, self.why)
    }
}

/// An [`Illegal`] of an invariant.
macro_rules! broken {
    ($invariant:ident, $($why:tt)*) => {
        $crate::invariant::Illegal {
            invariant: $crate::invariant::Invariant::$invariant,
            why: format!($($why)*),
        }
    };
}
pub(crate) use broken;

/// Ends with an [`Illegal`] unless the invariant holds.
macro_rules! ensure {
    ($invariant:ident, $holds:expr, $($why:tt)*) => {
        if !$holds {
            return Err($crate::invariant::broken!($invariant, $($why)*));
        }
    };
}
pub(crate) use ensure;

impl Illegal {
    /// The same, with what did it.
    pub(crate) fn by(self, what: &impl fmt::Debug) -> Self {
        Self { why: format!("{} by {what:?}", self.why), ..self }
    }
}
