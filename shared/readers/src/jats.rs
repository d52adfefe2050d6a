//! JATS XML articles: the XML of the file, event by event; what counts in it is `article`'s matter.
//!
//! Nothing recurses and no DTD is read, so neither nesting nor entities can be made to explode.
//! The file is read to its end, so that a cut one never passes for a whole one.

mod article;
mod element;

use gleaner_shared::limits::XML_DEPTH_MAX;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::broken::{BrokenDocument, Fault};
use crate::document::Content;
use crate::reference::{Standing, standing};
use article::Article;
use element::Element;

/// Reads one article.
pub(crate) fn read(text: &str) -> Result<Content, BrokenDocument> {
    let mut reader = Reader::from_str(text);
    let mut walk = Walk { text, root: None, open: Vec::new(), article: Article::default() };
    loop {
        let start = offset(reader.buffer_position());
        let event = reader.read_event().map_err(|error| {
            Fault::Xml(error.to_string()).at(text.as_bytes(), offset(reader.error_position()))
        })?;
        if matches!(event, Event::Eof) {
            return walk.finish();
        }
        walk.step(&event, start).map_err(|fault| fault.at(text.as_bytes(), start))?;
    }
}

/// A position of quick-xml, which never passes the text's length.
fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

/// Where the walk through a file is.
struct Walk<'i> {
    text: &'i str,
    /// Where the root element starts, once it has.
    root: Option<usize>,
    /// Where each open element starts.
    open: Vec<usize>,
    article: Article,
}

impl Walk<'_> {
    /// Takes the event that starts at byte `start`.
    fn step(&mut self, event: &Event<'_>, start: usize) -> Result<(), Fault> {
        match event {
            Event::Start(tag) => self.start(Element::named(tag.local_name().as_ref()), start),
            Event::End(_) => {
                self.end();
                Ok(())
            }
            Event::Empty(tag) => {
                self.start(Element::named(tag.local_name().as_ref()), start)?;
                self.end();
                Ok(())
            }
            Event::Text(text) => self.words(text),
            Event::CData(text) => self.words(text),
            Event::GeneralRef(reference) => {
                match standing(reference).map_err(|error| Fault::Xml(error.to_string()))? {
                    Standing::Char(char) => self.words(char.encode_utf8(&mut [0; 4])),
                    Standing::Text(text) => self.words(text),
                    Standing::Unknown => Err(Fault::Entity(reference.to_string())),
                }
            }
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::DocType(_) | Event::Eof => {
                Ok(())
            }
        }
    }

    fn start(&mut self, element: Element, start: usize) -> Result<(), Fault> {
        if self.open.is_empty() && self.root.replace(start).is_some() {
            return Err(Fault::Xml("a second root element".to_owned()));
        }
        if self.open.len() == XML_DEPTH_MAX {
            return Err(Fault::TooDeep);
        }
        self.open.push(start);
        self.article.start(element);
        Ok(())
    }

    fn end(&mut self) {
        // quick-xml has checked that the tags match, so there is one to close.
        self.open.pop();
        self.article.end();
    }

    fn words(&mut self, words: &str) -> Result<(), Fault> {
        if self.open.is_empty() && !words.trim_ascii().is_empty() {
            return Err(Fault::Xml("text outside of the root element".to_owned()));
        }
        self.article.words(words);
        Ok(())
    }

    fn finish(self) -> Result<Content, BrokenDocument> {
        let bytes = self.text.as_bytes();
        if let Some(&start) = self.open.last() {
            return Err(Fault::Cut(name_at(self.text, start)).at(bytes, bytes.len()));
        }
        let Some(root) = self.root else {
            return Err(Fault::Xml("no element in it".to_owned()).at(bytes, bytes.len()));
        };
        let content = self.article.finish()?;
        content.ok_or_else(|| Fault::NoArticle { root: name_at(self.text, root) }.at(bytes, root))
    }
}

/// The name in the tag that starts at byte `start`.
fn name_at(text: &str, start: usize) -> String {
    let tag = text.get(start + 1..).unwrap_or_default();
    let end = tag.find(|char: char| char.is_ascii_whitespace() || matches!(char, '>' | '/'));
    tag[..end.unwrap_or(tag.len())].to_owned()
}
