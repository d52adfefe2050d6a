//! The rules of output: results to standard output, all else to standard error. With `--json` a
//! result is one object on one line.

use std::io::{self, ErrorKind, Write};

use serde::Serialize;

use crate::trouble::{Exit, Trouble};

/// How results and errors are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// A value with the name of its schema.
#[derive(Serialize)]
struct Tagged<'a, T: Serialize> {
    schema: &'a str,
    #[serde(flatten)]
    value: &'a T,
}

/// Writes one JSON object and a line break, in one piece.
pub(crate) fn write_json<T: Serialize>(
    target: &mut dyn Write,
    schema: &str,
    value: &T,
) -> io::Result<()> {
    let mut line = serde_json::to_vec(&Tagged { schema, value })?;
    line.push(b'\n');
    target.write_all(&line)?;
    target.flush()
}

impl Style {
    /// Writes a result: as JSON under its schema's name, or as the text for people.
    pub(crate) fn show<T: Serialize>(
        self,
        schema: &str,
        value: &T,
        text: impl FnOnce() -> String,
    ) -> Result<(), Trouble> {
        match self {
            Self::Json => written(write_json(&mut io::stdout().lock(), schema, value)),
            Self::Text => raw(&text()),
        }
    }

    /// Tells the user something beside the result.
    pub(crate) fn note(self, text: &str) {
        if self == Self::Text {
            // If standard error is gone, there is nobody to tell.
            let _gone = writeln!(io::stderr().lock(), "{text}");
        }
    }
}

/// Writes text to standard output as it is; it ends with a line break.
pub(crate) fn raw(text: &str) -> Result<(), Trouble> {
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let mut target = io::stdout().lock();
    let done = target.write_all(text.as_bytes()).and_then(|()| target.write_all(end.as_bytes()));
    written(done.and_then(|()| target.flush()))
}

/// A reader who has gone wants no more, and that is no failure.
fn written(done: io::Result<()>) -> Result<(), Trouble> {
    match done {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            let what = "the result cannot be written to standard output";
            let act = "look at what standard output leads to, then repeat the command";
            Err(Trouble::new(Exit::Failed, what, &error.to_string(), act))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Named {
        name: &'static str,
    }

    #[test]
    fn the_schema_comes_first_and_the_object_is_one_line() {
        let mut bytes = Vec::new();
        write_json(&mut bytes, "gleaner/test/1", &Named { name: "a\nb" }).unwrap();
        assert_eq!(bytes, b"{\"schema\":\"gleaner/test/1\",\"name\":\"a\\nb\"}\n");
    }

    #[test]
    fn a_reader_who_has_gone_is_no_failure() {
        assert!(written(Err(ErrorKind::BrokenPipe.into())).is_ok());
        assert_eq!(written(Err(ErrorKind::StorageFull.into())).unwrap_err().exit, Exit::Failed);
    }
}
