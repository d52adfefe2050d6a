//! Points that are compiled in: each counts its hits, writes into a journal what was reached and what
//! was done, and does what the plan says.
//!
//! The plan is `GLEANER_FAILPOINTS`, the journal the file that `GLEANER_FAILPOINTS_JOURNAL` names.

use std::collections::BTreeMap;
use std::env;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::plan::{Action, Plan};

/// `EIO` and `ENOSPC` of errno(3), on Linux.
const EIO: i32 = 5;
const ENOSPC: i32 = 28;

#[derive(Debug)]
struct Points {
    plan: Plan,
    journal: Option<File>,
    hits: Mutex<BTreeMap<&'static str, u64>>,
}

/// Passes a point that the disk cannot refuse.
///
/// # Panics
/// If the plan says so, or says that the disk refuses.
pub fn cross(point: &'static str) {
    if let Err(error) = ask(point) {
        panic!("the plan for {point} makes no sense: there is no disk to say {error}");
    }
}

/// Passes a point at which the disk may refuse.
///
/// # Errors
/// If the plan says so.
///
/// # Panics
/// If the plan says so.
pub fn ask(point: &'static str) -> io::Result<()> {
    match points().hit(point) {
        None => Ok(()),
        Some(Action::Kill) => std::process::abort(),
        Some(Action::Panic) => panic!("injected at {point}"),
        Some(Action::Eio) => Err(io::Error::from_raw_os_error(EIO)),
        Some(Action::Enospc) => Err(io::Error::from_raw_os_error(ENOSPC)),
        Some(Action::Wait(time)) => {
            std::thread::sleep(time);
            Ok(())
        }
    }
}

fn points() -> &'static Points {
    static POINTS: OnceLock<Points> = OnceLock::new();
    POINTS.get_or_init(|| {
        let text = env::var("GLEANER_FAILPOINTS").unwrap_or_default();
        let plan = Plan::read(&text);
        let journal = env::var_os("GLEANER_FAILPOINTS_JOURNAL")
            .map(|path| OpenOptions::new().append(true).create(true).open(path));
        Points {
            plan: plan.unwrap_or_else(|| panic!("GLEANER_FAILPOINTS has a mistake: {text}")),
            journal: journal.and_then(Result::ok),
            hits: Mutex::default(),
        }
    })
}

impl Points {
    fn hit(&self, point: &'static str) -> Option<Action> {
        let hit = {
            let mut hits = self.hits.lock().unwrap_or_else(PoisonError::into_inner);
            let hit = hits.entry(point).or_default();
            *hit += 1;
            *hit
        };
        if hit == 1 {
            self.note(format!("reached {point}\n"));
        }
        let action = self.plan.action(point, hit);
        if let Some(action) = action {
            self.note(format!("fired {point} {action:?} at hit {hit}\n"));
        }
        action
    }

    /// One write, so that lines of several processes do not mix.
    fn note(&self, line: String) {
        if let Some(mut journal) = self.journal.as_ref() {
            // A journal that cannot be written shows by what it lacks.
            let _lost = journal.write_all(line.as_bytes());
        }
    }
}
