//! What a client says of itself, running or from its disk, and how it is shown.

use std::fmt::{self, Write};
use std::io;

use serde::{Deserialize, Serialize};

use crate::disk::folder::Folder;
use crate::disk::grants;
use crate::disk::membership::Membership;
use crate::disk::spool::Spool;

/// The name of a report as JSON.
pub(crate) const SCHEMA: &str = "gleaner/client-status/1";

/// Whether a client runs, and reaches its server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Presence {
    /// No process runs on the folder.
    #[default]
    NotRunning,
    /// It runs, without a session.
    NotConnected,
    /// It has a session.
    Connected,
}

/// How it goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Report {
    /// `host:port`.
    pub(crate) server: String,
    /// The server's key.
    pub(crate) server_key: String,
    /// The account that this machine works for.
    pub(crate) account: String,
    /// `own`, `volunteer` or `admin`.
    pub(crate) role: String,
    /// What this machine calls itself.
    pub(crate) name: String,
    /// This program's version.
    pub(crate) version: String,
    /// Whether it runs, and reaches its server.
    pub(crate) state: Presence,
    /// Since when it is so.
    pub(crate) since_seconds: u64,
    /// Threads that compute.
    pub(crate) threads: u64,
    /// Units that threads have.
    pub(crate) units_in_hand: u64,
    /// Units that wait for a thread, fetched.
    pub(crate) units_buffered: u64,
    /// Units that wait for their payload.
    pub(crate) units_fetching: u64,
    /// Results on disk that the server does not have yet.
    pub(crate) results_spooled: u64,
    /// Results in memory because the disk takes none.
    pub(crate) results_kept: u64,
    /// Results that the server has taken from this machine.
    pub(crate) units_done_total: u64,
    /// What it waits for, or nothing.
    pub(crate) waits_for: Option<String>,
}

impl Report {
    /// Of a member, of which nothing else is known.
    pub(crate) fn of(membership: &Membership) -> Self {
        Self {
            server: membership.address.clone(),
            server_key: membership.server().map(|key| key.to_string()).unwrap_or_default(),
            account: membership.account_name.clone(),
            role: membership.role.clone(),
            name: membership.name.clone(),
            version: env!("CARGO_PKG_VERSION").into(),
            ..Self::default()
        }
    }

    /// What waits in a folder on which no client runs. Changes nothing there.
    pub(crate) fn of_folder(folder: &Folder, membership: &Membership) -> io::Result<Self> {
        let number = |count: usize| count as u64;
        Ok(Self {
            units_buffered: number(grants::open_units(folder)?),
            results_spooled: number(Spool::new(folder).names()?.len()),
            units_done_total: crate::host::units_done(folder),
            waits_for: Some("somebody who starts it".into()),
            ..Self::of(membership)
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = seconds(self.since_seconds);
        let line = match self.state {
            Presence::NotRunning => "not running".into(),
            Presence::NotConnected => format!("not connected for {since}"),
            Presence::Connected => format!("connected for {since}"),
        };
        writeln!(f, "{}    {line}", self.server)?;
        writeln!(f, "  as      {} ({}), account {}", self.name, self.role, self.account)?;
        let (buffered, fetching) = (self.units_buffered, self.units_fetching);
        if self.state == Presence::NotRunning {
            writeln!(f, "  next    {buffered} units held")?;
        } else {
            let (in_hand, threads) = (self.units_in_hand, self.threads);
            writeln!(f, "  now     {in_hand} units in hand, {threads} threads")?;
            writeln!(f, "  next    {buffered} units fetched, {fetching} being fetched")?;
        }
        let mut spool = format!("{} results wait for delivery", self.results_spooled);
        if self.results_kept > 0 {
            write!(spool, ", {} in memory only", self.results_kept)?;
        }
        writeln!(f, "  spool   {spool}")?;
        writeln!(f, "  done    {} units in total", self.units_done_total)?;
        if let Some(why) = &self.waits_for {
            writeln!(f, "  waits   {why}")?;
        }
        Ok(())
    }
}

/// Seconds as people say them.
fn seconds(seconds: u64) -> String {
    humantime::format_duration(std::time::Duration::from_secs(seconds)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_names_what_it_waits_for_and_fits_80_columns() {
        let report = Report {
            server: "queue.example.org:4433".into(),
            account: "alex".into(),
            role: "volunteer".into(),
            name: "otter-417".into(),
            state: Presence::Connected,
            since_seconds: 3_725,
            threads: 8,
            results_kept: 2,
            waits_for: Some("space on the disk".into()),
            ..Report::default()
        };
        let text = report.to_string();
        assert!(text.contains("connected for 1h 2m 5s"), "{text}");
        assert!(text.contains("waits   space on the disk"), "{text}");
        assert!(text.contains("2 in memory only"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        let idle = Report { waits_for: None, ..report };
        assert!(!idle.to_string().contains("waits"));
    }
}
