//! JSON lines: an object a line, either a CORD-19 parse or fields of text.
//!
//! A line that is too long is passed over unheld; blank lines are none.

use core::fmt;
use std::io::{BufRead, Read, Result as IoResult};

use gleaner_shared::document::{Document, Kind};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::columns::{Columns, Role};
use super::draft::Draft;
use super::{Row, RowSettings};
use crate::broken::{BrokenDocument, Fault};
use crate::json::parted;
use crate::position::Position;
use crate::{bom, cord19};

/// The lines of a file.
pub(super) struct Lines<'s, R> {
    source: R,
    settings: RowSettings<'s>,
    line: u64,
    buffer: Vec<u8>,
    ended: bool,
}

/// What a line is.
enum Line {
    Whole,
    TooLong,
    None,
}

impl<'s, R: BufRead> Lines<'s, R> {
    pub(super) fn new(source: R, settings: RowSettings<'s>) -> Self {
        Self { source, settings, line: 0, buffer: Vec::new(), ended: false }
    }

    /// Fills the buffer with the next line.
    fn fill(&mut self) -> IoResult<Line> {
        self.buffer.clear();
        self.line += 1;
        // One byte more for the line's end.
        let most = self.settings.bytes_max as u64 + 1;
        let read = self.source.by_ref().take(most).read_until(b'\n', &mut self.buffer)?;
        if read == 0 {
            return Ok(Line::None);
        }
        if self.buffer.last() == Some(&b'\n') {
            self.buffer.pop();
        } else if self.buffer.len() > self.settings.bytes_max {
            self.buffer = Vec::new();
            self.source.skip_until(b'\n')?;
            return Ok(Line::TooLong);
        }
        Ok(Line::Whole)
    }

    fn row(&self) -> Result<Document, BrokenDocument> {
        let bytes = if self.line == 1 { bom::without(&self.buffer) } else { &self.buffer };
        let text = str::from_utf8(bytes).map_err(|_| Fault::NotUtf8.on(self.line))?;
        let mut draft = Draft::new(self.settings.columns.texts());
        let mut seen = Seen::default();
        let fields = Fields { columns: self.settings.columns, draft: &mut draft, seen: &mut seen };
        let mut json = serde_json::Deserializer::from_str(text);
        let parsed = fields.deserialize(&mut json).and_then(|()| json.end());
        parsed.map_err(|error| {
            let (reason, position) = parted(&error);
            let column = position.map_or(0, |position| position.column);
            let position = Some(Position { line: self.line, column });
            BrokenDocument { fault: Fault::Line(reason), position }
        })?;
        if seen.cord19 && self.settings.columns.text.is_empty() {
            return self.cord19(text, &draft);
        }
        let document = match seen.odd {
            Some(field) => Err(Fault::Field(field)),
            None => draft.document(self.line, &self.settings),
        };
        document.map_err(|fault| fault.on(self.line))
    }

    fn cord19(&self, text: &str, draft: &Draft) -> Result<Document, BrokenDocument> {
        let id = draft.id(self.line, &self.settings).map_err(|fault| fault.on(self.line))?;
        let content = cord19::read(text).map_err(|broken| {
            let column = broken.position.map_or(0, |position| position.column);
            BrokenDocument { position: Some(Position { line: self.line, column }), ..broken }
        })?;
        let year = self.settings.years.get(&id).or(draft.year()).unwrap_or_default();
        Ok(Document { id, kind: Kind::Cord19, year, paragraphs: content.paragraphs })
    }
}

impl<R: BufRead> Iterator for Lines<'_, R> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        while !self.ended {
            let read = match self.fill() {
                Ok(Line::None) => break,
                Ok(Line::Whole) if self.buffer.trim_ascii().is_empty() => continue,
                Ok(Line::Whole) => self.row(),
                Ok(Line::TooLong) => {
                    Err(Fault::RowTooLong { bytes_max: self.settings.bytes_max }.on(self.line))
                }
                Err(error) => {
                    self.ended = true;
                    Err(Fault::Unreadable(error.to_string()).on(self.line))
                }
            };
            return Some(Row { line: self.line, read });
        }
        self.ended = true;
        None
    }
}

/// What is known of an object beside its columns.
#[derive(Default)]
struct Seen {
    /// It has what only CORD-19 parses have.
    cord19: bool,
    /// A field of text that is none.
    odd: Option<String>,
}

/// Reads an object's fields into a draft.
struct Fields<'d> {
    columns: &'d Columns,
    draft: &'d mut Draft,
    seen: &'d mut Seen,
}

impl<'de> DeserializeSeed<'de> for Fields<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            let mut roles = self.columns.roles(&name).peekable();
            let has_parts = matches!(name.as_str(), "metadata" | "body_text");
            if roles.peek().is_none() && !has_parts {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let value = map.next_value_seed(Field::Whole)?;
            self.seen.cord19 |= has_parts && matches!(value, Value::Other);
            for role in roles {
                match (&value, role) {
                    (Value::Text(text) | Value::Number(text), Role::Id(_) | Role::Year(_)) => {
                        self.draft.take(role, text);
                    }
                    (Value::Text(text), Role::Text(_)) => self.draft.take(role, text),
                    (Value::Null, _) => {}
                    _ => self.seen.odd = Some(name.clone()),
                }
            }
        }
        Ok(())
    }
}

/// A field's value, as far as it can be of use.
enum Value {
    /// A string, or strings of which each is a paragraph.
    Text(String),
    Number(String),
    Null,
    Other,
}

/// Reads a value; lists only on the first level, so that nothing recurses.
#[derive(Clone, Copy)]
enum Field {
    Whole,
    Part,
}

impl<'de> DeserializeSeed<'de> for Field {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Field {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number.to_string()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut text = String::new();
        loop {
            let part = match self {
                Self::Whole => seq.next_element_seed(Self::Part)?,
                Self::Part => seq.next_element::<IgnoredAny>()?.map(|_| Value::Other),
            };
            let part = match part {
                None => break,
                Some(Value::Text(part)) => part,
                Some(_) => {
                    while seq.next_element::<IgnoredAny>()?.is_some() {}
                    return Ok(Value::Other);
                }
            };
            if !text.is_empty() {
                text.push_str("\n\n");
            }
            text.push_str(&part);
        }
        Ok(Value::Text(text))
    }
}

#[cfg(test)]
#[path = "jsonl_tests.rs"]
mod tests;
