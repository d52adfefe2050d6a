//! Writes tar archives that no tool would write.

/// An archive that is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tar(Vec<u8>);

const BLOCK: usize = 512;

/// A header with its checksum.
pub(crate) fn header(name: &[u8], kind: u8, size: &[u8]) -> [u8; BLOCK] {
    let mut header = [0; BLOCK];
    header[..name.len()].copy_from_slice(name);
    header[100..107].copy_from_slice(b"0000644");
    header[124..124 + size.len()].copy_from_slice(size);
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar\x0000");
    sealed(header)
}

/// The header with the checksum that it should have.
pub(crate) fn sealed(mut header: [u8; BLOCK]) -> [u8; BLOCK] {
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    header
}

/// A size as a header has it.
pub(crate) fn octal(size: u64) -> Vec<u8> {
    format!("{size:011o}").into_bytes()
}

impl Tar {
    /// A whole file.
    pub(crate) fn file(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        self.member(name.as_bytes(), b'0', bytes.len() as u64, bytes)
    }

    /// A member of some kind, whose size may be a lie.
    pub(crate) fn member(self, name: &[u8], kind: u8, size: u64, data: &[u8]) -> Self {
        self.raw(header(name, kind, &octal(size)), data)
    }

    /// A header and data as they are.
    pub(crate) fn raw(mut self, header: [u8; BLOCK], data: &[u8]) -> Self {
        self.0.extend(header);
        self.0.extend(data);
        self.0.resize(self.0.len().next_multiple_of(BLOCK), 0);
        self
    }

    /// GNU's long name of the next member.
    pub(crate) fn long_name(self, name: &[u8]) -> Self {
        self.member(b"././@LongLink", b'L', name.len() as u64, name)
    }

    /// PAX records for the next member.
    pub(crate) fn pax(self, records: &[(&str, &[u8])]) -> Self {
        let mut data = Vec::new();
        for (key, value) in records {
            let rest = key.len() + value.len() + 3;
            let mut length = rest + 1;
            while length != rest + length.to_string().len() {
                length = rest + length.to_string().len();
            }
            data.extend(format!("{length} {key}=").into_bytes());
            data.extend(*value);
            data.push(b'\n');
        }
        self.member(b"pax", b'x', data.len() as u64, &data)
    }

    /// The bytes so far, without an end.
    pub(crate) fn cut(self) -> Vec<u8> {
        self.0
    }

    /// The archive.
    pub(crate) fn end(mut self) -> Vec<u8> {
        self.0.resize(self.0.len() + 2 * BLOCK, 0);
        self.0
    }
}
