//! OWL as RDF/XML: the classes that are children of `rdf:RDF`, streamed.
//!
//! Names are compared by their namespaces, whatever their prefixes. Classes inside of classes are
//! axioms and give no concepts.

use std::io::{BufRead, Error};

use gleaner_shared::limits::{ONTOLOGY_ITEM_BYTES_MAX, ONTOLOGY_TEXT_BYTES_MAX, XML_DEPTH_MAX};
use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{NamespaceResolver, ResolveResult};

use super::Concept;
use super::broken::{BrokenOntology, OntologyFault};
use super::draft::Draft;
use super::entities::Entities;
use crate::meter::Meter;

const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const RDFS: &str = "http://www.w3.org/2000/01/rdf-schema#";
const OWL: &str = "http://www.w3.org/2002/07/owl#";
const OBO_IN_OWL: &str = "http://www.geneontology.org/formats/oboInOwl#";

/// Reads all classes.
pub(super) fn read(
    source: impl BufRead,
    each: &mut dyn FnMut(Concept),
) -> Result<(), BrokenOntology> {
    let mut reader = NsReader::from_reader(Meter::new(source, ONTOLOGY_ITEM_BYTES_MAX));
    let mut walk = Walk {
        entities: Entities::default(),
        root: Root::Ahead,
        depth: 0,
        class: None,
        taking: None,
        each,
    };
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        if walk.depth <= 1 {
            reader.get_mut().begin_item();
        }
        let line = reader.get_ref().line();
        let event = reader.read_event_into(&mut buffer).map_err(|error| broken(error).on(line))?;
        let at_end = matches!(event, Event::Eof);
        walk.step(&event, reader.resolver()).map_err(|fault| fault.on(line))?;
        if at_end {
            return Ok(());
        }
    }
}

/// Says it in our words.
fn broken(error: quick_xml::Error) -> OntologyFault {
    match error {
        quick_xml::Error::Io(error) if crate::meter::is_too_long(&error) => OntologyFault::TooLong,
        quick_xml::Error::Io(error) => OntologyFault::Io(Error::new(error.kind(), error)),
        quick_xml::Error::Encoding(_) => OntologyFault::NotUtf8,
        error => OntologyFault::Syntax(format!("not well-formed XML: {error}")),
    }
}

/// The elements that count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Name {
    Rdf,
    Class,
    Field(Field),
    Other,
}

/// What a class says of itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Label,
    ExactSynonym,
    Deprecated,
}

/// Whether the root element has begun.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Root {
    Ahead,
    Begun,
}

/// Where the walk through a file is.
struct Walk<'w> {
    entities: Entities,
    root: Root,
    /// Open elements.
    depth: usize,
    /// The class that is open, if it has an IRI.
    class: Option<Draft>,
    /// The field of it that is open, and its text so far.
    taking: Option<(Field, String)>,
    each: &'w mut dyn FnMut(Concept),
}

impl Walk<'_> {
    fn step(&mut self, event: &Event<'_>, names: &NamespaceResolver) -> Result<(), OntologyFault> {
        match event {
            Event::Start(tag) => self.start(tag, names),
            Event::End(_) => self.end(),
            Event::Empty(tag) => {
                self.start(tag, names)?;
                self.end()
            }
            Event::Text(text) => self.words(text),
            Event::CData(text) => self.words(text),
            Event::GeneralRef(reference) => {
                let mut text = String::new();
                self.entities.append(reference, &mut text)?;
                self.words(&text)
            }
            Event::DocType(doctype) => self.entities.declare(doctype),
            Event::Eof if self.depth > 0 => {
                Err(OntologyFault::Syntax("the file ends inside an element: it was cut".to_owned()))
            }
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::Eof => Ok(()),
        }
    }

    fn start(
        &mut self,
        tag: &BytesStart<'_>,
        names: &NamespaceResolver,
    ) -> Result<(), OntologyFault> {
        if self.depth == XML_DEPTH_MAX {
            return Err(OntologyFault::TooDeep);
        }
        self.depth += 1;
        match self.depth {
            1 => self.begin(tag, names),
            2 if self.name(tag, names)? == Name::Class => {
                self.class = self.class_of(tag, names)?;
                Ok(())
            }
            3 if self.class.is_some() => {
                if let Name::Field(field) = self.name(tag, names)? {
                    self.taking = Some((field, String::new()));
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn begin(
        &mut self,
        tag: &BytesStart<'_>,
        names: &NamespaceResolver,
    ) -> Result<(), OntologyFault> {
        let is_second = self.root == Root::Begun;
        self.root = Root::Begun;
        if is_second || self.name(tag, names)? != Name::Rdf {
            let name = tag.name();
            let reason = format!("a root `{}`, not one rdf:RDF: save it as RDF/XML", name.as_ref());
            return Err(OntologyFault::Syntax(reason));
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), OntologyFault> {
        match self.depth {
            2 => self.class.take().and_then(Draft::finish).into_iter().for_each(&mut *self.each),
            3 => self.keep()?,
            _ => {}
        }
        self.depth = self.depth.saturating_sub(1);
        Ok(())
    }

    /// Takes the text of the field that ends.
    fn keep(&mut self) -> Result<(), OntologyFault> {
        let (Some((field, text)), Some(class)) = (self.taking.take(), &mut self.class) else {
            return Ok(());
        };
        match field {
            Field::Label => class.label(&text)?,
            Field::ExactSynonym => class.synonym(&text)?,
            Field::Deprecated if text.trim_ascii() == "true" => class.obsolete(),
            Field::Deprecated => {}
        }
        Ok(())
    }

    fn words(&mut self, words: &str) -> Result<(), OntologyFault> {
        if self.depth == 0 && !words.trim_ascii().is_empty() {
            let reason = "text outside of the root element: is this XML?".to_owned();
            return Err(OntologyFault::Syntax(reason));
        }
        if let Some((_, text)) = &mut self.taking {
            text.push_str(words);
            if text.len() > ONTOLOGY_TEXT_BYTES_MAX {
                return Err(OntologyFault::TextTooLong("a label or synonym"));
            }
        }
        Ok(())
    }

    /// The class that a tag begins, if it has an IRI.
    fn class_of(
        &self,
        tag: &BytesStart<'_>,
        names: &NamespaceResolver,
    ) -> Result<Option<Draft>, OntologyFault> {
        for attribute in tag.attributes() {
            let attribute = attribute
                .map_err(|error| OntologyFault::Syntax(format!("not well-formed XML: {error}")))?;
            let (space, local) = names.resolve_attribute(attribute.key);
            if local.as_ref() == "about" && self.is(&space, RDF)? {
                let mut draft = Draft::default();
                draft.id(&self.entities.written_out(&attribute.value, "an id")?)?;
                return Ok(Some(draft));
            }
        }
        Ok(None)
    }

    fn name(&self, tag: &BytesStart<'_>, names: &NamespaceResolver) -> Result<Name, OntologyFault> {
        let (space, local) = names.resolve_element(tag.name());
        let (home, name) = match local.as_ref() {
            "RDF" => (RDF, Name::Rdf),
            "Class" => (OWL, Name::Class),
            "label" => (RDFS, Name::Field(Field::Label)),
            "hasExactSynonym" => (OBO_IN_OWL, Name::Field(Field::ExactSynonym)),
            "deprecated" => (OWL, Name::Field(Field::Deprecated)),
            _ => return Ok(Name::Other),
        };
        Ok(if self.is(&space, home)? { name } else { Name::Other })
    }

    /// Whether a name is of this namespace, which the file may have written with entities.
    fn is(&self, space: &ResolveResult<'_>, home: &str) -> Result<bool, OntologyFault> {
        let ResolveResult::Bound(space) = space else { return Ok(false) };
        Ok(self.entities.written_out(space.as_ref(), "a namespace")? == home)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{OntologyFormat, read_ontology};
    use super::*;

    const SPACES: &str = "xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#' \
        xmlns:s='http://www.w3.org/2000/01/rdf-schema#' xmlns:o='http://www.w3.org/2002/07/owl#' \
        xmlns='http://www.geneontology.org/formats/oboInOwl#'";

    fn concepts(text: &str) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        let mut each =
            |Concept { id, label, synonyms }| found.push(format!("{id}|{label}|{synonyms:?}"));
        read_ontology(OntologyFormat::Owl, text.as_bytes(), &mut each)
            .map(|()| found)
            .map_err(|error| error.to_string())
    }

    fn check(classes: &str, expected: &[&str]) {
        let text = format!("<r:RDF {SPACES}>\n{classes}\n</r:RDF>\n");
        assert_eq!(concepts(&text).unwrap(), expected, "{classes}");
    }

    #[test]
    fn the_first_label_and_all_exact_synonyms_are_taken() {
        check(
            "<o:Class r:about='http://purl.obolibrary.org/obo/X_1'><hasExactSynonym>b</hasExactSynonym>
             <s:label xml:lang='en'>a &amp; <![CDATA[<a>]]></s:label><s:label>no</s:label>
             <hasRelatedSynonym>no</hasRelatedSynonym><hasExactSynonym>c&#33;</hasExactSynonym></o:Class>
             <o:Class r:about='http://x.org/Y_2'><s:label>y</s:label></o:Class>",
            &[r#"X:1|a & <a>|["b", "c!"]"#, "http://x.org/Y_2|y|[]"],
        );
    }

    #[test]
    fn only_current_named_classes_at_the_top_are_taken() {
        check(
            "<o:Class r:about='X:1'><o:deprecated> true </o:deprecated><s:label>no</s:label></o:Class>
             <o:Class r:about='X:2'/><o:Class><s:label>no</s:label></o:Class>
             <o:Axiom r:about='X:3'><s:label>no</s:label></o:Axiom>
             <s:Class r:about='X:4'><s:label>no</s:label></s:Class>
             <o:Class about='X:5'><s:label>no</s:label></o:Class>
             <o:Class r:about='X:6'><s:subClassOf><o:Class r:about='X:7'><s:label>no</s:label>
             <o:deprecated>true</o:deprecated></o:Class></s:subClassOf><s:label>yes</s:label>
             <o:deprecated>false</o:deprecated></o:Class>",
            &["X:6|yes|[]"],
        );
    }

    #[test]
    fn entities_of_the_file_itself_are_known() {
        let text = "<?xml version='1.0'?>\n<!DOCTYPE r:RDF [<!ENTITY obo 'http://purl.obolibrary.org/obo/'>
            <!ENTITY owl 'http://www.w3.org/2002/07/owl#'>]>\n<r:RDF xmlns:o='&owl;'
            xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'
            xmlns:s='http://www.w3.org/2000/01/rdf-schema#'><o:Class r:about='&obo;X_1'>
            <s:label>at &owl;</s:label></o:Class></r:RDF>";
        assert_eq!(concepts(text).unwrap(), ["X:1|at http://www.w3.org/2002/07/owl#|[]"]);
    }

    #[test]
    fn what_is_broken_is_said_with_its_line() {
        let root = format!("<r:RDF {SPACES}>\n");
        let cases = [
            (root.clone(), "line 2: the file ends inside an element: it was cut"),
            (
                root.clone() + "<a></b>",
                "line 2: not well-formed XML: ill-formed document: expected `</a>`, but `</b>` was found",
            ),
            (root.clone() + "<a>&x;</a>", "line 2: entity `&x;` is not declared before it is used"),
            (
                root.clone() + "</r:RDF>",
                "no concept with an id and a label: is this the right format?",
            ),
            (
                root.clone() + "</r:RDF><a/>",
                "line 2: a root `a`, not one rdf:RDF: save it as RDF/XML",
            ),
            (
                root + &"<a>".repeat(XML_DEPTH_MAX),
                "line 2: more than 1024 elements inside each other",
            ),
            (
                "<Ontology/>".to_owned(),
                "line 1: a root `Ontology`, not one rdf:RDF: save it as RDF/XML",
            ),
            ("{}".to_owned(), "line 1: text outside of the root element: is this XML?"),
        ];
        for (text, message) in cases {
            assert_eq!(concepts(&text).unwrap_err(), message);
        }
    }

    #[test]
    fn one_class_has_an_end() {
        let text = format!(
            "<r:RDF {SPACES}>\n<o:Class r:about='X:1'>{}",
            "<s:comment>x</s:comment>".repeat(ONTOLOGY_ITEM_BYTES_MAX / 20)
        );
        let error = concepts(&text).unwrap_err();
        assert_eq!(error, "line 2: a line or class of more than 16777216 bytes");
    }
}
