//! Invites as text: where a server is, which key it has, and a secret that lets its holder join.
//!
//! `gleaner://HOST:PORT/CODE`. No character of it means anything to bash, zsh or fish, so it can be
//! pasted unquoted; that is why an IPv6 address stands without brackets (the port is never absent).

use core::fmt;
use core::str::FromStr;

use data_encoding::{BASE64URL_NOPAD, DecodeKind};
use gleaner_shared::digest::Hasher;
use gleaner_shared::id::HostId;
use gleaner_shared::limits::ADDRESS_BYTES_MAX;

use crate::random::Token;

const SCHEME: &str = "gleaner://";
const VERSION: u8 = 1;
const CHECKSUM_BYTES: usize = 4;
/// Version, key, token, checksum.
const CODE_BYTES: usize = 1 + 32 + 16 + CHECKSUM_BYTES;
/// The code as base64url (RFC 4648, section 5) without padding.
const CODE_LETTERS: usize = (CODE_BYTES * 4).div_ceil(3);
/// No invite of this or a later version is longer.
const TEXT_BYTES_MAX: usize = 1_024;

/// An invitation to a server. Its text is a secret; `Debug` does not show it, `Display` does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    server: HostId,
    address: String,
    token: Token,
}

/// What is wrong with an invite, told so that one knows what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InviteError {
    /// Nothing.
    #[error("the invite is empty")]
    Empty,
    /// A space or a line break inside.
    #[error("the invite has a space or a line break inside; paste it as one piece")]
    Broken,
    /// Not an invite at all.
    #[error("this is no invite: an invite begins with {SCHEME}")]
    Scheme,
    /// No `host:port`, or one that no machine has.
    #[error(
        "{0:?} in the invite is no server address; it should be HOST:PORT, where HOST is a name of \
         plain letters, an IPv4 or an IPv6 address"
    )]
    Address(String),
    /// Nothing after the address.
    #[error("the invite ends after the server's address: the rest was lost when it was copied")]
    NoCode,
    /// Too short or too long.
    #[error(
        "the invite's last part has {0} letters instead of {CODE_LETTERS}: {how} when it was \
         copied", how = if *.0 < CODE_LETTERS { "some were lost" } else { "something was added" }
    )]
    Length(usize),
    /// A letter that no invite has.
    #[error("the invite's last part has the letter {0:?}, which no invite has; copy it again")]
    Letter(char),
    /// A letter is wrong.
    #[error("the invite is damaged: at least one letter is wrong; copy it again")]
    Damaged,
    /// An invite of a later version.
    #[error("the invite has version {0}, this program knows version {VERSION}; update the program")]
    Version(u8),
}

impl Invite {
    /// To the server with that key, at `host:port` (an IPv6 address in brackets or not), with that
    /// secret.
    ///
    /// # Errors
    /// [`InviteError::Address`].
    pub fn new(server: HostId, address: &str, token: Token) -> Result<Self, InviteError> {
        let address = Address::from_str(address)?.to_string();
        Ok(Self { server, address, token })
    }

    /// The key that the server must have.
    pub fn server(&self) -> HostId {
        self.server
    }

    /// `host:port`, an IPv6 address in brackets, as [`crate::Dialer::connect`] takes it.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The secret.
    pub fn token(&self) -> &Token {
        &self.token
    }

    fn code(&self) -> [u8; CODE_BYTES] {
        let mut code = [0; CODE_BYTES];
        code[0] = VERSION;
        code[1..33].copy_from_slice(&self.server.0);
        code[33..49].copy_from_slice(&self.token.0);
        let (rest, sum) = code.split_at_mut(CODE_BYTES - CHECKSUM_BYTES);
        sum.copy_from_slice(&checksum(&self.address, rest));
        code
    }
}

/// Over the address in its normal form, then the code.
fn checksum(address: &str, code: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut hasher = Hasher::new();
    hasher.update(address.as_bytes());
    hasher.update(code);
    *hasher.digest().0.first_chunk().expect("a digest has 32 bytes")
}

impl fmt::Display for Invite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bare = self.address.replace(['[', ']'], "");
        write!(f, "{SCHEME}{bare}/{}", BASE64URL_NOPAD.encode(&self.code()))
    }
}

impl FromStr for Invite {
    type Err = InviteError;

    /// White space and quotes around the invite are no part of it.
    fn from_str(text: &str) -> Result<Self, InviteError> {
        let text = text.trim_matches(|c: char| c.is_whitespace() || "'\"`<>“”‘’«»".contains(c));
        if text.is_empty() {
            return Err(InviteError::Empty);
        }
        let rest = text.strip_prefix(SCHEME).ok_or(InviteError::Scheme)?;
        if rest.contains(char::is_whitespace) {
            return Err(InviteError::Broken);
        }
        if rest.len() > TEXT_BYTES_MAX {
            return Err(InviteError::Length(rest.len()));
        }
        let (address, code) = rest.split_once('/').unwrap_or((rest, ""));
        let address = Address::from_str(address)?.to_string();
        let (server, token) = read_code(&address, code)?;
        Ok(Self { server, address, token })
    }
}

/// The checksum is asked first: if it fits, the letters are those that were sent, and what is still
/// wrong is a matter of versions.
fn read_code(address: &str, code: &str) -> Result<(HostId, Token), InviteError> {
    if code.is_empty() {
        return Err(InviteError::NoCode);
    }
    let bytes = BASE64URL_NOPAD.decode(code.as_bytes()).map_err(|error| match error.kind {
        DecodeKind::Symbol => {
            InviteError::Letter(code[error.position..].chars().next().unwrap_or_default())
        }
        _ => damaged(code),
    })?;
    let sum_at = bytes.len().checked_sub(CHECKSUM_BYTES).ok_or_else(|| damaged(code))?;
    let (rest, sum) = bytes.split_at(sum_at);
    if sum != checksum(address, rest) {
        return Err(damaged(code));
    }
    match rest.first() {
        Some(&VERSION) => {}
        Some(&version) => return Err(InviteError::Version(version)),
        None => return Err(damaged(code)),
    }
    let (key, token) = rest[1..].split_first_chunk().ok_or_else(|| damaged(code))?;
    let token = token.try_into().map_err(|_| damaged(code))?;
    Ok((HostId(*key), Token(token)))
}

fn damaged(code: &str) -> InviteError {
    match code.chars().count() {
        CODE_LETTERS => InviteError::Damaged,
        letters => InviteError::Length(letters),
    }
}

/// A server's address in normal form.
struct Address {
    host: Host,
    port: u16,
}

enum Host {
    V6(core::net::Ipv6Addr),
    /// A name or an IPv4 address.
    Name(String),
}

impl FromStr for Address {
    type Err = InviteError;

    fn from_str(text: &str) -> Result<Self, InviteError> {
        let wrong = || InviteError::Address(text.chars().take(ADDRESS_BYTES_MAX).collect());
        let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        let port_is_plain = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        let port =
            port.parse().ok().filter(|port| *port != 0 && port_is_plain).ok_or_else(wrong)?;
        let inside = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let host = match inside.unwrap_or(host) {
            host if host.contains(':') => Host::V6(host.parse().map_err(|_| wrong())?),
            host if inside.is_none() && is_name(host) => Host::Name(host.into()),
            _ => return Err(wrong()),
        };
        Ok(Self { host, port })
    }
}

/// A host name (RFC 1123) or an IPv4 address.
fn is_name(host: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    (1..=253).contains(&host.len())
        && host.bytes().all(is_letter)
        && host.bytes().any(|byte| byte.is_ascii_alphanumeric())
        && !host.starts_with('-')
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::V6(ip) => write!(f, "[{ip}]:{}", self.port),
            Host::Name(name) => write!(f, "{name}:{}", self.port),
        }
    }
}

#[cfg(test)]
#[path = "invite_tests.rs"]
mod tests;
