//! The entities that an OWL file declares in its own DTD, mostly short names for IRIs.
//!
//! An entity is written out when it is declared, by those declared before it, and all of them
//! together are bounded; so no chain of them can explode. External ones are never loaded.

use std::collections::BTreeMap;

use gleaner_shared::limits::ONTOLOGY_TEXT_BYTES_MAX;

use super::broken::OntologyFault;
use crate::reference::{Standing, standing};

/// What the declared names stand for.
#[derive(Debug, Default)]
pub(super) struct Entities {
    texts: BTreeMap<String, String>,
    bytes: usize,
}

impl Entities {
    /// Takes the declarations in what follows `<!DOCTYPE`.
    pub(super) fn declare(&mut self, doctype: &str) -> Result<(), OntologyFault> {
        let Some((_, mut rest)) = doctype.split_once('[') else { return Ok(()) };
        while let Some(at) = rest.find('<') {
            let markup = &rest[at..];
            rest = if let Some(comment) = markup.strip_prefix("<!--") {
                after(comment, "-->")
            } else if let Some(instruction) = markup.strip_prefix("<?") {
                after(instruction, "?>")
            } else {
                let end = unquoted_end(markup);
                if let Some(entity) = markup[..end].strip_prefix("<!ENTITY") {
                    self.entity(entity.trim_ascii())?;
                }
                &markup[end..]
            };
        }
        Ok(())
    }

    /// Takes `name "text"`. Parameter and external entities have another form and are left out.
    fn entity(&mut self, declaration: &str) -> Result<(), OntologyFault> {
        let Some((name, value)) = declaration.split_once(|char: char| char.is_ascii_whitespace())
        else {
            return Ok(());
        };
        let value = value.trim_ascii();
        let quoted = ['"', '\''].into_iter().find_map(|quote| {
            value.strip_prefix(quote).and_then(|text| text.split_once(quote)).map(|(text, _)| text)
        });
        let (Some(text), false) = (quoted, self.texts.contains_key(name)) else { return Ok(()) };
        let text = self.written_out(text, "an entity")?;
        self.bytes += name.len() + text.len();
        if self.bytes > ONTOLOGY_TEXT_BYTES_MAX {
            return Err(OntologyFault::TextTooLong("a set of entities"));
        }
        self.texts.insert(name.to_owned(), text);
        Ok(())
    }

    /// Appends what the reference `name`, without `&` and `;`, stands for.
    pub(super) fn append(&self, name: &str, text: &mut String) -> Result<(), OntologyFault> {
        match standing(name).map_err(|error| OntologyFault::Syntax(error.to_string()))? {
            Standing::Char(char) => text.push(char),
            Standing::Text(known) => text.push_str(known),
            Standing::Unknown => match self.texts.get(name) {
                Some(declared) => text.push_str(declared),
                None => {
                    let reason = format!("entity `&{name};` is not declared before it is used");
                    return Err(OntologyFault::Syntax(reason));
                }
            },
        }
        Ok(())
    }

    /// `raw` with all of its references replaced; `what` names it if it gets too long.
    pub(super) fn written_out(
        &self,
        raw: &str,
        what: &'static str,
    ) -> Result<String, OntologyFault> {
        let mut text = String::new();
        let mut rest = raw;
        while let Some((before, from)) = rest.split_once('&') {
            text.push_str(before);
            let Some((name, behind)) = from.split_once(';') else {
                return Err(OntologyFault::Syntax("a reference without its `;`".to_owned()));
            };
            self.append(name, &mut text)?;
            if text.len() > ONTOLOGY_TEXT_BYTES_MAX {
                return Err(OntologyFault::TextTooLong(what));
            }
            rest = behind;
        }
        text.push_str(rest);
        Ok(text)
    }
}

/// What follows the first `end`, or nothing.
fn after<'t>(text: &'t str, end: &str) -> &'t str {
    text.split_once(end).map_or("", |(_, rest)| rest)
}

/// Where the first `>` outside of quotes is, or the end.
fn unquoted_end(markup: &str) -> usize {
    let mut quote = None;
    let end = markup.bytes().position(|byte| match (quote, byte) {
        (None, b'>') => true,
        (None, b'"' | b'\'') => {
            quote = Some(byte);
            false
        }
        (Some(open), _) if open == byte => {
            quote = None;
            false
        }
        _ => false,
    });
    end.unwrap_or(markup.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(doctype: &str, raw: &str, expected: &str) {
        let mut entities = Entities::default();
        let shown = entities.declare(doctype).and_then(|()| entities.written_out(raw, "a text"));
        assert_eq!(shown.unwrap_or_else(|fault| fault.to_string()), expected, "{doctype} {raw}");
    }

    #[test]
    fn references_are_replaced() {
        check("", "a &amp; b &#65;&#x42;&lt;", "a & b AB<");
        check("rdf:RDF [<!ENTITY a \"http://x#\">]", "&a;b&a;", "http://x#bhttp://x#");
        check("r [\n <!ENTITY a 'x'>\n<!ENTITY b \"&a;&a;&#33;>\" >]", "&b;", "xx!>");
    }

    #[test]
    fn the_first_declaration_counts() {
        check("r [<!ENTITY a 'x'><!ENTITY a 'y'>]", "&a;", "x");
    }

    #[test]
    fn what_is_not_a_declaration_declares_nothing() {
        let none = "entity `&a;` is not declared before it is used";
        for doctype in [
            "r",
            "r []",
            "r [<!-- <!ENTITY a 'x'> -->]",
            "r [<?pi <!ENTITY a 'x'> ?>]",
            "r [<!ENTITY % a 'x'>]",
            "r [<!ENTITY a SYSTEM 'http://x'>]",
            "r [<!ELEMENT b '<!ENTITY a \"x\">'>]",
            "r [<!ENTITY a",
        ] {
            check(doctype, "&a;", none);
        }
        check("r [<!ENTITY b '&a;'><!ENTITY a 'x'>]", "", none);
        check("", "a & b", "a reference without its `;`");
    }

    #[test]
    fn a_billion_laughs_are_cut_short() {
        let mut doctype = "r [<!ENTITY l0 'lol'>".to_owned();
        for level in 1..40 {
            let refs = format!("&l{};", level - 1).repeat(10);
            doctype += &format!("<!ENTITY l{level} '{refs}'>");
        }
        check(&doctype, "", "an entity of more than 65536 bytes");
        let raw = "&a;".repeat(1_000_000);
        let doctype = format!("r [<!ENTITY a '{}'>]", "x".repeat(60_000));
        check(&doctype, &raw, "a text of more than 65536 bytes");
    }
}
