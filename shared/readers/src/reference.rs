//! What an XML reference stands for without any declaration.

use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::BytesRef;

/// A reference, as far as XML itself knows it.
pub(crate) enum Standing {
    /// A number.
    Char(char),
    /// One of XML's five names.
    Text(&'static str),
    /// Only a declaration could say.
    Unknown,
}

/// What `name`, between `&` and `;`, stands for; an error if it is a number of no character.
pub(crate) fn standing(name: &str) -> Result<Standing, quick_xml::Error> {
    Ok(match BytesRef::new(name).resolve_char_ref()? {
        Some(char) => Standing::Char(char),
        None => resolve_xml_entity(name).map_or(Standing::Unknown, Standing::Text),
    })
}
