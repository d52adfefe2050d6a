//! The rules of output: results to standard output, all else to standard error.
//!
//! With `--json` a result is one object a line and nothing but failures goes to standard error.

use std::io::{self, Write};

use serde::Serialize;

use crate::fault::{Fault, Style};
use crate::json;

/// Where a command's results and remarks go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    style: Style,
}

impl Output {
    /// In this style.
    pub(crate) fn new(style: Style) -> Self {
        Self { style }
    }

    /// The style.
    pub(crate) fn style(self) -> Style {
        self.style
    }

    /// Writes a result: as JSON under its schema's name, or as the text that is made for people,
    /// which must be escaped already.
    pub(crate) fn show<T: Serialize>(
        self,
        schema: &str,
        value: &T,
        text: impl FnOnce() -> String,
    ) -> Result<(), Fault> {
        let mut target = io::stdout().lock();
        let written = match self.style {
            Style::Json => json::write(&mut target, schema, value),
            Style::Text => write_text(&mut target, &text()),
        };
        written.map_err(|error| Fault::output(&error))
    }

    /// Writes text to standard output as it is, in both styles.
    pub(crate) fn raw(self, text: &str) -> Result<(), Fault> {
        write_text(&mut io::stdout().lock(), text).map_err(|error| Fault::output(&error))
    }

    /// Tells the user something beside the result. Must be escaped already.
    pub(crate) fn note(self, text: &str) {
        if self.style == Style::Text {
            // If standard error is gone, there is nobody to tell.
            let _ = writeln!(io::stderr().lock(), "{text}");
        }
    }
}

fn write_text(target: &mut dyn Write, text: &str) -> io::Result<()> {
    target.write_all(text.as_bytes())?;
    if !text.is_empty() && !text.ends_with('\n') {
        target.write_all(b"\n")?;
    }
    target.flush()
}
