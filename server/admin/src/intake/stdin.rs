//! Standard input: one stream of a stated format, packed or not.

use std::io::{BufRead, BufReader, Read};

use gleaner_readers::{ArchiveForm, Form, Format, Packing};

use super::batch::Flow;
use super::reading::{Item, Reading};

/// What standard input is called.
pub(super) const NAME: &str = "-";
/// The name of which its only document, or its rows, have their ids.
const DOCUMENT: &str = "stdin";

/// Why this format cannot come from standard input, if it cannot.
pub(crate) fn refused(format: Format) -> Option<&'static str> {
    match format {
        Format::Auto => Some("standard input has no name that would say what it is"),
        Format::Zip => Some("a zip archive has its table at its end, so that it has to be a file"),
        _ => None,
    }
}

/// Reads it to its end.
pub(super) fn read(reading: &mut Reading<'_>) -> Flow {
    let Some(form) = reading.wish.format.form() else { return Flow::Continue(()) };
    let fed = reading.tray.begin_file();
    let mut source = BufReader::new(fed.counting(std::io::stdin().lock()));
    let packing = match source.fill_buf() {
        Ok(bytes) if bytes.starts_with(b"PK\x03\x04") => {
            let why = refused(Format::Zip).unwrap_or_default();
            return reading.tray.set_aside(NAME, String::new(), why);
        }
        Ok([0x1f, 0x8b, ..]) => Packing::Gzip,
        Ok([0x28, 0xb5, 0x2f, 0xfd, ..]) => Packing::Zstd,
        _ => Packing::Plain,
    };
    let name = match form {
        Form::Archive(ArchiveForm::Tar) => NAME,
        _ => DOCUMENT,
    };
    let item = Item { source: NAME, name, packing, form, depth: 0 };
    let flow = reading.content(item, &mut source as &mut dyn Read, &fed);
    reading.tray.end_file(fed.bytes());
    flow
}
