//! What is taken from an article: its title, its abstracts' and its body's outermost paragraphs,
//! and the least year of its publication dates.

use gleaner_shared::limits::PARAGRAPHS_MAX;

use super::element::Element;
use crate::broken::{BrokenDocument, Fault};
use crate::document::Content;

/// The part of a document that an element's text becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Title,
    Abstract,
    Body,
    Year,
}

/// An element whose text is being taken.
struct Taking {
    part: Part,
    /// Open elements with this one.
    depth: usize,
    text: String,
}

/// Where the article is in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// It may still begin.
    Ahead,
    /// It is open; so many elements are, with it.
    Open(usize),
    /// It has ended. A second one is not read: one file is one document.
    Past,
}

/// What has been taken so far.
pub(super) struct Article {
    open: Vec<Element>,
    place: Place,
    /// Open elements with the outermost silent one, while in one. A paragraph in a figure's caption
    /// is silent too, though it is outermost.
    silent: Option<usize>,
    taking: Option<Taking>,
    title: Option<String>,
    abstracts: Vec<String>,
    body: Vec<String>,
    year: Option<u16>,
}

impl Default for Article {
    fn default() -> Self {
        Self {
            open: Vec::new(),
            place: Place::Ahead,
            silent: None,
            taking: None,
            title: None,
            abstracts: Vec::new(),
            body: Vec::new(),
            year: None,
        }
    }
}

impl Article {
    pub(super) fn start(&mut self, element: Element) {
        self.open.push(element);
        let depth = self.open.len();
        if self.silent.is_some() {
            return;
        }
        match self.place {
            Place::Open(_) if element == Element::Silent => self.silent = Some(depth),
            Place::Open(own) => match &mut self.taking {
                Some(taking) => taking.edge(element),
                None => self.taking = self.part(own).map(|part| Taking::new(part, depth)),
            },
            Place::Ahead if element == Element::Article && depth <= 2 => {
                self.place = Place::Open(depth);
            }
            Place::Ahead | Place::Past => {}
        }
    }

    pub(super) fn end(&mut self) {
        let depth = self.open.len();
        let element = self.open.pop();
        match (self.silent, self.taking.take()) {
            (Some(silent), taking) => {
                self.taking = taking;
                self.silent = Some(silent).filter(|_| silent != depth);
            }
            (None, Some(taking)) if taking.depth == depth => self.keep(taking),
            (None, Some(mut taking)) => {
                taking.edge(element.unwrap_or(Element::Plain));
                self.taking = Some(taking);
            }
            (None, None) => {}
        }
        if self.place == Place::Open(depth) {
            self.place = Place::Past;
        }
    }

    pub(super) fn words(&mut self, words: &str) {
        if let (None, Some(taking)) = (self.silent, &mut self.taking) {
            taking.text.push_str(words);
        }
    }

    /// The article, or `None` if there was none.
    pub(super) fn finish(self) -> Result<Option<Content>, BrokenDocument> {
        if self.place == Place::Ahead {
            return Ok(None);
        }
        let mut paragraphs: Vec<String> = self.title.into_iter().collect();
        paragraphs.extend(self.abstracts);
        paragraphs.extend(self.body);
        if paragraphs.len() > PARAGRAPHS_MAX {
            return Err(Fault::TooManyParagraphs.anywhere());
        }
        Ok(Some(Content { paragraphs, year: self.year.unwrap_or(0) }))
    }

    /// What the innermost element is a part of; `own` elements are outside of the article's inside.
    fn part(&self, own: usize) -> Option<Part> {
        use Element::{
            Abstract, ArticleMeta, ArticleTitle, Body, Front, P, PubDate, TitleGroup, Year,
        };
        match &self.open[own..] {
            [Front, ArticleMeta, TitleGroup, ArticleTitle] => Some(Part::Title),
            [Front, ArticleMeta, Abstract, .., P] => Some(Part::Abstract),
            [Front, ArticleMeta, PubDate, Year] => Some(Part::Year),
            [Body, .., P] => Some(Part::Body),
            _ => None,
        }
    }

    fn keep(&mut self, Taking { part, text, .. }: Taking) {
        match part {
            Part::Title => {
                self.title.get_or_insert(text);
            }
            Part::Abstract => self.abstracts.push(text),
            Part::Body => self.body.push(text),
            Part::Year => {
                let year = four_digits(text.trim_ascii());
                self.year = [self.year, year].into_iter().flatten().min();
            }
        }
    }
}

impl Taking {
    fn new(part: Part, depth: usize) -> Self {
        Self { part, depth, text: String::new() }
    }

    /// An element begins or ends inside of this one.
    fn edge(&mut self, element: Element) {
        if element.stands_apart() {
            self.text.push(' ');
        }
    }
}

/// A year of exactly four digits.
fn four_digits(text: &str) -> Option<u16> {
    let digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}
