//! Files into batches: found, opened, read by `Reading`, or set aside with the reason.

use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use gleaner_readers::{ArchiveForm, Form, Packing, Years};

use super::batch::{Batch, Flow, Tray};
use super::class::{Class, Place, Wish};
use super::reading::{Item, Late, Reading};
use super::seen::Seen;
use super::stdin;
use super::walk::{Found, Origin, Walk, What};

/// Makes batches of files.
#[derive(Debug)]
pub(crate) struct Gather {
    walk: Walk,
    wish: Wish,
    years: Option<Years>,
}

impl Gather {
    /// Of the files that a walk finds; without years, those that come with standard input are used.
    pub(crate) fn new(walk: Walk, wish: Wish, years: Option<Years>) -> Self {
        Self { walk, wish, years }
    }

    /// Gives all batches, each but the last one full.
    pub(crate) fn each(self, take: &mut dyn FnMut(Batch) -> Flow) -> Flow {
        let late = if self.years.is_some() { Late::Fixed } else { Late::Open };
        let mut files = Files {
            reading: Reading {
                wish: self.wish,
                years: self.years.unwrap_or_default(),
                late,
                seen: Seen::default(),
                tray: Tray::new(take),
            },
            opened: HashSet::new(),
        };
        for found in self.walk {
            files.found(&found)?;
        }
        files.reading.tray.finish()
    }
}

/// Opens what is found.
struct Files<'t> {
    reading: Reading<'t>,
    /// Archives and files of rows so far: one that is named twice is read once.
    opened: HashSet<PathBuf>,
}

impl Files<'_> {
    fn found(&mut self, found: &Found) -> Flow {
        let source = found.path.to_string_lossy();
        let name = found.path.file_name().unwrap_or_default().to_string_lossy();
        let class = self.reading.wish.class(&name, Place::Folder);
        let is_named = found.origin == Origin::Named;
        let why = match (&found.what, class) {
            (What::ClosedFolder { why }, _) => format!("the folder cannot be read: {why}"),
            (What::Stdin, _) => return stdin::read(&mut self.reading),
            (_, Class::Metadata) => return Flow::Continue(()),
            (_, Class::Table) if is_named => {
                "which columns are text? name them: --text-column".into()
            }
            (_, Class::Other) if is_named => NO_DOCUMENT.into(),
            (What::Special, _) if is_named => "not a file".into(),
            (_, Class::Table | Class::Other) | (What::Special, _) => {
                return self.reading.tray.skip();
            }
            (What::Closed { why }, _) => format!("cannot be read: {why}"),
            (What::File { .. }, _)
                if found.path.file_name().and_then(|name| name.to_str()).is_none() =>
            {
                "the file's name is not UTF-8: rename it".into()
            }
            (What::File { bytes }, Class::Taken { packing, form }) => {
                let item = Item { source: &source, name: &name, packing, form, depth: 0 };
                let flow = self.file(&found.path, item, *bytes);
                self.reading.tray.end_file(*bytes);
                return flow;
            }
        };
        self.reading.tray.set_aside(&source, String::new(), &why)
    }

    fn file(&mut self, path: &Path, item: Item<'_>, bytes: u64) -> Flow {
        let is_document = matches!(item.form, Form::Document(_));
        if !is_document && !self.opened.insert(path.to_path_buf()) {
            return Flow::Continue(());
        }
        let reading = &mut self.reading;
        if is_document && item.packing == Packing::Plain && reading.is_too_large(bytes) {
            let why = reading.too_large(Some(bytes));
            return reading.tray.set_aside(item.source, String::new(), &why);
        }
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) => {
                let why = format!("cannot be read: {error}");
                return reading.tray.set_aside(item.source, String::new(), &why);
            }
        };
        let fed = reading.tray.begin_file();
        match (item.form, item.packing) {
            (Form::Archive(ArchiveForm::Zip), Packing::Plain) => {
                reading.zip(item, fed.counting(file), &fed)
            }
            _ => reading.content(item, &mut fed.counting(file), &fed),
        }
    }
}

const NO_DOCUMENT: &str = "not a document of this format: its name should end in .json, .xml, \
                           .nxml, .txt, .jsonl, .csv, .tsv, .tar or .zip, packed .gz or .zst or not";

#[cfg(test)]
#[path = "gather_tests.rs"]
mod tests;
