//! Messages: what travels, how it is encoded. Everything here is held by golden bytes.
//!
//! Each stream begins with one [`stream::Open`]; what follows is said there. Enums only ever get
//! new variants at their end; a struct never changes (docs/protocol.md says how to evolve).

pub mod admin;
pub mod codec;
pub mod refusal;
pub mod stream;
pub mod work;
