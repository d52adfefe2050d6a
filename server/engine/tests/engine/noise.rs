//! Any events in any order: nothing panics, every result is answered once, a job's row is put once.

use gleaner_engine::Engine;
use gleaner_engine::effect::{Effect, Tell, Write};
use gleaner_engine::event::{Event, Host, Token};
use gleaner_shared::id::{AccountId, GrantId, JobId, LeaseId};
use gleaner_shared::measure::{Millis, Time};
use gleaner_shared::policy::{Policy, Standing};
use gleaner_shared::unit::{DocRange, UnitKey};
use gleaner_shared::verdict::{FailureClass, Outcome};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::desk::{host_id, records};

fn a_job() -> impl Strategy<Value = JobId> {
    (0..3_u32).prop_map(JobId)
}

fn a_host() -> impl Strategy<Value = Host> {
    (0..6_u8, 0..3_u64, any::<bool>()).prop_map(|(number, account, own)| Host {
        id: host_id(number),
        account: AccountId(account),
        standing: if own { Standing::Own } else { Standing::Stranger },
    })
}

fn some_leases() -> impl Strategy<Value = Vec<LeaseId>> {
    vec((0..30_u64, 0..4_u16), 0..6).prop_map(|leases| {
        let lease = |(grant, index)| LeaseId { grant: GrantId(grant), index };
        leases.into_iter().map(lease).collect()
    })
}

fn a_unit() -> impl Strategy<Value = UnitKey> {
    (a_job(), 0..6_u32, 0..2_u32, 1..3_u32).prop_map(|(job, slice, first, count)| UnitKey {
        job,
        slice,
        docs: DocRange { first, count },
    })
}

fn an_event() -> impl Strategy<Value = Event> {
    let policy = (1..4_u8, 1..3_u8, 0..3_u8).prop_map(|(copies, own_copies, priority)| Policy {
        copies,
        own_copies,
        priority,
        deadline: Millis(50),
    });
    let returned = (a_host(), a_unit(), 0..4_u8, any::<u64>()).prop_map(|(host, unit, kind, t)| {
        let outcome = match kind {
            3 => Outcome::Failed(FailureClass::Crashed),
            _ => records(char::from(b'a' + kind)),
        };
        Event::Returned { host, unit, outcome, token: Token(t) }
    });
    let wanted = (0..6_u8, 0..5_u16).prop_map(|(number, units)| Event::Wanted {
        host: host_id(number),
        request: 1,
        units,
    });
    let id = || (0..6_u8).prop_map(host_id);
    prop_oneof![
        2 => (a_job(), policy, 0..6_u32)
            .prop_map(|(job, policy, slices)| Event::JobOpened { job, policy, slices }),
        1 => a_job().prop_map(Event::JobPaused),
        1 => a_job().prop_map(Event::JobResumed),
        1 => a_job().prop_map(Event::JobCancelled),
        1 => a_job().prop_map(Event::Finished),
        1 => (a_job(), vec(a_unit(), 0..4))
            .prop_map(|(job, units)| Event::JobRetried { job, units }),
        3 => (a_job(), 0..3_u32, vec(1..3_u32, 0..9))
            .prop_map(|(job, first, docs)| Event::SlicesRead { job, first, docs }),
        3 => (a_host(), 0..4_u16, some_leases())
            .prop_map(|(host, threads, leases)| Event::HostConnected { host, threads, leases }),
        1 => id().prop_map(Event::HostLost),
        1 => id().prop_map(Event::HostBanned),
        6 => wanted,
        2 => (id(), some_leases()).prop_map(|(host, leases)| Event::Renewed { host, leases }),
        2 => (id(), some_leases()).prop_map(|(host, leases)| Event::Released { host, leases }),
        9 => returned,
        2 => Just(Event::Ticked),
    ]
}

/// Runs batches and gives all effects; checks what holds of every batch.
fn run(batches: &[Vec<(u64, Event)>]) -> Result<Vec<Effect>, TestCaseError> {
    let mut engine = Engine::new();
    let mut all = vec![];
    let mut now = 0;
    for batch in batches {
        let mut expected = vec![];
        for (passed, event) in batch {
            now += passed;
            if let Event::Returned { token, .. } = event {
                expected.push(*token);
            }
            engine.handle(Time(now), event.clone());
        }
        engine.flush();
        let effects: Vec<Effect> = core::iter::from_fn(|| engine.poll_effect()).collect();
        let told = effects.iter().filter_map(|effect| match effect {
            Effect::Tell(Tell::Receipt { token, .. }) => Some(*token),
            _ => None,
        });
        prop_assert_eq!(told.collect::<Vec<_>>(), expected);
        let mut put: Vec<JobId> = effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Write(Write::JobPut { job, .. }) => Some(*job),
                _ => None,
            })
            .collect();
        let puts = put.len();
        put.dedup();
        prop_assert_eq!(put.len(), puts);
        for view in engine.jobs() {
            engine.why(view.job);
        }
        all.extend(effects);
    }
    Ok(all)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_event_is_out_of_place(batches in vec(vec((0..30_u64, an_event()), 0..8), 0..40)) {
        let once = run(&batches)?;
        prop_assert_eq!(once, run(&batches)?, "the same events give the same effects");
    }
}
