//! Writes zip archives that no tool would write.

use std::io::Write;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

/// A member, of which every field may be a lie.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: Vec<u8>,
    /// Its name in its own header.
    pub(crate) local_name: Vec<u8>,
    pub(crate) data: Vec<u8>,
    pub(crate) method: u16,
    pub(crate) flags: u16,
    pub(crate) crc: u32,
    pub(crate) size: u32,
    pub(crate) packed: u32,
    pub(crate) mode: u32,
    /// Where the table says that it is.
    pub(crate) offset: Option<u32>,
    /// Whether it is only in the table.
    pub(crate) is_ghost: bool,
}

impl Entry {
    /// An honest one, packed or not.
    pub(crate) fn new(name: impl AsRef<[u8]>, bytes: &[u8], deflate: Compression) -> Self {
        let mut crc = Crc::new();
        crc.update(bytes);
        let (method, data) = if deflate.level() == 0 {
            (0, bytes.to_vec())
        } else {
            let mut encoder = DeflateEncoder::new(Vec::new(), deflate);
            encoder.write_all(bytes).expect("memory");
            (8, encoder.finish().expect("memory"))
        };
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).expect("it is small");
        Self {
            name: name.as_ref().to_vec(),
            local_name: name.as_ref().to_vec(),
            method,
            flags: 0,
            crc: crc.sum(),
            size: length(bytes),
            packed: length(&data),
            data,
            mode: 0o100_644,
            offset: None,
            is_ghost: false,
        }
    }

    fn fields(&self, name: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for field in [self.flags, self.method, 0, 0x21] {
            bytes.extend(field.to_le_bytes());
        }
        for field in [self.crc, self.packed, self.size] {
            bytes.extend(field.to_le_bytes());
        }
        bytes.extend(u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes());
        bytes.extend([0, 0]);
        bytes
    }
}

/// An archive of these members.
pub(crate) fn zip(entries: &[Entry]) -> Vec<u8> {
    let count = u16::try_from(entries.len()).unwrap_or(u16::MAX);
    zip_with(entries, count, |table| table)
}

/// The same, with another count and another place of the table.
pub(crate) fn zip_with(entries: &[Entry], count: u16, place: fn(u32) -> u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut table = Vec::new();
    for entry in entries {
        let offset = u32::try_from(bytes.len()).expect("it is small");
        if !entry.is_ghost {
            bytes.extend(b"PK\x03\x04\x14\0");
            bytes.extend(entry.fields(&entry.local_name));
            bytes.extend(&entry.local_name);
            bytes.extend(&entry.data);
        }
        table.extend(b"PK\x01\x02\x14\x03\x14\0");
        table.extend(entry.fields(&entry.name));
        table.extend([0; 6]);
        table.extend((entry.mode << 16).to_le_bytes());
        table.extend(entry.offset.unwrap_or(offset).to_le_bytes());
        table.extend(&entry.name);
    }
    let begin = u32::try_from(bytes.len()).expect("it is small");
    let length = u32::try_from(table.len()).expect("it is small");
    bytes.extend(table);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend(count.to_le_bytes());
    bytes.extend(count.to_le_bytes());
    bytes.extend(length.to_le_bytes());
    bytes.extend(place(begin).to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}
