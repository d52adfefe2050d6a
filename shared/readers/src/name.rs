//! The id of a document, from the name of its file.

use gleaner_shared::limits::DOC_ID_BYTES_MAX;

/// Why a file's name gives no document id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameRefused {
    /// Nothing is left without the ending.
    #[error("file name `{0}` leaves no document id: give the file a name before its ending")]
    Empty(String),
    /// The id would be too long.
    #[error(
        "document id of {bytes} bytes is longer than {DOC_ID_BYTES_MAX}: shorten the file name"
    )]
    TooLong {
        /// The length of the id, in bytes.
        bytes: usize,
    },
    /// The id would not survive a table or a terminal.
    #[error("file name {0:?} has a control character: rename the file")]
    Control(String),
}

/// The document id of a file: its name without one final `.json`, `.xml`, `.nxml` or `.txt`, then
/// without one final `.xml`. (`PMC140314.xml.json` is `PMC140314`.)
///
/// `file_name` is the name alone, without folders.
pub fn doc_id(file_name: &str) -> Result<String, NameRefused> {
    let stem = [".json", ".xml", ".nxml", ".txt"]
        .iter()
        .find_map(|ending| file_name.strip_suffix(ending))
        .unwrap_or(file_name);
    let id = stem.strip_suffix(".xml").unwrap_or(stem);
    if id.is_empty() {
        return Err(NameRefused::Empty(file_name.to_owned()));
    }
    if id.len() > DOC_ID_BYTES_MAX {
        return Err(NameRefused::TooLong { bytes: id.len() });
    }
    if id.chars().any(char::is_control) {
        return Err(NameRefused::Control(file_name.to_owned()));
    }
    Ok(id.to_owned())
}

/// Why a row's own id is none.
pub(crate) fn check_id(id: &str) -> Result<(), &'static str> {
    if id.is_empty() {
        return Err("it is empty");
    }
    if id.len() > DOC_ID_BYTES_MAX {
        return Err("it is longer than 255 bytes");
    }
    if id.chars().any(char::is_control) {
        return Err("it has a control character");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_ending_goes_then_one_xml() {
        let cases = [
            ("PMC140314.xml.json", "PMC140314"),
            ("journal.pone.0026358.xml", "journal.pone.0026358"),
            ("a.nxml", "a"),
            ("22367-8.txt", "22367-8"),
            ("a.xml.xml", "a"),
            ("a.xml.xml.xml", "a.xml"),
            ("a.json.xml", "a.json"),
            ("a.txt.json", "a.txt"),
            ("a.nxml.json", "a.nxml"),
            ("a", "a"),
            ("a.JSON", "a.JSON"),
            ("\u{e9}t\u{e9}.txt", "\u{e9}t\u{e9}"),
        ];
        for (name, id) in cases {
            assert_eq!(doc_id(name).as_deref(), Ok(id), "{name}");
        }
    }

    #[test]
    fn a_name_without_a_usable_id_is_refused() {
        assert_eq!(doc_id(".json"), Err(NameRefused::Empty(".json".to_owned())));
        assert_eq!(doc_id(".xml.json"), Err(NameRefused::Empty(".xml.json".to_owned())));
        assert_eq!(doc_id("a\tb.txt"), Err(NameRefused::Control("a\tb.txt".to_owned())));
        assert!(doc_id(&"x".repeat(DOC_ID_BYTES_MAX)).is_ok());
        let long = "x".repeat(DOC_ID_BYTES_MAX + 1);
        assert_eq!(doc_id(&long), Err(NameRefused::TooLong { bytes: DOC_ID_BYTES_MAX + 1 }));
    }
}
