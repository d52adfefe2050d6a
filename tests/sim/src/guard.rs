//! Engine and store side by side. Numbers are compared after every commit; everything is now and then,
//! at every upgrade and at the end.

use std::collections::BTreeSet;

use gleaner_engine::Engine;
use gleaner_engine::effect::JobState;
use gleaner_engine::event::{Host, Vote};
use gleaner_engine::view::{HostView, LinkView};
use gleaner_shared::id::{HostId, JobId};
use gleaner_shared::limits::{LEASES_MAX, UNITS_OPEN_MAX};
use gleaner_shared::policy::Standing;
use gleaner_shared::unit::UnitKey;

use crate::invariant::{Illegal, broken, ensure};
use crate::oracle;
use crate::server::Service;
use crate::world::World;

/// An open unit of which a host of some standing may take a copy, and who has a voice in it.
struct Wanted {
    unit: UnitKey,
    standing: Standing,
    voices: Vec<Host>,
}

impl World {
    /// After each commit that engine and store know of.
    pub(crate) fn guard(&self) -> Result<(), Illegal> {
        let sizes = self.driver.engine.sizes();
        let (leases, grants) = (self.store.leases_open, self.store.grants.len());
        let as_stored = sizes.leases == leases
            && sizes.deadlines == leases
            && sizes.grants == grants
            && sizes.units == sizes.units_there;
        ensure!(Bounds, as_stored, "{leases} leases, {grants} grants are on disk, not {sizes:?}");
        let bounded = sizes.places <= 3 * sizes.units
            && sizes.requests <= sizes.hosts
            && sizes.hosts <= self.clients.len()
            && sizes.leases <= LEASES_MAX
            && sizes.units <= UNITS_OPEN_MAX;
        ensure!(Bounds, bounded, "{sizes:?} with {} hosts", self.clients.len());
        Ok(())
    }

    /// Everything that can be compared.
    pub(crate) fn guard_all(&self) -> Result<(), Illegal> {
        self.check_restored()?;
        self.check_connected()?;
        self.check_held_requests()
    }

    /// An engine restored from the store must stand where the one that wrote it stands.
    fn check_restored(&self) -> Result<(), Illegal> {
        let (live, stored) = (self.driver.engine.snapshot(), self.store.snapshot());
        ensure!(Restore, live == stored, "the store has {stored:?}, but live {live:?}");
        let restored = Engine::restore(self.lease_time(), stored)
            .map_err(|error| broken!(Restore, "no restart: {error}"))?;
        let again = restored.snapshot();
        ensure!(Restore, live == again, "restored it is {again:?}, but live {live:?}");
        for (one, other) in self.driver.engine.jobs().zip(restored.jobs()) {
            ensure!(Restore, one == other, "restored it is {other:?}, but live {one:?}");
        }
        Ok(())
    }

    /// The engine takes those hosts for connected that are.
    fn check_connected(&self) -> Result<(), Illegal> {
        if self.service != Service::Up || !self.driver.inbox.is_empty() {
            return Ok(());
        }
        let hosts = self.driver.engine.hosts();
        let taken: BTreeSet<HostId> =
            hosts.filter(|host| host.link != LinkView::Away).map(|host| host.host.id).collect();
        let connected = self.clients.iter().filter(|client| self.conns[client.index].is_some());
        let connected: BTreeSet<HostId> = connected.map(|client| client.host.id).collect();
        let missed = connected.difference(&taken).count();
        ensure!(Bounds, missed == 0, "{missed} hosts are connected and the engine ignores them");
        Ok(())
    }

    /// Who holds nothing and waits could take nothing.
    fn check_held_requests(&self) -> Result<(), Illegal> {
        let engine = &self.driver.engine;
        let waits = |host: &HostView| host.link == LinkView::Waiting && host.leases == 0;
        let idle: Vec<Host> = engine.hosts().filter(waits).map(|host| host.host).collect();
        let is_cut_short = engine.next_deadline().is_some_and(|at| at <= self.lease_time());
        if idle.is_empty() || is_cut_short {
            return Ok(());
        }
        let running = self.store.jobs.iter().filter(|(_, row)| row.state == JobState::Running);
        for (&job, _) in running {
            let fresh = engine.window(job);
            ensure!(WakeUps, fresh == 0, "{idle:?} wait, but job {job} has {fresh} fresh slices");
            for wanted in self.wanted(job) {
                let taker = idle.iter().find(|host| wanted.suits(host));
                ensure!(
                    WakeUps,
                    taker.is_none(),
                    "{taker:?} waits, but could take {:?}",
                    wanted.unit
                );
            }
        }
        Ok(())
    }

    /// The open units of a job that want further copies.
    fn wanted(&self, job: JobId) -> Vec<Wanted> {
        let Some(row) = self.store.jobs.get(&job) else { return vec![] };
        let mut all = vec![];
        for unit in self.store.open_units(job) {
            let votes: &[Vote] = self.store.units.get(&unit).map_or(&[], |row| &row.results);
            let out = self.store.out(unit);
            let held = self.store.leases.get(&unit).into_iter().flatten().map(|row| row.host);
            let voices: Vec<Host> = votes.iter().map(|vote| vote.host).chain(held).collect();
            for standing in [Standing::Own, Standing::Stranger] {
                // What only strangers hold is for own hosts when nothing else is left.
                let later = standing == Standing::Own
                    && row.next_slice < row.slices
                    && !out.is_empty()
                    && voices.iter().all(|host| host.standing == Standing::Stranger);
                if !later && oracle::is_wanted(&row.policy, votes, &out, standing) {
                    all.push(Wanted { unit, standing, voices: voices.clone() });
                }
            }
        }
        all
    }
}

impl Wanted {
    fn suits(&self, host: &Host) -> bool {
        let same = |voice: &Host| {
            voice.id == host.id
                || (voice.standing == Standing::Stranger
                    && host.standing == Standing::Stranger
                    && voice.account == host.account)
        };
        self.standing == host.standing && !self.voices.iter().any(same)
    }
}
