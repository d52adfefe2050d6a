//! What can be wrong with bytes that are unpacked as they are read, told through `io::Error`.

use std::io::{Error, ErrorKind};

use gleaner_shared::limits::UNPACK_RATIO_MAX;

/// Why a packed stream or a member of an archive gives no more bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StreamFault {
    /// It ends before its end.
    #[error("the {0} stream ends too early: the file was cut")]
    Cut(&'static str),
    /// Its bytes are not what they should be.
    #[error("the {what} stream is damaged: {why}")]
    Damaged {
        /// How it is packed.
        what: &'static str,
        /// What the unpacker says.
        why: String,
    },
    /// It becomes far larger than any text.
    #[error("it unpacks to more than {UNPACK_RATIO_MAX} times its size: a bomb is not read on")]
    Bomb,
    /// The archive ends inside a member.
    #[error("the archive ends inside this member: it was cut")]
    MemberCut,
    /// A member's checksum is another one than the archive says.
    #[error("the checksum is wrong: the archive was damaged")]
    Checksum,
    /// A member has more or fewer bytes than the archive says.
    #[error("it has another size than the archive says: {found} bytes, not {said}")]
    Size {
        /// What the archive says.
        said: u64,
        /// What there was when it was noticed.
        found: u64,
    },
}

impl From<StreamFault> for Error {
    fn from(fault: StreamFault) -> Self {
        Self::new(ErrorKind::InvalidData, fault)
    }
}

impl StreamFault {
    /// What an unpacker's error means. An error of the source below it stays what it is.
    pub(crate) fn of(what: &'static str, error: &Error) -> Option<Self> {
        let inner = error.get_ref();
        if let Some(fault) = inner.and_then(|inner| inner.downcast_ref::<Self>()) {
            return Some(fault.clone());
        }
        if error.raw_os_error().is_some() {
            return None;
        }
        Some(match error.kind() {
            ErrorKind::UnexpectedEof => Self::Cut(what),
            _ => Self::Damaged { what, why: error.to_string() },
        })
    }
}
