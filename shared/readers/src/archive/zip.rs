//! zip archives: the table of members is read piece by piece, the members in its order.
//!
//! The table is the truth; a member that says otherwise is refused. Each member's size and checksum
//! are checked once all of it was read.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use flate2::bufread::DeflateDecoder;
use gleaner_shared::unpack::zstd_stream;
use rawzip::{
    CompressionMethod, ErrorKind, MAX_CENTRAL_DIRECTORY_RECORD_SIZE, RECOMMENDED_BUFFER_SIZE,
    ReaderAt, ZipArchive, ZipEntry, ZipFileHeaderRecord,
};

use super::member::{ArchiveFault, BrokenArchive, Each, Member, MemberKind, MemberRefused};
use crate::stream::StreamFault;
use crate::unpack::{BUFFER_BYTES, Fed, Unpacked};

/// Gives each member of an archive, in the order of its table. `fed` counts the archive's bytes.
///
/// # Errors
/// The table cannot be read to its end; what came before was given.
pub fn zip_members(
    mut source: impl Read + Seek,
    fed: &Fed,
    each: &mut Each<'_>,
) -> Result<(), BrokenArchive> {
    let length = source.seek(SeekFrom::End(0));
    let length = length.map_err(|error| ArchiveFault::Stream(error).anywhere())?;
    let mut buffer = vec![0; MAX_CENTRAL_DIRECTORY_RECORD_SIZE];
    let archive = ZipArchive::from_seekable(source, &mut buffer).map_err(table)?;
    let mut names = vec![0; 2 * RECOMMENDED_BUFFER_SIZE];
    let mut entries = archive.entries(&mut buffer);
    let (mut found, mut packed) = (0_u64, 0_u64);
    while let Some(record) = entries.next_entry().map_err(table)? {
        found += 1;
        let beyond = record.compressed_size_hint() > length;
        if !beyond {
            packed += record.compressed_size_hint();
        }
        let path = record.file_path();
        let name: &[u8] = path.as_ref();
        let opened = match (beyond, packed > length) {
            (true, _) => Err(MemberRefused::Local("it would be larger than the archive".into())),
            (_, true) => Err(MemberRefused::Overlap),
            _ => open(&archive, &record, name, &mut names),
        };
        let flow = match opened.and_then(|entry| Ok((data(&entry, &record, fed)?, entry))) {
            _ if record.is_dir() => {
                each(&Member { name, kind: MemberKind::Folder }, &mut io::empty())
            }
            Err(why) => each(&Member { name, kind: MemberKind::Refused(why) }, &mut io::empty()),
            Ok((stream, entry)) => {
                let mut checked = Checked(entry.verifying_reader(stream));
                each(&Member { name, kind: MemberKind::File }, &mut checked)
            }
        };
        if flow.is_break() {
            return Ok(());
        }
    }
    let said = archive.entries_hint();
    // Without zip64, the number of members is kept in 16 bits.
    if said != found && said != found & u64::from(u16::MAX) {
        return Err(ArchiveFault::Count { said, found }.anywhere());
    }
    Ok(())
}

/// A member's own header, held against the table.
fn open<'a, R: ReaderAt>(
    archive: &'a ZipArchive<R>,
    record: &ZipFileHeaderRecord<'_>,
    name: &[u8],
    buffer: &mut [u8],
) -> Result<ZipEntry<'a, R>, MemberRefused> {
    if record.flags().is_encrypted() || record.flags().is_masked() {
        return Err(MemberRefused::Encrypted);
    }
    match record.mode().value() & FILE_TYPE {
        0 | 0o100_000 | 0o040_000 => {}
        0o120_000 => return Err(MemberRefused::Link),
        0o020_000 | 0o060_000 => return Err(MemberRefused::Device),
        _ => return Err(MemberRefused::Pipe),
    }
    let local = |error: rawzip::Error| MemberRefused::Local(error.to_string());
    let entry = archive.get_entry(record.wayfinder()).map_err(local)?;
    let header = entry.local_header(buffer).map_err(local)?;
    let path = header.file_path();
    let other: &[u8] = path.as_ref();
    if other != name {
        let other = String::from_utf8_lossy(other).into_owned();
        return Err(MemberRefused::Local(format!("it calls itself {other:?}")));
    }
    if header.compression_method() != record.compression_method() {
        return Err(MemberRefused::Local("it is packed in another way".to_owned()));
    }
    Ok(entry)
}

/// The bits of a Unix mode that say what a file is.
const FILE_TYPE: u32 = 0o170_000;

type Stream<'e> = Unpacked<Box<dyn Read + 'e>>;

/// A member's bytes without their packing.
fn data<'a, R: ReaderAt>(
    entry: &ZipEntry<'a, R>,
    record: &ZipFileHeaderRecord<'_>,
    fed: &Fed,
) -> Result<Stream<'a>, MemberRefused> {
    let packed = BufReader::with_capacity(BUFFER_BYTES, entry.reader());
    let (stream, what): (Box<dyn Read + 'a>, _) = match record.compression_method() {
        CompressionMethod::STORE => (Box::new(packed), "zip"),
        CompressionMethod::DEFLATE => (Box::new(DeflateDecoder::new(packed)), "deflate"),
        CompressionMethod::ZSTD => {
            let stream = zstd_stream(packed);
            (Box::new(stream.map_err(|error| MemberRefused::Local(error.to_string()))?), "zstd")
        }
        other => return Err(MemberRefused::Method(other.as_u16())),
    };
    Ok(Unpacked::new(stream, what, fed))
}

/// A member whose size and checksum are told in our words.
struct Checked<R>(R);

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| {
            let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rawzip::Error>());
            match inner.map(rawzip::Error::kind) {
                Some(ErrorKind::InvalidChecksum { .. }) => StreamFault::Checksum.into(),
                Some(&ErrorKind::InvalidSize { expected, actual }) => {
                    StreamFault::Size { said: expected, found: actual }.into()
                }
                _ => error,
            }
        })
    }
}

fn table(error: rawzip::Error) -> BrokenArchive {
    ArchiveFault::Table(error.to_string()).anywhere()
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use rawzip::ZipArchiveWriter;

    use super::*;
    use crate::archive::told::told;

    fn packed(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = ZipArchiveWriter::new(Vec::new());
        for (number, (name, bytes)) in members.iter().enumerate() {
            let deflate = number % 2 == 0;
            let method =
                if deflate { CompressionMethod::DEFLATE } else { CompressionMethod::STORE };
            let file = archive.new_file(name).compression_method(method);
            let (mut entry, config) = file.start().unwrap();
            if deflate {
                let level = flate2::Compression::default();
                let encoder = flate2::write::DeflateEncoder::new(&mut entry, level);
                let mut writer = config.wrap(encoder);
                writer.write_all(bytes).unwrap();
                let (encoder, descriptor) = writer.finish().unwrap();
                encoder.finish().unwrap();
                entry.finish(descriptor).unwrap();
            } else {
                let mut writer = config.wrap(&mut entry);
                writer.write_all(bytes).unwrap();
                let (_, descriptor) = writer.finish().unwrap();
                entry.finish(descriptor).unwrap();
            }
        }
        archive.finish().unwrap()
    }

    fn read(bytes: &[u8]) -> (Vec<(String, String)>, String) {
        let fed = Fed::default();
        let source = fed.counting(Cursor::new(bytes));
        told(|each| zip_members(source, &fed, each))
    }

    #[test]
    fn members_come_in_the_tables_order_checked() {
        let large = "some text ".repeat(10_000);
        let bytes = packed(&[("a.txt", large.as_bytes()), ("d/b.txt", b"two"), ("c.txt", b"")]);
        let (members, ended) = read(&bytes);
        assert_eq!(ended, "");
        let one = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        assert_eq!(members, [one("a.txt", &large), one("d/b.txt", "two"), one("c.txt", "")]);
    }

    #[test]
    fn damage_is_told_of_the_member_that_has_it() {
        let bytes = packed(&[("a.txt", b"first"), ("b.txt", b"second"), ("c.txt", b"third")]);
        let at = bytes.windows(6).position(|window| window == b"second").unwrap();
        let mut broken = bytes.clone();
        broken[at] ^= 1;
        let (members, ended) = read(&broken);
        assert_eq!((members[0].1.as_str(), members[2].1.as_str()), ("first", "third"));
        assert!(members[1].1.contains("checksum is wrong"), "{members:?}");
        assert_eq!(ended, "");
    }

    #[test]
    fn a_cut_archive_has_no_table() {
        let bytes = packed(&[("a.txt", b"first")]);
        for cut in [0, 10, bytes.len() / 2, bytes.len() - 1] {
            let (members, ended) = read(&bytes[..cut]);
            assert!(members.is_empty() && ended.contains("not a zip archive, or cut"), "{ended}");
        }
    }
}
