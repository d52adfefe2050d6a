//! How a connection ends, and what both sides call the reasons.

use core::fmt;

use gleaner_shared::limits::CLOSE_REASON_BYTES_MAX;
use quinn::{ConnectionError, TransportErrorCode, VarInt};

/// Why one side closes a connection. The numbers travel; new ones are only appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    /// 0: all is said.
    Done,
    /// 1: the process stops or restarts; come back soon.
    Stopping,
    /// 2: this key may not do this (banned, not joined, a session too many).
    Refused,
    /// 3: the peer broke the protocol.
    Malformed,
    /// 4: too many connections; come back later.
    Busy,
    /// 5: the peer was silent or slow for too long.
    Stalled,
    /// A number that this version does not know.
    Unknown(u32),
}

impl Close {
    const KNOWN: [Self; 6] =
        [Self::Done, Self::Stopping, Self::Refused, Self::Malformed, Self::Busy, Self::Stalled];

    pub(crate) fn code(self) -> VarInt {
        if let Self::Unknown(code) = self {
            return code.into();
        }
        let code = Self::KNOWN.iter().position(|known| *known == self);
        u32::try_from(code.expect("every known reason is listed")).expect("six fit").into()
    }

    fn from_code(code: VarInt) -> Self {
        let code = u32::try_from(code.into_inner()).unwrap_or(u32::MAX);
        Self::KNOWN.get(code as usize).copied().unwrap_or(Self::Unknown(code))
    }
}

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The peer closed it.
    ByPeer {
        /// Its reason.
        close: Close,
        /// Its words: without control characters, at most [`CLOSE_REASON_BYTES_MAX`] bytes.
        reason: String,
    },
    /// This side closed it.
    ByUs,
    /// The peer does not know the connection any more: its process was restarted.
    Restarted,
    /// Nothing was heard for [`gleaner_shared::limits::IDLE_PATIENCE`].
    Silent,
    /// The peer has no room for one more connection.
    Full,
    /// The peer speaks no version of the protocol that this side speaks.
    Version,
    /// The handshake or the transport failed; in the transport's words.
    Broken(String),
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByPeer { reason, .. } if !reason.is_empty() => {
                write!(f, "the other side closed the connection: {reason}")
            }
            Self::ByPeer { close, .. } => {
                write!(f, "the other side closed the connection ({close:?})")
            }
            Self::ByUs => f.write_str("this side closed the connection"),
            Self::Restarted => f.write_str("the other side was restarted"),
            Self::Silent => f.write_str("the other side fell silent"),
            Self::Full => f.write_str("the other side takes no more connections now"),
            Self::Version => f.write_str("the other side speaks another version of the protocol"),
            Self::Broken(why) => write!(f, "the connection broke: {why}"),
        }
    }
}

/// TLS alert 120, `no_application_protocol` (RFC 7301, section 3.2).
const NO_APPLICATION_PROTOCOL: u8 = 120;

impl From<ConnectionError> for Ended {
    fn from(error: ConnectionError) -> Self {
        match error {
            ConnectionError::ApplicationClosed(frame) => Self::ByPeer {
                close: Close::from_code(frame.error_code),
                reason: clean(&String::from_utf8_lossy(&frame.reason)),
            },
            ConnectionError::LocallyClosed => Self::ByUs,
            ConnectionError::Reset => Self::Restarted,
            ConnectionError::TimedOut => Self::Silent,
            ConnectionError::VersionMismatch => Self::Version,
            ConnectionError::ConnectionClosed(frame) => match frame.error_code {
                TransportErrorCode::CONNECTION_REFUSED => Self::Full,
                code if code == TransportErrorCode::crypto(NO_APPLICATION_PROTOCOL) => {
                    Self::Version
                }
                _ => Self::Broken(clean(&frame.to_string())),
            },
            ConnectionError::TransportError(error)
                if error.code == TransportErrorCode::crypto(NO_APPLICATION_PROTOCOL) =>
            {
                Self::Version
            }
            error @ (ConnectionError::TransportError(_) | ConnectionError::CidsExhausted) => {
                Self::Broken(clean(&error.to_string()))
            }
        }
    }
}

/// A peer's words as they may be shown in a terminal or a log: no control characters, nothing that
/// turns the direction of text, and short.
fn clean(words: &str) -> String {
    let mut shown = String::new();
    for letter in words.chars() {
        let turns = matches!(letter,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let letter = if letter.is_control() || turns { '\u{fffd}' } else { letter };
        if shown.len() + letter.len_utf8() > CLOSE_REASON_BYTES_MAX {
            break;
        }
        shown.push(letter);
    }
    shown
}

/// A reason as it is sent: cut between two characters.
pub(crate) fn cut(reason: &str) -> &str {
    &reason[..reason.floor_char_boundary(CLOSE_REASON_BYTES_MAX)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_keep_their_numbers() {
        for (number, close) in (0u32..).zip(Close::KNOWN) {
            assert_eq!(close.code(), VarInt::from_u32(number));
            assert_eq!(Close::from_code(close.code()), close);
        }
        assert_eq!(Close::from_code(VarInt::from_u32(99)), Close::Unknown(99));
        assert_eq!(Close::Unknown(99).code(), VarInt::from_u32(99));
        assert_eq!(Close::from_code(VarInt::MAX), Close::Unknown(u32::MAX));
    }

    #[test]
    fn a_peers_words_cannot_command_a_terminal() {
        assert_eq!(clean("a\x1b[2J\n\u{202e}b"), "a\u{fffd}[2J\u{fffd}\u{fffd}b");
        assert!(clean(&"ü".repeat(1_000)).len() <= CLOSE_REASON_BYTES_MAX);
        assert!(cut(&"ü".repeat(1_000)).len() <= CLOSE_REASON_BYTES_MAX);
        assert_eq!(cut("short"), "short");
    }
}
