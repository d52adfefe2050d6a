//! Identities. Numbers are given by one server; digests mean the same everywhere.
//!
//! A number is never trusted across a restored store: results are matched by digests.

use core::fmt;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "wire", derive(serde::Serialize, serde::Deserialize))]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

number!(
    /// A corpus in one store, from 1.
    CorpusId(u32)
);
number!(
    /// A job in one store, from 1; never given twice.
    JobId(u32)
);
number!(
    /// A person (or the operator, [`AccountId::OPERATOR`]) who owns hosts.
    AccountId(u64)
);
number!(
    /// A set of leases given to one host in one message, from 1; never given twice.
    GrantId(u64)
);

impl AccountId {
    /// The account of the operator: all own hosts and admins belong to it.
    pub const OPERATOR: Self = Self(0);
}

/// One unit in one grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "wire", derive(serde::Serialize, serde::Deserialize))]
pub struct LeaseId {
    /// The grant that the lease came with.
    pub grant: GrantId,
    /// Which of the grant's units, from 0, less than [`crate::limits::GRANT_UNITS_MAX`].
    pub index: u16,
}

impl fmt::Display for LeaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.grant, self.index)
    }
}

/// 32 bytes of BLAKE3.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "wire", derive(serde::Serialize, serde::Deserialize))]
pub struct Digest(pub [u8; 32]);

/// A machine: the BLAKE3 of its public key in SPKI form.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "wire", derive(serde::Serialize, serde::Deserialize))]
pub struct HostId(pub [u8; 32]);

fn hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for byte in bytes {
        write!(f, "{byte:02x}")?;
    }
    Ok(())
}

macro_rules! shown_as_hex {
    ($name:ident) => {
        impl fmt::Display for $name {
            /// 64 lower-case hexadecimal digits; with a precision, the first so many bytes of it.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let bytes = f.precision().unwrap_or(32).min(32);
                hex(&self.0[..bytes], f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self:.4})", stringify!($name))
            }
        }
    };
}
shown_as_hex!(Digest);
shown_as_hex!(HostId);
