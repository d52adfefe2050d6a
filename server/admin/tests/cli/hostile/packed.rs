//! Hostile gzip and zstd files.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::case::Case;
use super::tar::Tar;

/// A gzip stream.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// A zstd frame with a window of `1 << log` bytes, of blocks as they are.
pub(crate) fn zstd(log: u8, blocks: &[Block<'_>]) -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0, (log - 10) << 3];
    for (number, block) in blocks.iter().enumerate() {
        let last = u32::from(number + 1 == blocks.len());
        let (kind, length, data) = match block {
            Block::Raw(bytes) => (0, bytes.len(), *bytes),
            Block::Run(byte, length) => (1, *length, std::slice::from_ref(byte)),
        };
        let head = last | kind << 1 | u32::try_from(length).expect("it is small") << 3;
        frame.extend(&head.to_le_bytes()[..3]);
        frame.extend(data);
    }
    frame
}

/// A block of a zstd frame.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Block<'b> {
    Raw(&'b [u8]),
    /// So many times one byte.
    Run(u8, usize),
}

pub(crate) fn cases() -> Vec<Case> {
    [gzips(), zstds()].concat()
}

fn gzips() -> Vec<Case> {
    let text: String = (0..20_000).map(|number| format!("line {number}\n")).collect();
    let whole = gzip(text.as_bytes());
    let (half, cut) = (whole.len() / 2, "the gzip stream ends too early: the file was cut");
    let file =
        |name, bytes: Vec<u8>, why| Case::new(name, "a.txt.gz", bytes).aside("a.txt.gz", why);
    let changed = |at: usize| {
        let mut bytes = whole.clone();
        let at = bytes.len() - at;
        bytes[at] ^= 1;
        bytes
    };
    let rows = gzip(b"{\"text\": \"one\"}\n{\"text\": \"two\"}\n");
    let lines: String = (0..9_000).map(|number| format!("{{\"text\": \"{number}\"}}\n")).collect();
    let many = gzip(lines.as_bytes());
    let archive = gzip(&Tar::default().file("a.txt", "one").file("b.txt", &text).end());
    vec![
        file("gzip: empty", Vec::new(), cut),
        file("gzip: cut in its head", whole[..5].to_vec(), cut),
        file("gzip: cut in the middle", whole[..half].to_vec(), cut),
        file("gzip: cut before its checksum", whole[..whole.len() - 8].to_vec(), cut),
        file("gzip: a wrong checksum", changed(8), "gzip stream is damaged"),
        file("gzip: a wrong length", changed(2), "gzip stream is damaged"),
        file("gzip: other bytes", b"no gzip at all".to_vec(), "gzip stream is damaged"),
        file("gzip: bytes behind it", [&whole[..], b"more"].concat(), "gzip stream"),
        file("gzip: a method that is none", vec![0x1f, 0x8b, 9, 0, 0, 0, 0, 0, 0, 3, 0], "damaged"),
        Case::new("gzip: packed twice", "a.txt.gz.gz", gzip(&whole)).aside("a.txt.gz.gz", "twice"),
        Case::new("gzip: rows, cut at the end", "r.jsonl.gz", &rows[..rows.len() - 8])
            .goes_in("r.jsonl:1")
            .goes_in("r.jsonl:2")
            .aside("r.jsonl.gz", cut),
        Case::new("gzip: rows, cut at once", "r.jsonl.gz", &many[..20]).aside("r.jsonl.gz", cut),
        Case::new("gzip: an archive, cut", "x.tar.gz", &archive[..archive.len() / 2])
            .goes_in("a")
            .aside("x.tar.gz!b.txt", cut)
            .aside("x.tar.gz", cut),
        Case::new("gzip: an archive, a wrong checksum at its end", "x.tgz", {
            let mut bytes = gzip(&Tar::default().file("a.txt", "one").end());
            let at = bytes.len() - 8;
            bytes[at] ^= 1;
            bytes
        })
        .goes_in("a")
        .aside("x.tgz", "gzip stream is damaged"),
    ]
}

fn zstds() -> Vec<Case> {
    let file =
        |name, bytes: Vec<u8>, why| Case::new(name, "a.txt.zst", bytes).aside("a.txt.zst", why);
    let cut = "the zstd stream ends too early: the file was cut";
    let frame = zstd(20, &[Block::Raw(b"one "), Block::Raw(b"two")]);
    vec![
        file("zstd: a window of 2 GiB", zstd(31, &[Block::Raw(b"text")]), "too much memory"),
        file("zstd: a window of 1 TiB", zstd(40, &[Block::Raw(b"text")]), "zstd stream is damaged"),
        Case::new("zstd: the greatest window", "a.txt.zst", zstd(27, &[Block::Raw(b"text")]))
            .goes_in("a"),
        file("zstd: empty", Vec::new(), cut),
        file("zstd: cut in its head", frame[..5].to_vec(), cut),
        file("zstd: cut in a block", frame[..frame.len() - 2].to_vec(), cut),
        file("zstd: other bytes", b"no zstd at all".to_vec(), "zstd stream is damaged"),
        file("zstd: bytes behind it", [&frame[..], b"more"].concat(), "zstd stream"),
        Case::new("zstd: an archive, cut", "x.tar.zst", {
            let archive = Tar::default().file("a.txt", "one").end();
            let bytes = zstd(20, &[Block::Raw(&archive[..1_024]), Block::Raw(&archive[1_024..])]);
            bytes[..bytes.len() - 600].to_vec()
        })
        .goes_in("a")
        .aside("x.tar.zst", cut),
    ]
}
