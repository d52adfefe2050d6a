//! `corpus add`: looks at the files, reads the years, then lets `intake` do the rest.
//!
//! It may be stopped and repeated at any time: what the server has is not sent again.

use std::path::{Path, PathBuf};

use clap::Args;
use gleaner_readers::{Format, FormatUnknown, Years};
use gleaner_shared::limits::{SLICE_BYTES_DEFAULT, SLICE_BYTES_RANGE};
use gleaner_shared::wire::admin::corpus::{AddWish, Added, IntakeReply, Step};
use gleaner_shared::wire::admin::{Reply, Request};
use serde::Serialize;
use tokio::sync::mpsc;

use crate::admin::Admin;
use crate::escape::escaped;
use crate::fault::{Exit, Fault, Told};
use crate::intake::{Batch, Gather, Survey, Totals, Walk, send, survey};
use crate::progress::{Mark, Measure};
use crate::show;
use crate::talk::{self, Talk};

/// Bring documents in; again to go on or to add more.
#[derive(Args, Debug)]
#[command(after_help = "\
Folders are searched for .json (CORD-19), .xml and .nxml (JATS) and .txt.
What cannot be read is set aside with the reason, and the rest goes on.

Examples:
  gleaner-admin corpus add notes ./texts
  gleaner-admin corpus add cord19 ./cord --metadata ./cord/metadata.csv")]
pub(crate) struct Add {
    /// The corpus, made if there is none
    name: String,
    /// Files and folders
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Take only documents of one format: auto, cord19, jats or text
    #[arg(long, value_name = "FORMAT", default_value_t = Format::Auto, value_parser = format)]
    format: Format,
    /// CORD-19's table of years [default: metadata.csv among the files]
    #[arg(long, value_name = "FILE")]
    metadata: Option<PathBuf>,
    /// Cut slices at so many bytes
    #[arg(long, value_name = "N", default_value_t = SLICE_BYTES_DEFAULT as u32, value_parser = slice_bytes())]
    slice_bytes: u32,
}

fn format(word: &str) -> Result<Format, FormatUnknown> {
    word.parse()
}

fn slice_bytes() -> clap::builder::RangedI64ValueParser<u32> {
    let (least, most) = SLICE_BYTES_RANGE;
    clap::value_parser!(u32).range(least as i64..=most as i64)
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    added: &'a Added,
    skipped_files: u64,
    metadata: Option<String>,
}

impl Add {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let missing = self.paths.iter().chain(&self.metadata).find(|path| !path.exists());
        if let Some(path) = missing {
            return Err(absent(path));
        }
        let survey = self.survey(admin);
        let metadata = self.metadata.as_ref().or(survey.metadata.as_ref());
        let years = match metadata {
            None => Years::empty(),
            Some(path) => read_years(admin, path, &survey)?,
        };
        let gather = Gather::new(Walk::new(&self.paths), self.format, years);
        let mut talk = admin.open().await?;
        let wish = AddWish { name: self.name.clone(), slice_bytes: self.slice_bytes };
        talk.ask(&Request::CorpusAdd(wish)).await?;
        let Reply::Intake(IntakeReply::Ready) = talk.reply().await? else {
            return Err(talk::misfit());
        };
        self.batches(admin, &mut talk, gather, survey.bytes).await?;
        talk.send(&Step::End).await?;
        let Reply::Intake(IntakeReply::Added(added)) = talk.reply_in_time().await? else {
            return Err(talk::misfit());
        };
        let metadata = metadata.map(|path| path.display().to_string());
        let shown = Shown { added: &added, skipped_files: survey.skipped, metadata };
        admin.output.show("gleaner/corpus-added/1", &shown, || text(&added, survey.skipped))?;
        let name = escaped(&added.corpus.name);
        if added.set_aside > 0 {
            admin.output.note(&format!("see: gleaner-admin corpus show {name}"));
            return Ok(Exit::SomeFailed);
        }
        let next = format!("next: gleaner-admin job submit NAME --corpus {name} --app word-count");
        admin.output.note(&next);
        Ok(Exit::Done)
    }

    /// Reads on one thread while this one sends.
    async fn batches(
        &self,
        admin: &Admin,
        talk: &mut Talk,
        gather: Gather,
        total: u64,
    ) -> Result<(), Fault> {
        let mut progress = admin.progress(&format!("corpus add {}", self.name), Measure::Bytes);
        let mut mark = Mark { done: 0, total };
        progress.set(mark);
        // One batch waits while another one travels and a third is read.
        let (target, mut source) = mpsc::channel::<Batch>(1);
        let reading = tokio::task::spawn_blocking(move || {
            for batch in gather {
                if target.blocking_send(batch).is_err() {
                    break;
                }
            }
        });
        let mut totals = Totals::default();
        while let Some(batch) = source.recv().await {
            mark.done += batch.file_bytes;
            send(talk, batch, &mut totals).await?;
            progress.set(mark);
        }
        // A reader that died must not look like the end of the files.
        reading.await.map_err(|error| {
            Told {
                exit: Exit::Failed,
                what: "the files cannot be read".into(),
                why: error.to_string(),
                next: "repeat the command; what was sent is kept".into(),
            }
            .into()
        })
    }

    fn survey(&self, admin: &Admin) -> Survey {
        let title = format!("corpus add {}: looking", self.name);
        let mut progress = admin.progress(&title, Measure::Things("files"));
        survey(Walk::new(&self.paths), self.format, &mut |done| {
            progress.set(Mark { done, total: 0 });
        })
    }
}

/// The years of the metadata.csv that was named or found; says which one it is.
fn read_years(admin: &Admin, path: &Path, survey: &Survey) -> Result<Years, Fault> {
    let shown = path.display().to_string();
    admin.output.note(&format!("years of publication: {}", escaped(&shown)));
    let found = survey.metadata.iter().chain(&survey.metadata_unused);
    for unused in found.filter(|found| *found != path) {
        let unused = unused.display().to_string();
        admin.output.note(&format!("not used: {}", escaped(&unused)));
    }
    let broken = |why: String| {
        Fault::from(Told {
            exit: Exit::Failed,
            what: format!("{shown} cannot be read"),
            why,
            next: "mend it, or give another one with --metadata FILE".into(),
        })
    };
    let file = std::fs::File::open(path).map_err(|error| broken(error.to_string()))?;
    Years::read(std::io::BufReader::new(file)).map_err(|error| broken(error.to_string()))
}

fn absent(path: &Path) -> Fault {
    Told {
        exit: Exit::NotFound,
        what: format!("{} is not there", path.display()),
        why: "there is no such file or folder, or it may not be seen".into(),
        next: "check the path".into(),
    }
    .into()
}

fn text(added: &Added, skipped: u64) -> String {
    let corpus = &added.corpus;
    let mut text = format!(
        "{}  {} new, {} known, {} set aside\n",
        escaped(&corpus.name),
        show::counted(added.new_documents, "document"),
        show::count(added.known_documents),
        show::count(added.set_aside),
    );
    if skipped > 0 {
        let files = show::counted(skipped, "other file");
        text.push_str(&format!("  {files} skipped: no documents by their names\n"));
    }
    text.push_str(&format!(
        "  now {} in {}, {}\n",
        show::counted(corpus.documents, "document"),
        show::counted(corpus.slices.into(), "slice"),
        show::bytes(corpus.raw_bytes)
    ));
    text
}
