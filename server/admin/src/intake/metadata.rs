//! CORD-19's metadata.csv: which one is used, in a folder or in an archive, and its years.
//!
//! The releases have it behind the documents that it dates. So archives are looked through for it
//! before anything is read of them, unless a folder has one or the user names one.

use std::fmt;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use gleaner_readers::{
    ArchiveForm, Fed, Form, MemberKind, Naming, Packing, Years, tar_members, unpack, zip_members,
};

use super::batch::Flow;
use super::class::{Class, METADATA, Place, Wish};
use super::walk::{Walk, What};

/// Where a metadata.csv is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Metadata {
    /// A file.
    File(PathBuf),
    /// A member of an archive.
    Member {
        /// The archive.
        archive: PathBuf,
        /// Its name in it.
        name: String,
    },
}

impl fmt::Display for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Member { archive, name } => write!(f, "{}!{name}", archive.display()),
        }
    }
}

impl Metadata {
    /// Its years; an error in words.
    pub(crate) fn read(&self) -> Result<Years, String> {
        match self {
            Self::File(path) => read_file(path),
            Self::Member { archive, name } => {
                let mut read = None;
                let looked = members(archive, &mut |found, data| {
                    if found == name.as_bytes() {
                        read = Some(
                            Years::read(BufReader::new(data)).map_err(|error| error.to_string()),
                        );
                        return Flow::Break(());
                    }
                    Flow::Continue(())
                });
                read.unwrap_or_else(|| Err(looked.err().unwrap_or_else(|| "it is gone".to_owned())))
            }
        }
    }
}

fn read_file(path: &Path) -> Result<Years, String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let file = File::open(path).map_err(|error| error.to_string())?;
    let fed = Fed::default();
    let plain = unpack(Naming::of(&name).packing, fed.counting(file), &fed);
    let plain = plain.map_err(|error| error.to_string())?;
    Years::read(plain).map_err(|error| error.to_string())
}

/// The first metadata.csv in the archives of a walk. What is wrong with an archive is told later,
/// when it is read.
pub(crate) fn in_archives(walk: Walk, wish: &Wish, seen: &mut dyn FnMut()) -> Option<Metadata> {
    for found in walk {
        let name = found.path.file_name().unwrap_or_default().to_string_lossy();
        let class = wish.class(&name, Place::Folder);
        let is_archive = matches!(class, Class::Taken { form: Form::Archive(_), .. });
        if !is_archive || !matches!(found.what, What::File { .. }) {
            continue;
        }
        let mut metadata = None;
        let _ = members(&found.path, &mut |name, _| {
            seen();
            let own = name.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
            if own == METADATA.as_bytes() {
                metadata = str::from_utf8(name).ok().map(str::to_owned);
            }
            if metadata.is_some() { Flow::Break(()) } else { Flow::Continue(()) }
        });
        if let Some(name) = metadata {
            return Some(Metadata::Member { archive: found.path.clone(), name });
        }
    }
    None
}

/// The files of an archive.
fn members(path: &Path, each: &mut dyn FnMut(&[u8], &mut dyn Read) -> Flow) -> Result<(), String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let naming = Naming::of(&name);
    let file = File::open(path).map_err(|error| error.to_string())?;
    let fed = Fed::default();
    let mut take = |member: &gleaner_readers::Member<'_>, data: &mut dyn Read| match member.kind {
        MemberKind::File => each(member.name, data),
        _ => Flow::Continue(()),
    };
    let walked = match (naming.form, naming.packing) {
        (Some(Form::Archive(ArchiveForm::Zip)), Packing::Plain) => {
            zip_members(fed.counting(file), &fed, &mut take)
        }
        (Some(Form::Archive(ArchiveForm::Tar)), packing) => {
            let plain = unpack(packing, fed.counting(file), &fed);
            tar_members(&mut plain.map_err(|error| error.to_string())?, &mut take)
        }
        _ => Ok(()),
    };
    walked.map_err(|broken| broken.to_string())
}
