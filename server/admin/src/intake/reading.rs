//! What a file, a member or standard input holds, read to documents, whatever is inside what.
//!
//! Nothing of it goes to disk, and no name in it is opened.

use std::io::{Read, Seek};

use gleaner_readers::{
    ArchiveForm, BrokenArchive, BrokenDocument, Fed, Form, Member, MemberKind, RowForm,
    RowSettings, Years, doc_id, read_document, read_rows, tar_members, unpack, zip_members,
};
use gleaner_shared::document::{Document, Kind};
use gleaner_shared::limits::ARCHIVE_DEPTH_MAX;
use gleaner_shared::payload::document_encode;

use super::batch::{Flow, Tray};
use super::class::{Class, Place, Wish};
use super::seen::{Seen, Spot};

/// Reads what was opened.
#[derive(Debug)]
pub(super) struct Reading<'t> {
    pub(super) wish: Wish,
    pub(super) years: Years,
    pub(super) late: Late,
    pub(super) seen: Seen,
    pub(super) tray: Tray<'t>,
}

/// Whether a metadata.csv in standard input gives the years.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Late {
    /// The years are known.
    Fixed,
    /// It does, if it comes.
    Open,
    /// It would come after documents.
    Over,
}

/// Something to read, by its name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item<'i> {
    /// Its whole name, for people.
    pub(super) source: &'i str,
    /// Its own name, at the end of it.
    pub(super) name: &'i str,
    pub(super) packing: gleaner_readers::Packing,
    pub(super) form: Form,
    /// Archives that it is in.
    pub(super) depth: usize,
}

impl Reading<'_> {
    /// Reads an item to its end, or says why not.
    pub(super) fn content(&mut self, item: Item<'_>, source: &mut dyn Read, fed: &Fed) -> Flow {
        if let Some(why) = refused(item) {
            return self.tray.set_aside(item.source, String::new(), why);
        }
        let mut plain = match unpack(item.packing, source, fed) {
            Ok(plain) => plain,
            Err(error) => {
                let why = format!("cannot be read: {error}");
                return self.tray.set_aside(item.source, String::new(), &why);
            }
        };
        match item.form {
            Form::Document(kind) => self.document(kind, item, &mut plain),
            Form::Rows(form) => self.rows(form, item, &mut plain),
            Form::Archive(_) | Form::Packed => self.tar(item, &mut plain, fed),
        }
    }

    /// Reads a zip archive.
    pub(super) fn zip(&mut self, item: Item<'_>, source: impl Read + Seek, fed: &Fed) -> Flow {
        let mut flow = Flow::Continue(());
        let walked = zip_members(source, fed, &mut |member, data| {
            flow = self.member(item, member, data, fed);
            flow
        });
        flow?;
        self.archive_end(item, walked)
    }

    fn tar(&mut self, item: Item<'_>, mut source: &mut dyn Read, fed: &Fed) -> Flow {
        let mut flow = Flow::Continue(());
        let walked = tar_members(&mut source, &mut |member, data| {
            flow = self.member(item, member, data, fed);
            flow
        });
        flow?;
        self.archive_end(item, walked)
    }

    fn archive_end(&mut self, item: Item<'_>, walked: Result<(), BrokenArchive>) -> Flow {
        let Err(broken) = walked else { return Flow::Continue(()) };
        let position = broken.at.map(|at| format!("byte {at}")).unwrap_or_default();
        let why = format!("{}; what came before it is taken", broken.fault);
        self.tray.set_aside(item.source, position, &why)
    }

    fn member(
        &mut self,
        outer: Item<'_>,
        member: &Member<'_>,
        data: &mut dyn Read,
        fed: &Fed,
    ) -> Flow {
        if member.kind == MemberKind::Folder {
            return Flow::Continue(());
        }
        let name = member.file_name();
        let class = self.wish.class(&name, Place::Archive);
        if matches!(class, Class::Table | Class::Other) {
            return self.tray.skip();
        }
        let source = format!("{}!{}", outer.source, String::from_utf8_lossy(member.name));
        let Class::Taken { packing, form } = class else {
            return self.metadata(&source, member, data);
        };
        let refused = match &member.kind {
            MemberKind::Refused(refused) => Err(refused.clone()),
            _ => member.path().map(|_| ()),
        };
        if let Err(refused) = refused {
            return self.tray.set_aside(&source, String::new(), &refused.to_string());
        }
        let depth = outer.depth + 1;
        self.content(Item { source: &source, name: &name, packing, form, depth }, data, fed)
    }

    /// A metadata.csv in an archive counts only in standard input, which nobody could look into.
    fn metadata(&mut self, source: &str, member: &Member<'_>, data: &mut dyn Read) -> Flow {
        let why = match self.late {
            Late::Open if source.starts_with("-!") && member.kind == MemberKind::File => {
                self.late = Late::Fixed;
                match Years::read(data) {
                    Ok(years) => {
                        self.years = years;
                        return Flow::Continue(());
                    }
                    Err(broken) => broken.to_string(),
                }
            }
            Late::Over => "it comes after documents, whose years it would give: name it with \
                           --metadata FILE"
                .to_owned(),
            Late::Fixed | Late::Open => return Flow::Continue(()),
        };
        self.tray.set_aside(source, String::new(), &why)
    }

    fn document(&mut self, kind: Kind, item: Item<'_>, source: &mut dyn Read) -> Flow {
        let id = match doc_id(gleaner_readers::Naming::of(item.name).inner) {
            Ok(id) => id,
            Err(refused) => {
                return self.tray.set_aside(item.source, String::new(), &refused.to_string());
            }
        };
        if let Some(other) = self.seen.find(&id) {
            // A file that is named twice is taken once; a member is never the same one again.
            if item.depth == 0 && other == item.source {
                return Flow::Continue(());
            }
            return self.twice(item.source, String::new(), &id, &other);
        }
        let bytes = match self.whole(source) {
            Ok(bytes) => bytes,
            Err(why) => return self.tray.set_aside(item.source, String::new(), &why),
        };
        let read = read_document(kind, id, &bytes, &self.years);
        drop(bytes);
        let spot = Spot::File { source: item.source, name: item.name };
        self.take(read, item.source, spot)
    }

    fn rows(&mut self, form: RowForm, item: Item<'_>, source: &mut dyn Read) -> Flow {
        // The settings stay as they are while the tray and the ids change.
        let wish = self.wish.clone();
        let years = std::mem::take(&mut self.years);
        let settings = RowSettings {
            columns: &wish.columns,
            file_name: gleaner_readers::Naming::of(item.name).inner,
            years: &years,
            bytes_max: wish.document_bytes_max,
        };
        let rows = read_rows(form, std::io::BufReader::new(source), settings);
        let mut flow = Flow::Continue(());
        for row in rows {
            let spot = Spot::Row { source: item.source, line: row.line };
            let place = format!("{} line {}", item.source, row.line);
            flow = self.row(row.read, item.source, &place, spot);
            if flow.is_break() {
                break;
            }
        }
        self.years = years;
        flow
    }

    fn row(
        &mut self,
        read: Result<Document, BrokenDocument>,
        source: &str,
        place: &str,
        spot: Spot<'_>,
    ) -> Flow {
        match &read {
            Ok(document) => match self.seen.find(&document.id) {
                Some(other) => {
                    let position = place.strip_prefix(source).unwrap_or_default().trim_start();
                    self.twice(source, position.to_owned(), &document.id, &other)
                }
                None => self.take(read, place, spot),
            },
            Err(_) => self.take(read, source, spot),
        }
    }

    /// Offers a document, or sets it aside.
    fn take(
        &mut self,
        read: Result<Document, BrokenDocument>,
        source: &str,
        spot: Spot<'_>,
    ) -> Flow {
        let document = match read {
            Ok(document) => document,
            Err(broken) => {
                let position = broken.position.map(|position| position.to_string());
                let why = broken.fault.to_string();
                return self.tray.set_aside(source, position.unwrap_or_default(), &why);
            }
        };
        match document_encode(&document) {
            Ok(bytes) => {
                self.seen.keep(&document.id, spot);
                if self.late == Late::Open && source.starts_with("-!") {
                    self.late = Late::Over;
                }
                self.tray.offer(document.id, source, bytes)
            }
            Err(error) => self.tray.set_aside(source, String::new(), &error.to_string()),
        }
    }

    fn twice(&mut self, source: &str, position: String, id: &str, other: &str) -> Flow {
        let why = format!("document id {id} is that of {other} already");
        self.tray.set_aside(source, position, &why)
    }

    /// All bytes of a document, unless they are too many.
    fn whole(&self, source: &mut dyn Read) -> Result<Vec<u8>, String> {
        let most = self.wish.document_bytes_max as u64;
        let mut bytes = Vec::new();
        let read = source.take(most + 1).read_to_end(&mut bytes);
        read.map_err(|error| format!("cannot be read: {error}"))?;
        match self.is_too_large(bytes.len() as u64) {
            true => Err(self.too_large(None)),
            false => Ok(bytes),
        }
    }

    pub(super) fn is_too_large(&self, bytes: u64) -> bool {
        bytes > self.wish.document_bytes_max as u64
    }

    /// Says so; with the size if it is known.
    pub(super) fn too_large(&self, bytes: Option<u64>) -> String {
        let most = self.wish.document_bytes_max;
        match bytes {
            Some(bytes) => {
                format!("{bytes} bytes are more than a document may have ({most}): split it")
            }
            None => format!("it has more than a document may have ({most} bytes): split it"),
        }
    }
}

/// Why a stream of this form is not opened where it is, if it is not.
fn refused(item: Item<'_>) -> Option<&'static str> {
    match item.form {
        Form::Packed => Some("it is packed twice: unpack it once"),
        Form::Archive(_) if item.depth >= ARCHIVE_DEPTH_MAX => {
            Some("an archive in an archive in an archive is not opened: unpack the outer one")
        }
        Form::Archive(ArchiveForm::Zip) => {
            Some("a zip archive is read only as a file of its own: its table is at its end")
        }
        Form::Archive(ArchiveForm::Tar) | Form::Document(_) | Form::Rows(_) => None,
    }
}
