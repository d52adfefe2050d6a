//! TSV: `term TAB id [TAB label]`, the lines of a concept anywhere in the file.

use std::collections::HashMap;
use std::io::BufRead;

use super::Concept;
use super::broken::{BrokenOntology, OntologyFault};
use super::draft::Draft;
use super::lines::Lines;
use crate::blank::is_blank;

/// Reads all lines, then hands out the concepts in the order of their first lines.
pub(super) fn read(
    source: impl BufRead,
    each: &mut dyn FnMut(Concept),
) -> Result<(), BrokenOntology> {
    let mut lines = Lines::new(source);
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut drafts: Vec<Draft> = Vec::new();
    while let Some((number, line)) = lines.read()? {
        if is_blank(line) {
            continue;
        }
        let row = Row::of(line).map_err(|fault| fault.on(number))?;
        let place = places.get(row.id).copied();
        let taken = match place {
            Some(place) => drafts[place].synonym(row.term),
            None => {
                places.insert(row.id.to_owned(), drafts.len());
                first(&row).map(|draft| drafts.push(draft))
            }
        };
        taken.map_err(|fault| fault.on(number))?;
    }
    drafts.into_iter().filter_map(Draft::finish).for_each(each);
    Ok(())
}

/// The concept as its first line has it: without a label of its own, the term is the label.
fn first(row: &Row<'_>) -> Result<Draft, OntologyFault> {
    let mut draft = Draft::default();
    draft.id(row.id)?;
    match row.label {
        Some(label) => {
            draft.label(label)?;
            draft.synonym(row.term)?;
        }
        None => draft.label(row.term)?,
    }
    Ok(draft)
}

struct Row<'l> {
    term: &'l str,
    id: &'l str,
    label: Option<&'l str>,
}

impl<'l> Row<'l> {
    fn of(line: &'l str) -> Result<Self, OntologyFault> {
        let mut columns = line.split('\t');
        let mut column = |what: &str| {
            let text = columns.next().filter(|text| !is_blank(text));
            text.ok_or_else(|| OntologyFault::Syntax(format!("no {what}: term TAB id [TAB label]")))
        };
        let (term, id) = (column("term")?, column("id")?.trim());
        Ok(Self { term, id, label: columns.next().filter(|label| !is_blank(label)) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{OntologyFormat, read_ontology};
    use super::*;

    fn check(text: &str, expected: &[(&str, &str, &[&str])]) {
        let mut concepts = Vec::new();
        let mut each = |concept| concepts.push(concept);
        read_ontology(OntologyFormat::Tsv, text.as_bytes(), &mut each).unwrap();
        let expected: Vec<Concept> = expected
            .iter()
            .map(|(id, label, synonyms)| Concept {
                id: (*id).to_owned(),
                label: (*label).to_owned(),
                synonyms: synonyms.iter().map(|&synonym| synonym.to_owned()).collect(),
            })
            .collect();
        assert_eq!(concepts, expected, "{text}");
    }

    #[test]
    fn the_first_line_of_an_id_gives_the_label() {
        check("a\tC1\nb\tC2\nc\tC1\n\nd\tC1\tno\n", &[("C1", "a", &["c", "d"]), ("C2", "b", &[])]);
        check("a\tC1\tthe label\nb\tC1\n", &[("C1", "the label", &["a", "b"])]);
        check("a\tC1\t \tmore\r\n", &[("C1", "a", &[])]);
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_term() {
        check("\u{feff}a\tC1", &[("C1", "a", &[])]);
    }

    #[test]
    fn a_line_without_its_columns_breaks() {
        for (text, message) in [
            ("a\tC1\nb\n", "line 2: no id: term TAB id [TAB label]"),
            ("a\t \n", "line 1: no id: term TAB id [TAB label]"),
            ("\tC1\n", "line 1: no term: term TAB id [TAB label]"),
        ] {
            let error = read_ontology(OntologyFormat::Tsv, text.as_bytes(), &mut |_| {});
            assert_eq!(error.unwrap_err().to_string(), message);
        }
    }
}
