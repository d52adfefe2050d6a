//! One example of every variant of every enum that travels. A new variant does not compile here
//! until it has one; its golden line is then added as `golden.rs` says.

use std::fmt::Debug;

use gleaner_shared::id::{Digest, GrantId, LeaseId};
use gleaner_shared::unit::DocRange;
use gleaner_shared::wire::codec::{CodecError, decode, encode};
use serde::Serialize;
use serde::de::DeserializeOwned;

mod open;
mod reply;
mod request;
mod rows;
mod value;
mod work;

/// Whether bytes decode to a certain message.
type Is = dyn Fn(&[u8]) -> Result<bool, CodecError>;

/// A message with a name.
pub(crate) struct Example {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    /// Whether bytes decode to the message.
    pub(crate) is: Box<Is>,
}

impl Example {
    pub(crate) fn new<M>(name: &str, message: M) -> Self
    where
        M: Serialize + DeserializeOwned + PartialEq + Debug + 'static,
    {
        let bytes = encode(&message).expect("an example fits a frame");
        let is = Box::new(move |bytes: &[u8]| decode::<M>(bytes).map(|found| found == message));
        Self { name: name.to_owned(), bytes, is }
    }
}

/// The examples of one golden file.
pub(crate) struct Group {
    pub(crate) file: &'static str,
    pub(crate) examples: Vec<Example>,
}

/// All of them.
pub(crate) fn groups() -> Vec<Group> {
    vec![
        Group { file: "open", examples: open::examples() },
        Group { file: "work", examples: work::examples() },
        Group { file: "request", examples: request::examples() },
        Group { file: "reply", examples: reply::examples() },
        Group { file: "value", examples: value::examples() },
    ]
}

/// Examples of an enum: `variants!(Type { Variant: value, … })`, without one left out.
macro_rules! variants {
    ($type:ident { $($variant:ident: $example:expr),+ $(,)? }) => {{
        fn variant(value: &$type) -> &'static str {
            match value { $($type::$variant { .. } => stringify!($variant),)+ }
        }
        vec![$({
            let value: $type = $example;
            assert_eq!(variant(&value), stringify!($variant), "an example of another variant");
            $crate::examples::Example::new(
                concat!(stringify!($type), "::", stringify!($variant)),
                value,
            )
        }),+]
    }};
}
use variants;

/// A digest of 32 equal bytes.
fn digest(byte: u8) -> Digest {
    Digest([byte; 32])
}

fn lease(grant: u64, index: u16) -> LeaseId {
    LeaseId { grant: GrantId(grant), index }
}

fn docs(first: u32, count: u32) -> DocRange {
    DocRange { first, count }
}
