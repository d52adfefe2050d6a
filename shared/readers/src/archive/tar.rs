//! tar archives: ustar, GNU and PAX, each header read as it comes.
//!
//! The walk is ours and not the tar crate's, which holds a long name whole, however long it is, and
//! takes the end of a cut archive for the end of a member. The crate reads the headers' fields.

use std::io::{self, ErrorKind, Read};
use std::ops::ControlFlow;

use gleaner_shared::limits::TAR_EXTENSION_BYTES_MAX;
use tar::{EntryType, Header, PaxExtensions};

use super::member::{ArchiveFault, BrokenArchive, Each, Member, MemberKind, MemberRefused};
use crate::stream::StreamFault;

const BLOCK_BYTES: usize = 512;
/// Bytes that are passed over at once.
const SKIP_BYTES: usize = 16 * 1024;

/// Gives each member of an archive, in its order.
///
/// # Errors
/// The archive cannot be read to its end; what came before was given.
pub fn tar_members(source: &mut dyn Read, each: &mut Each<'_>) -> Result<(), BrokenArchive> {
    let mut tar = Tar { source, at: 0 };
    let mut extension = Extension::default();
    while let Some(header) = tar.header()? {
        let size = header.entry_size().map_err(|_| ArchiveFault::Size.at(tar.header_at()))?;
        match header.entry_type() {
            EntryType::XHeader => extension.pax(tar.extension(size)?),
            EntryType::GNULongName => extension.long_name(tar.extension(size)?),
            EntryType::XGlobalHeader | EntryType::GNULongLink => tar.skip(size)?,
            _ => {
                let extension = std::mem::take(&mut extension);
                if tar.member(&header, size, &extension, each)?.is_break() {
                    return Ok(());
                }
            }
        }
    }
    tar.drain()
}

/// An archive, read up to some block.
struct Tar<'s> {
    source: &'s mut dyn Read,
    at: u64,
}

impl Tar<'_> {
    /// The next header; none at the mark of the end.
    fn header(&mut self) -> Result<Option<Header>, BrokenArchive> {
        let mut header = Header::new_old();
        let begin = self.at;
        let filled = self.block(header.as_mut_bytes())?;
        match filled {
            0 => return Err(ArchiveFault::NoEnd.at(begin)),
            BLOCK_BYTES => {}
            _ => return Err(ArchiveFault::Cut.at(begin)),
        }
        if header.as_bytes().iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        if header.cksum().ok() != Some(checksum(header.as_bytes())) {
            let fault = if begin == 0 { ArchiveFault::NotTar } else { ArchiveFault::Checksum };
            return Err(fault.at(begin));
        }
        Ok(Some(header))
    }

    /// Where the header begins that was read last.
    fn header_at(&self) -> u64 {
        self.at - BLOCK_BYTES as u64
    }

    /// Fills a block as far as there are bytes.
    fn block(&mut self, block: &mut [u8; BLOCK_BYTES]) -> Result<usize, BrokenArchive> {
        let mut filled = 0;
        while filled < BLOCK_BYTES {
            match self.source.read(&mut block[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(ArchiveFault::of_read(error).at(self.at)),
            }
        }
        self.at += filled as u64;
        Ok(filled)
    }

    /// The data of a header that is about the next member; none if it is too long.
    fn extension(&mut self, size: u64) -> Result<Option<Vec<u8>>, BrokenArchive> {
        if size > TAR_EXTENSION_BYTES_MAX as u64 {
            self.skip(size)?;
            return Ok(None);
        }
        let mut bytes = Vec::new();
        let mut data = Data { tar: self, left: size };
        let read = data.read_to_end(&mut bytes);
        read.map_err(|error| ArchiveFault::of_read(error).at(self.at))?;
        self.skip_bytes(padding(size))?;
        Ok(Some(bytes))
    }

    fn member(
        &mut self,
        header: &Header,
        size: u64,
        extension: &Extension,
        each: &mut Each<'_>,
    ) -> Result<ControlFlow<()>, BrokenArchive> {
        let path = header.path_bytes();
        let name = extension.name.as_deref().unwrap_or(&path);
        let kind = match (&extension.refused, kind(header.entry_type(), name)) {
            (Some(refused), MemberKind::File) => MemberKind::Refused(refused.clone()),
            (_, kind) => kind,
        };
        let size = match has_data(header.entry_type()) {
            true => extension.size.unwrap_or(size),
            false => 0,
        };
        self.holes(header)?;
        let mut data = Data { tar: self, left: size };
        let flow = each(&Member { name, kind }, &mut data);
        let left = data.left;
        if flow.is_continue() {
            self.skip_bytes(left)?;
            self.skip_bytes(padding(size))?;
        }
        Ok(flow)
    }

    /// Passes over the further headers of a sparse file.
    fn holes(&mut self, header: &Header) -> Result<(), BrokenArchive> {
        let gnu = header.as_gnu().filter(|_| header.entry_type() == EntryType::GNUSparse);
        let mut more = gnu.is_some_and(|gnu| gnu.is_extended());
        while more {
            let mut block = [0; BLOCK_BYTES];
            if self.block(&mut block)? < BLOCK_BYTES {
                return Err(ArchiveFault::Cut.at(self.at));
            }
            more = block[504] == 1;
        }
        Ok(())
    }

    /// Passes over data and what fills its last block.
    fn skip(&mut self, size: u64) -> Result<(), BrokenArchive> {
        self.skip_bytes(size)?;
        self.skip_bytes(padding(size))
    }

    fn skip_bytes(&mut self, mut left: u64) -> Result<(), BrokenArchive> {
        let mut buffer = [0; SKIP_BYTES];
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(SKIP_BYTES).min(SKIP_BYTES);
            match self.source.read(&mut buffer[..most]) {
                Ok(0) => return Err(ArchiveFault::Cut.at(self.at)),
                Ok(read) => {
                    self.at += read as u64;
                    left -= read as u64;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(ArchiveFault::of_read(error).at(self.at)),
            }
        }
        Ok(())
    }

    /// Reads what is behind the mark of the end, so that a packing around it is checked to its own.
    fn drain(&mut self) -> Result<(), BrokenArchive> {
        let mut block = [0; BLOCK_BYTES];
        while self.block(&mut block)? > 0 {
            if block.iter().any(|byte| *byte != 0) {
                return Err(ArchiveFault::Trailing.at(self.at - BLOCK_BYTES as u64));
            }
        }
        Ok(())
    }
}

/// A member's data; its end before its size is an error.
struct Data<'t, 's> {
    tar: &'t mut Tar<'s>,
    left: u64,
}

impl Read for Data<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        let read = self.tar.source.read(&mut buffer[..most])?;
        if read == 0 {
            return Err(StreamFault::MemberCut.into());
        }
        self.tar.at += read as u64;
        self.left -= read as u64;
        Ok(read)
    }
}

/// What the headers before a member say of it.
#[derive(Debug, Default)]
struct Extension {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    refused: Option<MemberRefused>,
}

impl Extension {
    fn long_name(&mut self, bytes: Option<Vec<u8>>) {
        match bytes {
            Some(mut bytes) => {
                while bytes.last() == Some(&0) {
                    bytes.pop();
                }
                self.name = Some(bytes);
            }
            None => self.refused = Some(MemberRefused::LongExtension),
        }
    }

    fn pax(&mut self, bytes: Option<Vec<u8>>) {
        let Some(bytes) = bytes else {
            self.refused = Some(MemberRefused::LongExtension);
            return;
        };
        for record in PaxExtensions::new(&bytes) {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    self.refused = Some(MemberRefused::Extension(error.to_string()));
                    return;
                }
            };
            match record.key_bytes() {
                b"path" => self.name = Some(record.value_bytes().to_vec()),
                b"size" => match record.value().ok().and_then(|size| size.parse().ok()) {
                    Some(size) => self.size = Some(size),
                    None => self.refused = Some(MemberRefused::Extension("size".to_owned())),
                },
                key if key.starts_with(b"GNU.sparse.") => {
                    self.refused = Some(MemberRefused::Sparse);
                }
                _ => {}
            }
        }
    }
}

fn kind(kind: EntryType, name: &[u8]) -> MemberKind {
    use MemberRefused::{Device, HardLink, Link, Pipe, Sparse, Unknown};
    MemberKind::Refused(match kind {
        EntryType::Directory => return MemberKind::Folder,
        // Before ustar, a folder was a file whose name ends so.
        EntryType::Regular if name.ends_with(b"/") => return MemberKind::Folder,
        EntryType::Regular | EntryType::Continuous => return MemberKind::File,
        EntryType::Symlink => Link,
        EntryType::Link => HardLink,
        EntryType::Char | EntryType::Block => Device,
        EntryType::Fifo => Pipe,
        EntryType::GNUSparse => Sparse,
        other => Unknown(char::from(other.as_byte())),
    })
}

/// Links, devices, folders and pipes have none, whatever their size says.
fn has_data(kind: EntryType) -> bool {
    use EntryType::{Block, Char, Directory, Fifo, Link, Symlink};
    !matches!(kind, Block | Char | Directory | Fifo | Link | Symlink)
}

/// The sum over a header, its own field taken as blanks.
fn checksum(block: &[u8; BLOCK_BYTES]) -> u32 {
    let sum = |bytes: &[u8]| bytes.iter().map(|byte| u32::from(*byte)).sum::<u32>();
    sum(&block[..148]) + 8 * u32::from(b' ') + sum(&block[156..])
}

/// Bytes between data and the next header.
fn padding(size: u64) -> u64 {
    size.wrapping_neg() % BLOCK_BYTES as u64
}

#[cfg(test)]
#[path = "tar_tests.rs"]
mod tests;
