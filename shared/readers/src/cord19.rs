//! CORD-19 JSON parses: the title, then the abstract, then the body; nothing else is taken.
//!
//! Fields we do not name are skipped unread. A field that we name must have the type that CORD-19
//! gives it; `null` is as good as absent.

use core::fmt;
use core::marker::PhantomData;

use gleaner_shared::limits::PARAGRAPHS_MAX;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use crate::broken::{BrokenDocument, Fault};
use crate::document::Content;
use crate::position::Position;

#[derive(serde::Deserialize)]
struct Parse {
    metadata: Option<Object<Metadata>>,
    #[serde(rename = "abstract")]
    summary: Option<Vec<Object<Paragraph>>>,
    body_text: Option<Vec<Object<Paragraph>>>,
}

#[derive(serde::Deserialize)]
struct Metadata {
    title: Option<String>,
}

#[derive(serde::Deserialize)]
struct Paragraph {
    text: String,
}

/// A JSON object; serde's own structs would also take an array of the fields' values.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(Fields(PhantomData))
    }
}

/// Reads one parse.
pub(crate) fn read(text: &str) -> Result<Content, BrokenDocument> {
    let Object(parse) = serde_json::from_str::<Object<Parse>>(text).map_err(broken)?;
    let title = parse.metadata.and_then(|Object(metadata)| metadata.title);
    if title.is_none() && parse.summary.is_none() && parse.body_text.is_none() {
        return Err(Fault::NoCord19.anywhere());
    }
    let texts = [parse.summary, parse.body_text].into_iter().flatten().flatten();
    let paragraphs: Vec<String> =
        title.into_iter().chain(texts.map(|Object(paragraph)| paragraph.text)).collect();
    if paragraphs.len() > PARAGRAPHS_MAX {
        return Err(Fault::TooManyParagraphs.anywhere());
    }
    Ok(Content { paragraphs, year: 0 })
}

/// serde_json says the place at the end of its message; ours stands apart.
fn broken(error: serde_json::Error) -> BrokenDocument {
    let position = Position { line: error.line() as u64, column: error.column() as u64 };
    let message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let reason = message.strip_suffix(&place).unwrap_or(&message).to_owned();
    BrokenDocument { fault: Fault::Json(reason), position: (position.line > 0).then_some(position) }
}
