//! A member of an archive: its name, what it is, and why it may be none that is read.

use std::io::{Error, Read};
use std::ops::ControlFlow;

use gleaner_shared::limits::TAR_EXTENSION_BYTES_MAX;

use crate::stream::StreamFault;

/// Is given each member and its bytes, which it need not read; may break off.
pub type Each<'e> = dyn FnMut(&Member<'_>, &mut dyn Read) -> ControlFlow<()> + 'e;

/// A member of an archive.
#[derive(Debug)]
pub struct Member<'m> {
    /// Its whole name, as the archive has it.
    pub name: &'m [u8],
    /// What it is.
    pub kind: MemberKind,
}

/// What a member is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberKind {
    /// A file that can be read.
    File,
    /// A folder.
    Folder,
    /// Something else, or a file that cannot be read.
    Refused(MemberRefused),
}

/// Why a member is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MemberRefused {
    /// A name in no encoding that we know.
    #[error("the member's name is not UTF-8: rename it")]
    NotUtf8,
    /// A name that leads out of the archive's folder.
    #[error("the member's name leads out of the archive (`..`, or from the root): rename it")]
    Outside,
    /// A symbolic link.
    #[error("a symbolic link: only files of an archive are read")]
    Link,
    /// A hard link.
    #[error("a hard link: only files of an archive are read")]
    HardLink,
    /// A device.
    #[error("a device: only files of an archive are read")]
    Device,
    /// A pipe or a socket.
    #[error("a pipe or a socket: only files of an archive are read")]
    Pipe,
    /// A file with holes.
    #[error("a sparse file: pack it without holes")]
    Sparse,
    /// A kind of member that tar's standard does not have.
    #[error("a member of unknown kind {0:?}: only files of an archive are read")]
    Unknown(char),
    /// Its long name or extended header is too long.
    #[error("its name or extended header has more than {TAR_EXTENSION_BYTES_MAX} bytes")]
    LongExtension,
    /// Its extended header is none.
    #[error("its extended header is malformed: {0}")]
    Extension(String),
    /// It is encrypted.
    #[error("it is encrypted: pack it without a password")]
    Encrypted,
    /// It is packed as we do not unpack.
    #[error("its compression method {0} is not read: pack it with deflate")]
    Method(u16),
    /// Members lie over each other, as only a bomb's do.
    #[error("the members overlap: together they are larger than the archive")]
    Overlap,
    /// The table and the member do not fit.
    #[error("the archive's table does not fit the member: {0}")]
    Local(String),
}

/// An archive that could not be read to its end.
#[derive(Debug, thiserror::Error)]
#[error("{fault}")]
pub struct BrokenArchive {
    /// What is wrong.
    pub fault: ArchiveFault,
    /// The byte of the unpacked archive where it is wrong, if it is at one place.
    pub at: Option<u64>,
}

/// What can be wrong with an archive as a whole.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveFault {
    /// Its bytes cannot be read on.
    #[error("the archive cannot be read on: {0}")]
    Stream(Error),
    /// It ends inside a member or a header.
    #[error("the archive ends too early: it was cut")]
    Cut,
    /// There is no mark of its end.
    #[error("the archive has no end mark: it may have been cut")]
    NoEnd,
    /// More follows behind its end.
    #[error("something follows behind the archive's end: archives in one file are not read on")]
    Trailing,
    /// It does not begin like one.
    #[error("not a tar archive")]
    NotTar,
    /// A header whose checksum is wrong.
    #[error("a header's checksum is wrong: the archive was damaged")]
    Checksum,
    /// A header's size is no number.
    #[error("a header's size is no number: the archive was damaged")]
    Size,
    /// The table of members is not there or is none.
    #[error("not a zip archive, or cut: {0}")]
    Table(String),
    /// The table has another number of members than its end says.
    #[error("the archive's table has {found} members, not {said} as its end says")]
    Count {
        /// What is said.
        said: u64,
        /// What is there.
        found: u64,
    },
}

impl ArchiveFault {
    pub(super) fn at(self, at: u64) -> BrokenArchive {
        BrokenArchive { fault: self, at: Some(at) }
    }

    pub(super) fn anywhere(self) -> BrokenArchive {
        BrokenArchive { fault: self, at: None }
    }

    /// What the error of a read at this place means.
    pub(super) fn of_read(error: Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<StreamFault>()) {
            Some(StreamFault::MemberCut) => Self::Cut,
            _ => Self::Stream(error),
        }
    }
}

impl Member<'_> {
    /// Its name as text, if it stays below the archive's folder.
    ///
    /// # Errors
    /// It does not, or is no text.
    pub fn path(&self) -> Result<&str, MemberRefused> {
        let path = str::from_utf8(self.name).map_err(|_| MemberRefused::NotUtf8)?;
        let drive =
            path.as_bytes().get(1) == Some(&b':') && path.as_bytes()[0].is_ascii_alphabetic();
        let rooted = path.starts_with(SEPARATORS);
        if drive || rooted || path.split(SEPARATORS).any(|part| part == "..") {
            return Err(MemberRefused::Outside);
        }
        Ok(path)
    }

    /// The last part of its name, as far as it is text.
    pub fn file_name(&self) -> String {
        let name = self.name.rsplit(|byte| matches!(byte, b'/' | b'\\')).next().unwrap_or_default();
        String::from_utf8_lossy(name).into_owned()
    }
}

/// What parts folders: `\` too, which archives from Windows have.
const SEPARATORS: [char; 2] = ['/', '\\'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_below_their_folder() {
        let path = |name: &str| {
            let member = Member { name: name.as_bytes(), kind: MemberKind::File };
            member.path().map(str::to_owned)
        };
        for name in ["a.txt", "./a.txt", "d/a.txt", "..a/b..txt", "d/.../a.txt", ""] {
            assert_eq!(path(name).as_deref(), Ok(name));
        }
        for name in [
            "../a.txt",
            "d/../../a.txt",
            "/etc/a.txt",
            "..",
            "d\\..\\a.txt",
            "\\a.txt",
            "C:\\a.txt",
        ] {
            assert_eq!(path(name), Err(MemberRefused::Outside), "{name}");
        }
        let member = Member { name: b"d/a\xff.txt", kind: MemberKind::File };
        assert_eq!(member.path(), Err(MemberRefused::NotUtf8));
        assert_eq!(member.file_name(), "a\u{fffd}.txt");
    }
}
