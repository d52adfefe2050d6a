//! What becomes of files: documents, asides, or nothing.

use std::fs;
use std::path::PathBuf;

use gleaner_readers::{Columns, Format};
use gleaner_shared::digest::digest;
use gleaner_shared::limits::{DOCUMENT_BYTES_MAX, INTAKE_DOCS_MAX};
use gleaner_shared::wire::admin::corpus::Aside;

use super::super::walk::Root;
use super::*;

struct Folder(tempfile::TempDir);

impl Folder {
    fn of(files: &[(&str, &[u8])]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (path, bytes) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        Self(dir)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn gather(&self, paths: &[&str]) -> Vec<Batch> {
        let roots: Vec<_> = paths.iter().map(|path| Root::Path(self.path(path))).collect();
        let columns = Columns::default();
        let wish = Wish { format: Format::Auto, columns, document_bytes_max: DOCUMENT_BYTES_MAX };
        let mut batches = Vec::new();
        let flow = Gather::new(Walk::new(&roots), wish, None).each(&mut |batch| {
            batches.push(batch);
            Flow::Continue(())
        });
        assert!(flow.is_continue());
        batches
    }
}

fn ids(batches: &[Batch]) -> Vec<&str> {
    let documents = batches.iter().flat_map(|batch| &batch.documents);
    documents.map(|(offer, _)| offer.id.as_str()).collect()
}

fn reasons(batches: &[Batch]) -> Vec<(String, &str)> {
    let asides = batches.iter().flat_map(|batch| &batch.asides);
    let name = |aside: &Aside| {
        let path = Path::new(&aside.source);
        path.file_name().unwrap().to_string_lossy().into_owned()
    };
    asides.map(|aside| (name(aside), aside.reason.as_str())).collect()
}

#[test]
fn documents_come_in_order_with_their_digests() {
    let folder = Folder::of(&[("b.txt", b"two"), ("a.txt", b"one"), ("c/d.txt", b"three")]);
    let batches = folder.gather(&[""]);
    assert_eq!(ids(&batches), ["a", "b", "d"]);
    for (offer, bytes) in &batches[0].documents {
        assert_eq!(offer.digest, digest(bytes));
    }
    assert_eq!(batches[0].file_bytes, 11);
}

#[test]
fn what_is_no_document_is_skipped_unless_it_was_named() {
    let folder = Folder::of(&[("x/a.pdf", b"%"), ("x/metadata.csv", b""), ("x/a.txt", b"a")]);
    let walked = folder.gather(&["x"]);
    assert_eq!((ids(&walked), reasons(&walked).len()), (vec!["a"], 0));
    let named = folder.gather(&["x/a.pdf", "x/metadata.csv"]);
    let reasons = reasons(&named);
    assert_eq!(reasons.len(), 1, "metadata.csv may be named too");
    assert_eq!(reasons[0].0, "a.pdf");
    assert!(reasons[0].1.starts_with("not a document"), "{reasons:?}");
}

#[test]
fn of_two_files_with_one_id_the_first_wins_and_both_are_named() {
    let folder = Folder::of(&[("a/x.txt", b"same"), ("b/x.txt", b"same"), ("c/x.xml.txt", b"")]);
    let batches = folder.gather(&[""]);
    assert_eq!(ids(&batches), ["x"]);
    let reasons = reasons(&batches);
    assert_eq!(reasons.len(), 2);
    let first = folder.path("a/x.txt").display().to_string();
    assert!(reasons.iter().all(|(_, reason)| reason.ends_with(&format!("{first} already"))));
}

#[test]
fn a_file_that_is_named_twice_is_taken_once() {
    let folder = Folder::of(&[("a/x.txt", b"text")]);
    fs::write(folder.path("a/r.jsonl"), "{\"text\": \"row\"}").unwrap();
    let batches = folder.gather(&["a", "a/x.txt", "a/x.txt", "a/r.jsonl"]);
    assert_eq!((ids(&batches), reasons(&batches).len()), (vec!["r.jsonl:1", "x"], 0));
}

#[test]
fn who_takes_no_more_ends_it() {
    let folder = Folder::of(&[("a/x.txt", b"text"), ("a/y.txt", b"text")]);
    let columns = Columns::default();
    let wish = Wish { format: Format::Auto, columns, document_bytes_max: 10 };
    let walk = Walk::new(&[Root::Path(folder.path("a"))]);
    assert!(Gather::new(walk, wish, None).each(&mut |_| Flow::Break(())).is_break());
}

#[test]
fn a_broken_file_is_set_aside_and_its_id_is_free() {
    let folder = Folder::of(&[("a/x.json", b"{"), ("b/x.txt", b"text"), ("a/.json", b"{}")]);
    let batches = folder.gather(&[""]);
    assert_eq!(ids(&batches), ["x"]);
    let reasons = reasons(&batches);
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    assert!(batches[0].asides.iter().any(|aside| aside.position.starts_with("line ")));
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let folder = Folder::of(&[("a.txt", b"text")]);
    let large = fs::File::create(folder.path("b.txt")).unwrap();
    large.set_len(DOCUMENT_BYTES_MAX as u64 + 1).unwrap();
    let batches = folder.gather(&[""]);
    assert_eq!(ids(&batches), ["a"]);
    assert!(reasons(&batches)[0].1.contains("more than a document may have"));
}

#[cfg(unix)]
#[test]
fn a_pipe_stops_nothing() {
    let folder = Folder::of(&[("a.txt", b"text")]);
    rustix::fs::mknodat(
        rustix::fs::CWD,
        folder.path("b.txt"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    assert_eq!(reasons(&folder.gather(&[""])).len(), 0);
    assert_eq!(reasons(&folder.gather(&["b.txt"])), [("b.txt".to_owned(), "not a file")]);
}

#[test]
fn batches_fit_their_messages() {
    let folder = Folder::of(&[]);
    for number in 0..300 {
        let name = format!("{number:03}{}", "x".repeat(200));
        fs::write(folder.path(&format!("{name}.txt")), "text").unwrap();
        fs::write(folder.path(&format!("{name}-wrong.json")), "{").unwrap();
    }
    let batches = folder.gather(&[""]);
    assert_eq!(ids(&batches).len(), 300);
    assert_eq!(reasons(&batches).len(), 300);
    for batch in batches {
        assert!(batch.documents.len() <= INTAKE_DOCS_MAX && batch.asides.len() <= INTAKE_DOCS_MAX);
        let offers = batch.documents.iter().map(|(offer, _)| offer.clone()).collect();
        let offer = gleaner_shared::wire::admin::corpus::Step::Offer(offers);
        assert!(gleaner_shared::wire::codec::encode(&offer).is_ok());
        let asides = gleaner_shared::wire::admin::corpus::Step::Aside(batch.asides);
        assert!(gleaner_shared::wire::codec::encode(&asides).is_ok());
    }
}

#[test]
fn memory_follows_the_target_and_not_the_corpus() {
    let folder = Folder::of(&[]);
    for number in 0..6 {
        fs::write(folder.path(&format!("{number}.txt")), vec![b'x'; 2 * 1024 * 1024]).unwrap();
    }
    let batches = folder.gather(&[""]);
    assert_eq!(batches.iter().map(|batch| batch.documents.len()).collect::<Vec<_>>(), [2, 2, 2]);
}
