//! What a client and its crew say to each other over two pipes: frames of one message each, and
//! behind a result its packed bytes. Both ends are one program, so the form has no version.

use std::io::{self, ErrorKind, Read, Write};

use gleaner_shared::limits::{FRAME_BYTES_MAX, RESULT_BYTES_MAX};
use gleaner_shared::payload::PayloadFacts;
use gleaner_shared::unit::DocRange;
use gleaner_shared::wire::codec;
use gleaner_shared::wire::work::JobBrief;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::outcome::Told;

/// What a crew must know of a unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Errand {
    /// What to do.
    pub(crate) job: JobBrief,
    /// On what.
    pub(crate) payload: PayloadFacts,
    /// Which of its documents.
    pub(crate) docs: DocRange,
}

/// To a crew. Units are numbered by who asks.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Ask {
    /// Compute this.
    Unit(u64, Box<Errand>),
    /// Nobody wants that one any more.
    Void(u64),
}

/// From a crew.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Say {
    /// The unit's job is ready, and its documents are begun: what happens now is their doing.
    Begun(u64),
    /// What came of the unit; so many packed bytes follow.
    Made(u64, Told, u64),
    /// The process has to end, for the sake of a unit that is dealt with. The others are not to
    /// blame.
    Ends,
}

/// Writes a message and what follows it.
pub(crate) fn write(
    target: &mut impl Write,
    message: &impl Serialize,
    after: &[u8],
) -> io::Result<()> {
    let body = codec::encode(message).map_err(io::Error::other)?;
    let len = u32::try_from(body.len()).map_err(io::Error::other)?;
    target.write_all(&[&len.to_le_bytes()[..], &body].concat())?;
    target.write_all(after)?;
    target.flush()
}

/// The next message; none when the other side has ended.
pub(crate) fn read<M: DeserializeOwned>(source: &mut impl Read) -> io::Result<Option<M>> {
    let mut len = [0; 4];
    match source.read_exact(&mut len) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let len = u32::from_le_bytes(len) as usize;
    if len > FRAME_BYTES_MAX {
        return Err(ErrorKind::InvalidData.into());
    }
    let mut body = vec![0; len];
    source.read_exact(&mut body)?;
    codec::decode(&body).map(Some).map_err(io::Error::other)
}

/// The bytes that follow a message.
pub(crate) fn read_after(source: &mut impl Read, len: u64) -> io::Result<Vec<u8>> {
    if len > RESULT_BYTES_MAX as u64 {
        return Err(ErrorKind::InvalidData.into());
    }
    let mut bytes = Vec::new();
    source.take(len).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == len { Ok(bytes) } else { Err(ErrorKind::UnexpectedEof.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::outcome::Stopped;

    #[test]
    fn what_is_written_is_read_and_a_cut_is_no_message() {
        let told = Told::Stopped(Stopped::UnknownApp);
        let mut bytes = Vec::new();
        write(&mut bytes, &Say::Made(7, told, 3), b"abc").unwrap();
        write(&mut bytes, &Say::Ends, b"").unwrap();
        let mut source = &bytes[..];
        let Some(Say::Made(7, Told::Stopped(_), 3)) = read(&mut source).unwrap() else {
            panic!("another message")
        };
        assert_eq!(read_after(&mut source, 3).unwrap(), b"abc");
        assert!(matches!(read(&mut source).unwrap(), Some(Say::Ends)));
        assert!(read::<Say>(&mut source).unwrap().is_none());
        for cut in 4..9 {
            let mut source = &bytes[..cut];
            let whole = read::<Say>(&mut source).is_ok_and(|say| say.is_some());
            assert!(!whole || read_after(&mut source, 3).is_err(), "{cut}");
        }
    }

    #[test]
    fn no_memory_is_taken_for_a_length_that_nobody_may_say() {
        assert!(read::<Say>(&mut &[0xff; 8][..]).is_err());
        assert!(read_after(&mut &[0; 8][..], u64::MAX).is_err());
    }
}
