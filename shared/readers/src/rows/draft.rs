//! A row on its way to a document: what its columns gave so far.

use gleaner_shared::document::{Document, Kind};
use gleaner_shared::limits::PARAGRAPHS_MAX;

use super::RowSettings;
use super::columns::Role;
use crate::broken::Fault;
use crate::name::check_id;
use crate::text;
use crate::years::year_of;

/// What the columns of one row gave.
#[derive(Debug, Default)]
pub(super) struct Draft {
    texts: Vec<Option<String>>,
    id: Option<(usize, String)>,
    year: Option<(usize, u16)>,
}

impl Draft {
    /// For a row with so many texts at most.
    pub(super) fn new(texts: usize) -> Self {
        Self { texts: vec![None; texts], ..Self::default() }
    }

    /// Takes a column's value. Of ids and years the one with the first name counts.
    pub(super) fn take(&mut self, role: Role, value: &str) {
        match role {
            Role::Text(place) => {
                if let Some(text) = self.texts.get_mut(place) {
                    *text = Some(value.to_owned());
                }
            }
            Role::Id(place) if !value.is_empty() => {
                if self.id.as_ref().is_none_or(|(first, _)| place <= *first) {
                    self.id = Some((place, value.to_owned()));
                }
            }
            Role::Year(place) => {
                let year = year_of(value.trim());
                if let Some(year) = year
                    && self.year.is_none_or(|(first, _)| place <= first)
                {
                    self.year = Some((place, year));
                }
            }
            Role::Id(_) => {}
        }
    }

    /// The year that the row gives.
    pub(super) fn year(&self) -> Option<u16> {
        self.year.map(|(_, year)| year)
    }

    /// The row's id: its own, or where it stands.
    pub(super) fn id(&self, line: u64, settings: &RowSettings<'_>) -> Result<String, Fault> {
        let id = match &self.id {
            Some((_, id)) => id.trim().to_owned(),
            None => match &settings.columns.id {
                Some(name) => return Err(Fault::NoId(name.clone())),
                None => format!("{}:{line}", settings.file_name),
            },
        };
        check_id(&id).map_err(Fault::Id)?;
        Ok(id)
    }

    /// The document that stands on this line.
    pub(super) fn document(
        &self,
        line: u64,
        settings: &RowSettings<'_>,
    ) -> Result<Document, Fault> {
        let id = self.id(line, settings)?;
        if self.texts.iter().all(Option::is_none) {
            return Err(Fault::NoText(settings.columns.text_names()));
        }
        let mut paragraphs = Vec::new();
        for text in self.texts.iter().flatten() {
            paragraphs
                .append(&mut text::paragraphs(text.as_bytes()).map_err(|broken| broken.fault)?);
            if paragraphs.len() > PARAGRAPHS_MAX {
                return Err(Fault::TooManyParagraphs);
            }
        }
        let year = self.year().unwrap_or_default();
        Ok(Document { id, kind: Kind::Text, year, paragraphs })
    }
}
