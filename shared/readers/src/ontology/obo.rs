//! OBO: `[Term]` stanzas of `tag: value` lines.

use std::io::BufRead;

use super::Concept;
use super::broken::{BrokenOntology, OntologyFault};
use super::draft::Draft;
use super::lines::Lines;

/// A term being read.
struct Term {
    /// The line of its `[Term]`.
    line: u64,
    draft: Draft,
}

/// Reads all terms.
pub(super) fn read(
    source: impl BufRead,
    each: &mut dyn FnMut(Concept),
) -> Result<(), BrokenOntology> {
    let mut lines = Lines::new(source);
    let mut term: Option<Term> = None;
    while let Some((number, line)) = lines.read()? {
        if line.starts_with('[') {
            finish(term.take(), each)?;
            if line.trim_end() == "[Term]" {
                term = Some(Term { line: number, draft: Draft::default() });
            }
        } else if let Some(term) = &mut term {
            tag(&mut term.draft, line).map_err(|fault| fault.on(number))?;
        }
    }
    finish(term, each)
}

fn finish(term: Option<Term>, each: &mut dyn FnMut(Concept)) -> Result<(), BrokenOntology> {
    let Some(Term { line, draft }) = term else { return Ok(()) };
    if !draft.has_id() {
        return Err(OntologyFault::Syntax("a [Term] without an id".to_owned()).on(line));
    }
    draft.finish().into_iter().for_each(each);
    Ok(())
}

/// Takes one line of a term.
fn tag(draft: &mut Draft, line: &str) -> Result<(), OntologyFault> {
    let Some((tag, value)) = line.split_once(':') else { return Ok(()) };
    let value = value.trim();
    match tag.trim() {
        "id" => draft.id(&unescaped(first_word(value))),
        "name" => draft.label(&unescaped(value)),
        "synonym" => match quoted(value) {
            Some((text, rest)) if scope(rest) == "EXACT" => draft.synonym(&unescaped(text)),
            Some(_) => Ok(()),
            None => Err(OntologyFault::Syntax("a synonym that is not in quotes".to_owned())),
        },
        "is_obsolete" => {
            if first_word(value) == "true" {
                draft.obsolete();
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn first_word(value: &str) -> &str {
    value.split_whitespace().next().unwrap_or_default()
}

/// The scope that follows a synonym's text.
fn scope(rest: &str) -> &str {
    rest.trim_start().split(|char: char| !char.is_ascii_alphabetic()).next().unwrap_or_default()
}

/// What is between the quotes that a value begins with, still escaped, and what follows them.
fn quoted(value: &str) -> Option<(&str, &str)> {
    let inside = value.strip_prefix('"')?;
    let mut is_escaped = false;
    let end = inside.bytes().position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    })?;
    Some((&inside[..end], &inside[end + 1..]))
}

/// `\x` is x, but for newline, tab and blank, which have letters. A backslash at the end stays.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        plain.push(match char {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('W') => ' ',
                Some(other) => other,
                None => '\\',
            },
            other => other,
        });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::super::{OntologyFormat, read_ontology};
    use super::*;

    fn concepts(text: &str) -> Result<Vec<Concept>, BrokenOntology> {
        let mut concepts = Vec::new();
        read_ontology(OntologyFormat::Obo, text.as_bytes(), &mut |concept| concepts.push(concept))?;
        Ok(concepts)
    }

    /// `lines` of one term as `id|label|synonym|...`.
    fn check(lines: &str, expected: &str) {
        let concepts = concepts(&format!("format-version: 1.2\n\n[Term]\n{lines}")).unwrap();
        let shown = concepts.iter().map(|concept| {
            let Concept { id, label, synonyms } = concept;
            [
                [id.as_str(), label.as_str()].as_slice(),
                &synonyms.iter().map(String::as_str).collect::<Vec<_>>(),
            ]
            .concat()
            .join("|")
        });
        assert_eq!(shown.collect::<Vec<_>>(), [expected], "{lines}");
    }

    #[test]
    fn an_id_ends_at_the_first_blank() {
        check("id: X:1 ! a\nname: a", "X:1|a");
        check("id:X:1\nname:a\r\n", "X:1|a");
        check("id: http://purl.obolibrary.org/obo/X_1\nname: a", "X:1|a");
    }

    #[test]
    fn only_exact_synonyms_are_taken() {
        check(
            "id: X:1\nname: a\nsynonym: \"b\" EXACT []\nsynonym: \"c\" RELATED []\n\
             synonym: \"d\" EXACT OMO:0003012 [MIM:6]\nsynonym: \"e\" []\n\
             synonym: \"f\" EXACT[]\nsynonym: \"g\" EXACTLY []\nsynonym: \"\" EXACT []",
            "X:1|a|b|d|f",
        );
    }

    #[test]
    fn escapes_are_undone() {
        check(
            r"id: X\:1
name: a\:b\nc\td\We\\f\",
            r"X:1|a:b
c	d e\f\",
        );
        check(
            r#"id: X:1
name: a
synonym: "say \"b\" \\" EXACT ["x"]"#,
            r#"X:1|a|say "b" \"#,
        );
    }

    #[test]
    fn obsolete_and_nameless_terms_and_other_stanzas_are_left_out() {
        let text = "[Term]\nid: X:1\nname: a\nis_obsolete: true\n\n[Term]\nid: X:2\n\n[Typedef]\n\
                    id: X:3\nname: c\n\n[Term]\nid: X:4\nname: d\nis_obsolete: false\n";
        let ids: Vec<String> = concepts(text).unwrap().into_iter().map(|found| found.id).collect();
        assert_eq!(ids, ["X:4"]);
    }

    #[test]
    fn what_is_broken_is_said_with_its_line() {
        let cases = [
            ("[Term]\nname: a\n", "line 1: a [Term] without an id"),
            ("[Term]\nid: X:1\nsynonym: \"a EXACT []\n", "line 3: a synonym that is not in quotes"),
            ("", "no concept with an id and a label: is this the right format?"),
            ("<html>\n", "no concept with an id and a label: is this the right format?"),
        ];
        for (text, message) in cases {
            assert_eq!(concepts(text).unwrap_err().to_string(), message);
        }
    }
}
