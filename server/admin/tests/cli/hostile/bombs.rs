//! Small files of which much would come: bytes without end, members without number.

use super::case::Case;
use super::packed::{Block, gzip, zstd};
use super::tar::{Tar, header, octal};
use super::zip::{Entry, zip};

const MIB: usize = 1 << 20;
/// Bytes of the gzip bombs, which a debug build of the test has to pack.
const GZIP_BYTES: usize = 200 * MIB;
/// Runs of 128 KiB in the zstd bombs: 64 GiB.
const RUNS: usize = 512 * 1_024;
/// Members of the longest archive.
const MEMBERS: usize = 1_000_000;

pub(crate) fn cases() -> Vec<Case> {
    let zeros = gzip(&vec![b'0'; GZIP_BYTES]);
    let runs = zstd(20, &vec![Block::Run(b'0', 128 * 1_024); RUNS]);
    let huge = header(b"skipped.bin", b'0', &octal(1 << 32));
    let mut blocks = vec![Block::Raw(&huge)];
    blocks.resize(RUNS, Block::Run(0, 128 * 1_024));
    let skipped = zstd(20, &blocks);
    let inside = Tar::default().file("a.txt.zst", &runs).file("ok.txt", "good").end();
    let larger = "more than a document may have";
    vec![
        Case::new("bombs: a text", "a.txt.gz", zeros.clone()).aside("a.txt.gz", larger),
        Case::new("bombs: a line", "a.jsonl.gz", zeros.clone()).aside("a.jsonl.gz", "a bomb"),
        Case::new("bombs: a table", "a.csv.gz", zeros.clone())
            .words(&["--text-column", "text"])
            .aside("a.csv.gz", "a bomb"),
        Case::new("bombs: a text of zstd", "a.txt.zst", runs.clone()).aside("a.txt.zst", larger),
        Case::new("bombs: a line of zstd", "a.jsonl.zst", runs.clone())
            .aside("a.jsonl.zst", "a bomb"),
        Case::new("bombs: a member that nobody wants", "a.tar.zst", skipped)
            .aside("a.tar.zst", "a bomb"),
        Case::new("bombs: packed in an archive", "a.tar", inside)
            .goes_in("ok")
            .aside("a.tar!a.txt.zst", larger),
        Case::new("bombs: packed in a packed archive", "a.tar.gz", twice(&zeros))
            .goes_in("ok")
            .aside("a.tar.gz!a.txt.gz", larger),
        Case::new("bombs: in a zip archive", "a.zip", zipped())
            .goes_in("ok")
            .aside("a.zip!a.txt", larger),
        Case::new("bombs: metadata.csv", "a.tar.gz", twice_metadata(&zeros)).goes_in("ok"),
        Case::new("bombs: a million members", "a.tar.gz", million(b"m")),
        many("bombs: 20,000 members of one name"),
    ]
}

fn twice(zeros: &[u8]) -> Vec<u8> {
    gzip(&Tar::default().file("a.txt.gz", zeros).file("ok.txt", "good").end())
}

/// A packed metadata.csv is none: only its very name counts in an archive.
fn twice_metadata(zeros: &[u8]) -> Vec<u8> {
    gzip(&Tar::default().file("metadata.csv.gz", zeros).file("ok.txt", "good").end())
}

fn zipped() -> Vec<u8> {
    let bytes = vec![b'0'; GZIP_BYTES / 2];
    let best = flate2::Compression::best();
    zip(&[Entry::new("a.txt", &bytes, best), Entry::new("ok.txt", b"good", best)])
}

fn million(name: &[u8]) -> Vec<u8> {
    let mut bytes = header(name, b'0', &octal(0)).repeat(MEMBERS);
    bytes.extend([0; 1_024]);
    gzip(&bytes)
}

fn many(name: &'static str) -> Case {
    let mut archive = Tar::default();
    for _ in 0..20_000 {
        archive = archive.file("a.txt", "text");
    }
    let mut case = Case::new(name, "a.tar", archive.end()).goes_in("a");
    for _ in 1..20_000 {
        case = case.aside("a.tar!a.txt", "document id a is that of");
    }
    case
}
