//! Messages: what travels, how it is encoded. Everything here is held by golden bytes.

pub mod codec;
