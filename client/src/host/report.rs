//! What the host says of itself.

use super::Host;
use super::line::Line;
use super::stop::Mode;
use super::trouble_on_disk::DiskState;
use crate::status::{Presence, Report};

impl Host {
    pub(super) fn report(&self) -> Report {
        let counts = self.hold.counts();
        let number = |count: usize| count as u64;
        Report {
            state: if self.line.is_open() { Presence::Connected } else { Presence::NotConnected },
            since_seconds: self.line.age().as_secs(),
            threads: number(self.threads.count()),
            units_in_hand: number(counts.in_hand),
            units_buffered: number(counts.ready),
            units_fetching: number(counts.lacking),
            results_spooled: number(self.outbox.spooled()),
            results_kept: number(self.outbox.kept()),
            units_done_total: self.done.total,
            waits_for: self.waits_for(),
            ..Report::of(&self.membership)
        }
    }

    /// Why it does not compute, or could compute more.
    fn waits_for(&self) -> Option<String> {
        if let DiskState::Refuses(why) = &self.disk {
            return Some(format!("the disk, which is full or takes no files: {why}"));
        }
        if self.mode != Mode::Working {
            return Some("its end: it was asked to stop".into());
        }
        match &self.line {
            Line::Away(away) => return Some(format!("the server: {}", away.why)),
            Line::Session(_) if !self.line.is_open() => {
                return Some("the server's welcome".into());
            }
            Line::Session(_) => {}
        }
        let counts = self.hold.counts();
        match (counts.in_hand, counts.lacking) {
            (0, 0) => Some("work: the server has none for this machine now".into()),
            (0, _) => Some("payloads that are being fetched".into()),
            _ => None,
        }
    }
}
