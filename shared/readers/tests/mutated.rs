//! Small good archives and rows, changed at random: each is read or broken, never a panic, never
//! without end, and never more than it could hold.

use std::io::{Cursor, Read, Write};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use gleaner_readers::{
    Columns, Fed, MemberKind, Packing, RowForm, RowSettings, Years, read_rows, tar_members, unpack,
    zip_members,
};
use gleaner_shared::limits::{UNPACK_FREE_BYTES, UNPACK_RATIO_MAX};
use proptest::collection::vec;
use proptest::prelude::*;
use rawzip::{CompressionMethod, ZipArchiveWriter};

/// Far more than any of these takes.
const PATIENCE: Duration = Duration::from_secs(10);

fn tar() -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let long = format!("{}/long.txt", "folder".repeat(30));
    for (name, bytes) in [("a.txt", &b"one"[..]), (&long, &[b'x'; 700]), ("c.json", b"{}")] {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, name, bytes).expect("memory");
        builder.append_pax_extensions([("path", name.as_bytes())]).expect("memory");
    }
    builder.into_inner().expect("memory")
}

fn zip() -> Vec<u8> {
    let mut archive = ZipArchiveWriter::new(Vec::new());
    for name in ["a.txt", "d/b.json"] {
        let file = archive.new_file(name).compression_method(CompressionMethod::DEFLATE);
        let (mut entry, config) = file.start().expect("memory");
        let mut writer = config.wrap(DeflateEncoder::new(&mut entry, Compression::default()));
        writer.write_all(&[b'x'; 900]).expect("memory");
        let (encoder, descriptor) = writer.finish().expect("memory");
        encoder.finish().expect("memory");
        entry.finish(descriptor).expect("memory");
    }
    archive.finish().expect("memory")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// A zstd frame of two blocks: bytes as they are, and a run.
fn zstd() -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 10 << 3, 5 << 3, 0, 0];
    frame.extend(b"bytes");
    frame.extend([3 | 0x80, 0x3e, 0, b'r']);
    frame
}

/// One change of some bytes.
#[derive(Clone, Debug)]
enum Change {
    Byte(usize, u8),
    Cut(usize),
    Twice(usize, usize),
    Zeros(usize, usize),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let at = 0..4_096_usize;
    let change = prop_oneof![
        6 => (at.clone(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
        1 => at.clone().prop_map(Change::Cut),
        2 => (at.clone(), 0..600_usize).prop_map(|(at, length)| Change::Twice(at, length)),
        1 => (at, 0..600_usize).prop_map(|(at, length)| Change::Zeros(at, length)),
    ];
    vec(change, 1..6)
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        let length = bytes.len().max(1);
        match *change {
            Change::Byte(at, byte) => {
                if let Some(old) = bytes.get_mut(at % length) {
                    *old = byte;
                }
            }
            Change::Cut(at) => bytes.truncate(at % length),
            Change::Twice(at, count) => {
                let at = at % length;
                let part = bytes[at..bytes.len().min(at + count)].to_vec();
                bytes.splice(at..at, part);
            }
            Change::Zeros(at, count) => {
                let at = at % length;
                let end = bytes.len().min(at + count);
                bytes[at..end].fill(0);
            }
        }
    }
    bytes
}

/// Reads an archive's members to their ends; gives how many, and how many bytes.
fn members(is_zip: bool, packing: Packing, bytes: &[u8]) -> (usize, u64) {
    let fed = Fed::default();
    let (mut count, mut read) = (0, 0);
    let mut each = |member: &gleaner_readers::Member<'_>, data: &mut dyn Read| {
        count += 1;
        if member.kind == MemberKind::File {
            // Broken data is one of the two things that may be.
            read += std::io::copy(data, &mut std::io::sink()).unwrap_or(0);
        }
        ControlFlow::Continue(())
    };
    let ended = match is_zip {
        true => zip_members(fed.counting(Cursor::new(bytes)), &fed, &mut each),
        false => match unpack(packing, fed.counting(bytes), &fed) {
            Ok(mut plain) => tar_members(&mut plain, &mut each),
            Err(_) => Ok(()),
        },
    };
    if let Err(broken) = ended {
        assert!(!broken.to_string().is_empty());
    }
    (count, read)
}

fn rows(form: RowForm, bytes: &[u8]) -> usize {
    let columns = Columns { text: vec!["text".to_owned()], ..Columns::default() };
    let years = Years::empty();
    let settings =
        RowSettings { columns: &columns, file_name: "f", years: &years, bytes_max: 1_000 };
    read_rows(form, bytes, settings).count()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn changed_archives_end(changes in changes()) {
        let start = Instant::now();
        for (is_zip, packing, bytes) in [
            (false, Packing::Plain, tar()),
            (false, Packing::Gzip, gzip(&tar())),
            (true, Packing::Plain, zip()),
        ] {
            let bytes = changed(bytes, &changes);
            let (count, read) = members(is_zip, packing, &bytes);
            let most = UNPACK_FREE_BYTES + UNPACK_RATIO_MAX * bytes.len() as u64;
            prop_assert!(read <= most, "{} bytes", read);
            prop_assert!(count as u64 <= most / 46, "{} members", count);
        }
        prop_assert!(start.elapsed() < PATIENCE);
    }

    #[test]
    fn changed_streams_end(changes in changes()) {
        for (packing, bytes) in [(Packing::Gzip, gzip(&[b'x'; 3_000])), (Packing::Zstd, zstd())] {
            let bytes = changed(bytes, &changes);
            let fed = Fed::default();
            if let Ok(mut plain) = unpack(packing, fed.counting(&bytes[..]), &fed) {
                let most = UNPACK_FREE_BYTES + UNPACK_RATIO_MAX * bytes.len() as u64;
                if let Ok(read) = std::io::copy(&mut plain, &mut std::io::sink()) {
                    prop_assert!(read <= most, "{} bytes", read);
                }
            }
        }
    }

    #[test]
    fn changed_rows_end(changes in changes()) {
        let lines = b"{\"id\": \"a\", \"text\": [\"one\", \"two\"]}\n{\"text\": \"\\u00e9\"}\n".repeat(5);
        let table = b"id,text,year\r\na,\"one, \"\"two\"\"\n\",2003\nb,three,\n".repeat(5);
        for (form, bytes) in
            [(RowForm::Jsonl, &lines), (RowForm::Csv, &table), (RowForm::Tsv, &table)]
        {
            let bytes = changed(bytes.clone(), &changes);
            // At most one for each line, and one for the end.
            let most = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 2;
            prop_assert!(rows(form, &bytes) <= most);
        }
    }
}

#[test]
fn unchanged_all_of_it_is_read() {
    assert_eq!(members(false, Packing::Plain, &tar()), (3, 705));
    assert_eq!(members(false, Packing::Gzip, &gzip(&tar())), (3, 705));
    assert_eq!(members(true, Packing::Plain, &zip()), (2, 1_800));
    let fed = Fed::default();
    let mut bytes = Vec::new();
    unpack(Packing::Zstd, fed.counting(&zstd()[..]), &fed)
        .and_then(|mut plain| plain.read_to_end(&mut bytes))
        .expect("it is whole");
    assert_eq!(bytes.len(), 5 + 2_000);
}
