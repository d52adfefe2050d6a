//! OBO-graph JSON: `graphs[].nodes[]`, node by node; the rest of the file is skipped unread.

use core::fmt;
use std::io::{BufRead, BufReader};

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Concept;
use super::broken::{BrokenOntology, OntologyFault};
use super::draft::Draft;
use crate::json::{Object, parted};

/// Reads all nodes.
pub(super) fn read(
    source: impl BufRead,
    each: &mut dyn FnMut(Concept),
) -> Result<(), BrokenOntology> {
    // serde_json takes single bytes, which only a `BufReader` gives fast.
    let mut json = serde_json::Deserializer::from_reader(BufReader::new(source));
    Walk { path: &PATH, each }.deserialize(&mut json).and_then(|()| json.end()).map_err(|error| {
        let (reason, position) = parted(&error);
        let fault = match error.is_io() {
            true => OntologyFault::Io(error.into()),
            false => OntologyFault::Syntax(reason),
        };
        BrokenOntology { fault, position }
    })
}

/// One step into a JSON document.
enum Step {
    Field(&'static str),
    Items,
}

/// From the document to its nodes.
const PATH: [Step; 4] = [Step::Field("graphs"), Step::Items, Step::Field("nodes"), Step::Items];

/// Follows what is left of the path.
struct Walk<'w> {
    path: &'static [Step],
    each: &'w mut dyn FnMut(Concept),
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        match self.path.first() {
            Some(Step::Field(_)) => json.deserialize_map(self),
            Some(Step::Items) => json.deserialize_seq(self),
            None => {
                let Object(node) = Object::<Node>::deserialize(json)?;
                let concept = node.concept().map_err(D::Error::custom)?;
                concept.into_iter().for_each(self.each);
                Ok(())
            }
        }
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.first() {
            Some(Step::Field(name)) => write!(f, "an object with `{name}`"),
            _ => f.write_str("an array"),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((Step::Field(name), path)) = self.path.split_first() else { return Ok(()) };
        while let Some(key) = map.next_key::<String>()? {
            if key == *name {
                map.next_value_seed(Walk { path, each: &mut *self.each })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let path = self.path.get(1..).unwrap_or_default();
        while items.next_element_seed(Walk { path, each: &mut *self.each })?.is_some() {}
        Ok(())
    }
}

#[derive(serde::Deserialize)]
struct Node {
    id: Option<String>,
    lbl: Option<String>,
    #[serde(rename = "type")]
    class: Option<String>,
    meta: Option<Object<Meta>>,
}

#[derive(Default, serde::Deserialize)]
struct Meta {
    deprecated: Option<bool>,
    synonyms: Option<Vec<Object<Synonym>>>,
}

#[derive(serde::Deserialize)]
struct Synonym {
    pred: Option<String>,
    val: Option<String>,
}

impl Node {
    fn concept(self) -> Result<Option<Concept>, OntologyFault> {
        let (Some("CLASS"), Some(label)) = (self.class.as_deref(), self.lbl) else {
            return Ok(None);
        };
        let mut draft = Draft::default();
        draft.id(self.id.as_deref().unwrap_or_default())?;
        draft.label(&label)?;
        let meta = self.meta.map(|Object(meta)| meta).unwrap_or_default();
        if meta.deprecated == Some(true) {
            draft.obsolete();
        }
        for Object(synonym) in meta.synonyms.unwrap_or_default() {
            if let (Some("hasExactSynonym"), Some(text)) = (synonym.pred.as_deref(), synonym.val) {
                draft.synonym(&text)?;
            }
        }
        if !draft.has_id() {
            return Err(OntologyFault::Syntax(format!("the node `{label}` has no id")));
        }
        Ok(draft.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{OntologyFormat, read_ontology};
    use super::*;

    fn concepts(text: &str) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        let mut each =
            |Concept { id, label, synonyms }| found.push(format!("{id}|{label}|{synonyms:?}"));
        read_ontology(OntologyFormat::OboGraph, text.as_bytes(), &mut each)
            .map(|()| found)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn classes_with_a_label_are_taken() {
        let text = r#"{"meta": [], "graphs": [{"edges": [1], "nodes": [
            {"id": "http://purl.obolibrary.org/obo/X_1", "lbl": "a", "type": "CLASS", "meta": {
                "synonyms": [{"pred": "hasExactSynonym", "val": "b", "xrefs": []},
                             {"pred": "hasRelatedSynonym", "val": "c"}, {}]}},
            {"id": "X:2", "type": "CLASS"},
            {"id": "X:3", "lbl": "d", "type": "PROPERTY"},
            {"id": "X:4", "lbl": "e", "type": "CLASS", "meta": {"deprecated": true}},
            {"id": "X:5", "lbl": "f"}]},
            {"nodes": [{"id": "http://x.org/Y_6", "lbl": "g", "type": "CLASS"}]}, {}]}"#;
        assert_eq!(concepts(text).unwrap(), [r#"X:1|a|["b"]"#, "http://x.org/Y_6|g|[]"]);
    }

    #[test]
    fn what_is_broken_is_said_with_its_place() {
        let cases = [
            ("", "line 1: EOF while parsing a value"),
            ("[]", "invalid type: sequence, expected an object with `graphs`"),
            (r#"{"graphs": {}}"#, "invalid type: map, expected an array"),
            (r#"{"graphs": [{"nodes": [[]]}]}"#, "invalid type: sequence, expected an object"),
            (r#"{"graphs": [{"nodes": [{"lbl": "a", "type": "CLASS"}]}]}"#, "`a` has no id"),
            (r#"{"graphs": [{"nodes": [{"lbl": 1}]}]}"#, "integer `1`, expected a string"),
            (r#"{"graphs": [{"nodes": ["#, "EOF while parsing a list"),
            (r#"{"graphs": []}"#, "no concept with an id and a label: is this the right format?"),
        ];
        for (text, reason) in cases {
            let error = concepts(text).unwrap_err();
            assert!(error.ends_with(reason), "{text}: {error}");
        }
    }
}
