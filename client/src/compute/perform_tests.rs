//! What a workshop makes of a unit: a result in the spool, or a reason why there is none.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;

use gleaner_shared::digest::digest;
use gleaner_shared::document::{Document, Kind};
use gleaner_shared::id::{Digest, GrantId, LeaseId};
use gleaner_shared::limits::ARTEFACT_BYTES_MAX;
use gleaner_shared::measure::Millis;
use gleaner_shared::payload::{PayloadBuilder, PayloadFacts, document_encode};
use gleaner_shared::records;
use gleaner_shared::table::Value;
use gleaner_shared::unit::DocRange;
use gleaner_shared::wire::work::Artefact;

use super::*;
use crate::compute::pipe::{self, Say};
use crate::compute::task::Void;
use crate::disk::blobs::{Blobs, Item};

/// A data folder with one payload of two documents.
struct Rig {
    _root: tempfile::TempDir,
    folder: Folder,
    workshop: Workshop,
    payload: PayloadFacts,
}

impl Rig {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::new(root.path());
        folder.make().unwrap();
        let mut builder = PayloadBuilder::default();
        for (id, text) in [("one", "Hello, hello world."), ("two", "World!")] {
            let paragraphs = vec![text.into()];
            let document = Document { id: id.into(), kind: Kind::Text, year: 0, paragraphs };
            builder.push(&document_encode(&document).unwrap());
        }
        let (payload, bytes) = builder.build().unwrap();
        let rig = Self { _root: root, workshop: Workshop::here(&folder), folder, payload };
        rig.put(&bytes);
        rig
    }

    fn item(&self) -> Item {
        Item::Payload(self.payload.digest)
    }

    fn put(&self, bytes: &[u8]) {
        std::fs::write(Blobs::new(&self.folder).path(self.item()), bytes).unwrap();
    }

    fn task(&self) -> Task {
        let job = JobBrief {
            digest: Digest([1; 32]),
            name: "words".into(),
            app: "word-count@1".into(),
            params: Vec::new(),
            data: None,
            deadline: Millis(1_000),
        };
        Task {
            lease: LeaseId { grant: GrantId(7), index: 0 },
            job: Arc::new(job),
            payload: self.payload,
            docs: DocRange { first: 0, count: self.payload.docs },
            died: 0,
            void: Void::default(),
        }
    }

    fn job(&self, change: impl FnOnce(&mut JobBrief)) -> Task {
        let mut task = self.task();
        change(Arc::get_mut(&mut task.job).unwrap());
        task
    }

    /// The class and the words of the failure that is in the spool afterwards.
    fn failure(&self, task: &Task) -> (FailureClass, String) {
        let made = self.workshop.perform(task);
        let Made::Spooled(name, entry) = made else { panic!("{made:?}") };
        assert_eq!(Spool::new(&self.folder).read(&name).unwrap(), (entry.clone(), Vec::new()));
        match entry.head.returned {
            Returned::Failed { class, message } => (class, message),
            Returned::Records { .. } => panic!("it has records"),
        }
    }
}

#[test]
fn a_units_records_are_in_the_spool() {
    let rig = Rig::new();
    let made = rig.workshop.perform(&rig.task());
    let Made::Spooled(name, entry) = made else { panic!("{made:?}") };
    let (read, packed) = Spool::new(&rig.folder).read(&name).unwrap();
    assert_eq!(read, entry);
    let Returned::Records { digest: wanted, raw_len, len } = entry.head.returned else {
        panic!("no records")
    };
    assert_eq!(packed.len(), len as usize);
    let raw = records::unpack(&packed, raw_len).unwrap();
    assert_eq!(digest(&raw), wanted);
    let tables = gleaner_apps::app("word-count").unwrap().tables();
    let rows = records::decode(tables, &raw).unwrap();
    let row = |word: &str, count, docs| {
        vec![Value::Text(word.into()), Value::Int(count), Value::Int(docs)]
    };
    assert_eq!(rows, [vec![row("hello", 2, 1), row("world", 2, 2)]]);
}

#[test]
fn what_is_damaged_or_gone_is_asked_for_again() {
    let rig = Rig::new();
    rig.put(b"other bytes");
    let path = Blobs::new(&rig.folder).path(rig.item());
    for _ in ["damaged", "gone"] {
        let made = rig.workshop.perform(&rig.task());
        assert!(matches!(made, Made::Lacks(item) if item == rig.item()), "{made:?}");
        assert!(!path.exists());
    }
}

#[test]
fn a_void_unit_makes_nothing() {
    let rig = Rig::new();
    let task = rig.task();
    task.void.set();
    assert!(matches!(rig.workshop.perform(&task), Made::Void));
    assert!(Spool::new(&rig.folder).names().unwrap().is_empty());
}

#[test]
fn an_unknown_app_is_not_the_units_fault() {
    let rig = Rig::new();
    let task = rig.job(|job| job.app = "word-count@999".into());
    assert!(matches!(rig.workshop.perform(&task), Made::UnknownApp));
}

#[test]
fn what_the_app_refuses_is_a_result() {
    let rig = Rig::new();
    let task = rig.job(|job| job.params = vec![("speed".into(), "high".into())]);
    let (class, message) = rig.failure(&task);
    assert_eq!(class, FailureClass::Refused);
    assert!(message.contains("speed"), "{message}");
    let mut beyond = rig.task();
    beyond.docs.count = 3;
    assert_eq!(rig.failure(&beyond).0, FailureClass::Refused);
}

/// A shell script is started instead of this program.
fn crews(rig: &mut Rig, script: &str) {
    let path = rig.folder.root().join("program");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    rig.workshop = Workshop::new(&rig.folder, Program::with(path, &rig.folder));
}

/// Says that the first unit is begun, counts itself, and ends so.
fn ending(rig: &mut Rig, end: &str) -> PathBuf {
    let count = rig.folder.root().join("count");
    let mut begun = Vec::new();
    pipe::write(&mut begun, &Say::Begun(1), &[]).unwrap();
    let begun: String = begun.iter().map(|byte| format!("\\{byte:03o}")).collect();
    crews(
        rig,
        &format!("head -c 1 >/dev/null; printf '{begun}'; echo >>{}; {end}", count.display()),
    );
    count
}

#[test]
fn a_unit_that_is_alone_with_a_death_is_reported() {
    for (end, processes, says) in [
        ("kill -9 $$", APART_TRIES, "signal: 9"),
        ("kill -6 $$", 1, "signal: 6"),
        ("exit 0", 1, "exit status: 0"),
        ("echo 'memory allocation of 7 bytes failed' >&2; kill -6 $$", 1, "memory ran out"),
    ] {
        let mut rig = Rig::new();
        let count = ending(&mut rig, end);
        let (class, message) = rig.failure(&Task { died: 1, ..rig.task() });
        assert_eq!(class, FailureClass::Crashed);
        assert!(message.contains(says), "{message}");
        assert_eq!(std::fs::read(count).unwrap().len(), processes, "{end}");
    }
}

#[test]
fn a_part_of_a_unit_that_failed_is_alone_from_the_start() {
    let mut rig = Rig::new();
    ending(&mut rig, "exit 1");
    let mut half = rig.task();
    half.docs.count = 1;
    assert_eq!(rig.failure(&half).0, FailureClass::Crashed);
}

#[test]
fn a_death_among_many_blames_nobody_yet() {
    let mut rig = Rig::new();
    let count = ending(&mut rig, "exit 1");
    let made = rig.workshop.perform(&rig.task());
    assert!(matches!(&made, Made::Died(how) if how.contains("exit status: 1")), "{made:?}");
    assert_eq!(std::fs::read(count).unwrap().len(), 1);
    assert!(Spool::new(&rig.folder).names().unwrap().is_empty());
}

#[test]
fn a_process_that_does_not_come_to_the_documents_blames_nobody() {
    let mut rig = Rig::new();
    crews(&mut rig, "exit 7");
    let made = rig.workshop.perform(&Task { died: 1, ..rig.task() });
    assert!(matches!(&made, Made::Unready(how) if how.contains("exit status: 7")), "{made:?}");
    rig.workshop = Workshop::new(&rig.folder, Program::with("/no/such".into(), &rig.folder));
    let made = rig.workshop.perform(&rig.task());
    assert!(matches!(made, Made::Unstarted(_)), "{made:?}");
}

#[test]
fn a_process_that_ends_for_anothers_sake_blames_nobody() {
    let mut rig = Rig::new();
    let mut ends = Vec::new();
    pipe::write(&mut ends, &Say::Ends, &[]).unwrap();
    let ends: String = ends.iter().map(|byte| format!("\\{byte:03o}")).collect();
    crews(&mut rig, &format!("printf '{ends}'; exit 1"));
    let made = rig.workshop.perform(&rig.task());
    assert!(matches!(made, Made::Interrupted), "{made:?}");
}

#[test]
fn what_never_ends_well_is_given_up() {
    let rig = Rig::new();
    let task = Task { died: CRASHES_MAX, ..rig.task() };
    assert_eq!(rig.failure(&task).0, FailureClass::Crashed);
}

#[test]
fn data_over_the_limit_is_refused_before_it_is_read() {
    let rig = Rig::new();
    let len = ARTEFACT_BYTES_MAX as u64 + 1;
    let task = rig.job(|job| job.data = Some(Artefact { digest: Digest([9; 32]), len }));
    assert_eq!(rig.failure(&task).0, FailureClass::Refused);
}

#[test]
fn data_that_is_gone_is_asked_for_and_tried_again() {
    let rig = Rig::new();
    let data = b"no dictionary".to_vec();
    let artefact = Artefact { digest: digest(&data), len: data.len() as u64 };
    let task = rig.job(|job| {
        job.app = "ontology-match@1".into();
        job.data = Some(artefact);
    });
    let item = Item::Artefact(artefact.digest);
    let made = rig.workshop.perform(&task);
    assert!(matches!(made, Made::Lacks(lacks) if lacks == item), "{made:?}");
    std::fs::write(Blobs::new(&rig.folder).path(item), data).unwrap();
    assert_eq!(rig.failure(&task).0, FailureClass::Refused);
}

#[test]
fn a_result_that_the_disk_does_not_take_is_kept() {
    let rig = Rig::new();
    std::fs::remove_dir_all(rig.folder.spool()).unwrap();
    let made = rig.workshop.perform(&rig.task());
    let Made::Kept { entry, packed, .. } = made else { panic!("{made:?}") };
    assert_eq!(packed.len() as u64, entry.packed_len());
}
