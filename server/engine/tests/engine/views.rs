//! What status pages are told.

use gleaner_engine::event::Event;
use gleaner_engine::view::Why;
use gleaner_shared::id::JobId;
use gleaner_shared::policy::Policy;

use crate::desk::{Desk, JOB, policy, records};

#[test]
fn a_jobs_numbers_add_up() {
    let mut desk = Desk::with_job(10, policy(2, 1));
    desk.stranger(1);
    desk.own(6);
    desk.want(1, 3);
    desk.want(6, 2);
    desk.give(1, 0, records('a'));
    desk.give(6, 3, records('a'));
    let view = desk.engine.job(JOB).expect("open");
    assert_eq!((view.ready, view.leased, view.waiting, view.checking), (5, 3, 1, 1));
    assert_eq!((view.row.merged, view.row.failed), (1, 0));
}

#[test]
fn each_reason_is_named() {
    let why = |desk: &Desk| desk.engine.why(JOB);
    let mut desk = Desk::with_job(3, policy(2, 1));
    assert_eq!(desk.engine.why(JobId(9)), [Why::NotOpen]);
    assert_eq!(why(&desk), [Why::NoHost]);
    desk.stranger(1);
    desk.want(1, 9);
    desk.give(1, 0, records('a'));
    let few = Why::FewAccounts { copies: 2, connected: 1 };
    assert_eq!(
        why(&desk),
        [few, Why::WaitsForAccount { units: 3 }, Why::HostsBusy { connected: 1, full: 0 }]
    );
    desk.own(6);
    desk.want(6, 9);
    assert_eq!(why(&desk), [Why::AllAtHosts { units: 3 }]);
    desk.batch([Event::JobPaused(JOB)]);
    assert_eq!(why(&desk), [Why::Paused]);
    for slice in 0..3 {
        desk.give(6, slice, records('a'));
    }
    assert_eq!(why(&desk), [Why::Finishing]);
}

#[test]
fn a_job_that_shares_the_hosts_says_so() {
    let mut desk = Desk::with_job(3, policy(2, 1));
    desk.own(6);
    desk.open(JobId(2), 3, Policy { priority: 3, ..policy(2, 1) });
    assert!(desk.engine.why(JOB).contains(&Why::Shares { weight: 1, of: 4 }));
    assert_eq!(desk.want(6, 9).len(), 3, "of the first job");
    assert_eq!(desk.want(6, 9).len(), 3, "of the second");
    assert!(!desk.engine.why(JOB).iter().any(|why| matches!(why, Why::Shares { .. })));
}

#[test]
fn a_missing_second_own_host_is_named() {
    let mut desk = Desk::with_job(1, policy(2, 2));
    desk.own(6);
    desk.want(6, 1);
    desk.give(6, 0, records('a'));
    assert!(desk.engine.why(JOB).contains(&Why::WaitsForOwnHost { units: 1 }));
}
