//! JSON for programs: one object a line, its `schema` first.
//!
//! Strings are written so that a person who looks at them in a terminal is safe too: dangerous
//! characters stand as `\uXXXX`, which every JSON reader turns back.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use crate::escape::is_dangerous;

/// A value with the name of its schema.
#[derive(Serialize)]
struct Tagged<'a, T: Serialize> {
    schema: &'a str,
    #[serde(flatten)]
    value: &'a T,
}

/// Writes one object and a line break.
pub(crate) fn write<T: Serialize>(
    target: &mut dyn Write,
    schema: &str,
    value: &T,
) -> io::Result<()> {
    let mut line = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut line, Safe);
    Tagged { schema, value }.serialize(&mut serializer)?;
    line.push(b'\n');
    // In one piece, so that two processes that share a pipe do not mix their lines.
    target.write_all(&line)?;
    target.flush()
}

/// Compact, with dangerous characters escaped.
struct Safe;

impl Formatter for Safe {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(is_dangerous) {
            writer.write_all(&rest.as_bytes()[..at])?;
            let letter = rest[at..].chars().next().expect("found there");
            for unit in letter.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + letter.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Named {
        name: String,
    }

    #[test]
    fn the_schema_comes_first_and_text_is_safe_and_whole() {
        let name = "a\u{202e}b\u{9b}\n\"ü\u{e0041}".to_owned();
        let mut bytes = Vec::new();
        write(&mut bytes, "gleaner/test/1", &Named { name: name.clone() }).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(
            text,
            "{\"schema\":\"gleaner/test/1\",\
             \"name\":\"a\\u202eb\\u009b\\n\\\"ü\\udb40\\udc41\"}\n"
        );
        let back: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(back["name"], name);
    }
}
