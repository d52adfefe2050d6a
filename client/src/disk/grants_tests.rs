//! What the grants promise: a crash at any point leaves the leases known, and no unit started for ever.

use gleaner_shared::id::Digest;
use gleaner_shared::measure::Millis;
use gleaner_shared::payload::PayloadFacts;
use gleaner_shared::unit::DocRange;
use gleaner_shared::wire::work::{GrantUnit, JobBrief};

use super::*;

fn grant(number: u64, units: u8) -> Grant {
    let unit = |n: u8| GrantUnit {
        payload: PayloadFacts { digest: Digest([n; 32]), len: 10, raw_len: 100, docs: 3 },
        docs: DocRange { first: 0, count: 3 },
    };
    let job = JobBrief {
        digest: Digest([9; 32]),
        name: "count".into(),
        app: "word-count@1".into(),
        params: vec![("min".into(), "2".into())],
        data: None,
        deadline: Millis::from_seconds(60),
    };
    Grant { request: 1, grant: GrantId(number), job, units: (0..units).map(unit).collect() }
}

fn lease(grant: u64, index: u16) -> LeaseId {
    LeaseId { grant: GrantId(grant), index }
}

fn folder() -> (tempfile::TempDir, Folder) {
    let root = tempfile::tempdir().unwrap();
    let folder = Folder::new(root.path());
    folder.make().unwrap();
    (root, folder)
}

fn saved(folder: &Folder, grant: &Grant) -> Grants {
    let (mut grants, ..) = Grants::load(folder).unwrap();
    grants.take(grant);
    grants.save(grant).unwrap();
    grants
}

fn files(folder: &Folder) -> usize {
    fs::read_dir(folder.grants()).unwrap().count()
}

#[test]
fn a_killed_process_knows_its_leases_and_what_it_had_in_hand() {
    let (_root, folder) = folder();
    let mut grants = saved(&folder, &grant(5, 3));
    grants.mark(lease(5, 0), Mark::Started).unwrap();
    grants.mark(lease(5, 0), Mark::Ended).unwrap();
    grants.mark(lease(5, 1), Mark::Started).unwrap();
    drop(grants);
    let (grants, found, damaged) = Grants::load(&folder).unwrap();
    assert_eq!(damaged, 0);
    assert_eq!(found[0].grant, grant(5, 3));
    assert_eq!(found[0].past, [Past::Ended, Past::Open { died: 1 }, Past::Open { died: 0 }]);
    assert!(grants.has(GrantId(5)));
}

#[test]
fn a_grant_goes_with_its_last_unit() {
    let (_root, folder) = folder();
    let mut grants = saved(&folder, &grant(5, 2));
    for index in 0..2 {
        assert!(grants.has(GrantId(5)));
        grants.mark(lease(5, index), Mark::Ended).unwrap();
    }
    assert!(!grants.has(GrantId(5)));
    assert_eq!(files(&folder), 0);
}

#[test]
fn marks_without_their_grant_are_ignored() {
    let (_root, folder) = folder();
    let (mut grants, ..) = Grants::load(&folder).unwrap();
    grants.mark(lease(8, 0), Mark::Ended).unwrap();
    assert_eq!(files(&folder), 0);
}

#[test]
fn a_number_that_comes_again_does_not_inherit_old_marks() {
    let (_root, folder) = folder();
    let mut grants = saved(&folder, &grant(5, 2));
    grants.mark(lease(5, 0), Mark::Ended).unwrap();
    let grants = saved(&folder, &grant(5, 2));
    drop(grants);
    let (_, found, _) = Grants::load(&folder).unwrap();
    assert_eq!(found[0].past, [Past::Open { died: 0 }, Past::Open { died: 0 }]);
}

#[test]
fn a_grant_that_was_saved_late_does_not_bring_back_what_has_ended() {
    let (_root, folder) = folder();
    let (mut grants, ..) = Grants::load(&folder).unwrap();
    grants.take(&grant(5, 2));
    grants.mark(lease(5, 0), Mark::Ended).unwrap();
    grants.save(&grant(5, 2)).unwrap();
    let (_, found, _) = Grants::load(&folder).unwrap();
    assert_eq!(found[0].past, [Past::Ended, Past::Open { died: 0 }]);
    grants.mark(lease(5, 1), Mark::Ended).unwrap();
    grants.save(&grant(5, 2)).unwrap();
    assert_eq!(files(&folder), 0);
}

#[test]
fn a_damaged_grant_costs_only_itself() {
    let whole = {
        let (_root, folder) = folder();
        drop(saved(&folder, &grant(5, 2)));
        fs::read(folder.grants().join(name(GrantId(5)))).unwrap()
    };
    for bit in (0..8 * whole.len()).step_by(13) {
        let (_root, folder) = folder();
        drop(saved(&folder, &grant(5, 2)));
        drop(saved(&folder, &grant(6, 1)));
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        fs::write(folder.grants().join(name(GrantId(5))), bytes).unwrap();
        let (grants, found, damaged) = Grants::load(&folder).unwrap();
        assert_eq!((found.len(), damaged), (1, 1), "bit {bit}");
        assert!(grants.has(GrantId(6)) && !grants.has(GrantId(5)));
        assert_eq!(files(&folder), 1);
    }
}
