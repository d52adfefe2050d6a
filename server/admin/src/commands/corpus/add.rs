//! `corpus add`: looks at the files, reads the years, then lets `intake` do the rest.
//!
//! It may be stopped and repeated at any time: what the server has is not sent again.

use std::path::PathBuf;

use clap::Args;
use gleaner_readers::{Columns, Format, FormatUnknown};
use gleaner_shared::limits::{
    DOCUMENT_BYTES_MAX, SLICE_BYTES_DEFAULT, SLICE_BYTES_RANGE, TEXT_COLUMNS_MAX,
};
use gleaner_shared::wire::admin::corpus::{AddWish, Added, IntakeReply, Step};
use gleaner_shared::wire::admin::{Reply, Request};
use serde::Serialize;
use tokio::sync::mpsc;

use super::add_roots::roots;
use super::add_years::years;
use crate::admin::Admin;
use crate::escape::escaped;
use crate::fault::{Exit, Fault, Told};
use crate::intake::{Batch, Flow, Gather, Root, Survey, Totals, Walk, Wish, send, survey};
use crate::progress::{Mark, Measure};
use crate::show;
use crate::size::{Size, SizeWrong};
use crate::talk::{self, Talk};

/// Bring documents in; again to go on or to add more.
#[derive(Args, Debug)]
#[command(after_help = "\
Folders and archives are searched for .json (CORD-19), .xml and .nxml (JATS),
.txt, .jsonl (a document a line), and .csv and .tsv with --text-column; each
also as .gz or .zst. Archives are .tar, .tar.gz, .tgz, .tar.zst and .zip; they
are streamed, never unpacked to disk. What cannot be read is set aside with
the reason, and the rest goes on.

A row's id is its id, paper_id or _id, or --id-column, or else FILE:LINE; its
year is its year or publish_time.

Examples:
  gleaner-admin corpus add notes ./texts
  gleaner-admin corpus add notes 'texts/**/*.txt' more.tar.gz
  gleaner-admin corpus add cord19 ./cord --metadata ./cord/metadata.csv
  gleaner-admin corpus add rows papers.csv --text-column title --text-column body
  zcat dump.gz | gleaner-admin corpus add dump - --format jsonl")]
pub(crate) struct Add {
    /// The corpus, made if there is none
    name: String,
    /// Files, folders, archives and quoted patterns; - is standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Take only one format: auto, cord19, jats, text, jsonl, csv, tsv, tar or zip
    #[arg(long, value_name = "FORMAT", default_value_t = Format::Auto, value_parser = format)]
    format: Format,
    /// A column or field that is text; again for more, in the order of paragraphs
    #[arg(long, value_name = "NAME")]
    text_column: Vec<String>,
    /// The column or field that is the id
    #[arg(long, value_name = "NAME")]
    id_column: Option<String>,
    /// The column or field that begins with the year
    #[arg(long, value_name = "NAME")]
    year_column: Option<String>,
    /// CORD-19's table of years, or `none` [default: metadata.csv among the files]
    #[arg(long, value_name = "FILE")]
    metadata: Option<PathBuf>,
    /// Set documents aside that are larger, at most 64M
    #[arg(long, value_name = "SIZE", default_value = "64M", value_parser = document_bytes)]
    max_document: Size,
    /// Cut slices at so many bytes
    #[arg(long, value_name = "N", default_value_t = SLICE_BYTES_DEFAULT as u32, value_parser = slice_bytes())]
    slice_bytes: u32,
}

fn format(word: &str) -> Result<Format, FormatUnknown> {
    word.parse()
}

fn document_bytes(word: &str) -> Result<Size, SizeWrong> {
    Size::within(word, 1, DOCUMENT_BYTES_MAX)
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
        let wish = self.wish()?;
        let roots = roots(&self.paths, wish.format)?;
        let survey = self.survey(admin, &roots, &wish);
        let years = years(admin, self.metadata.as_deref(), &survey, &roots, &wish)?;
        let metadata = years.from.as_ref().map(ToString::to_string);
        let gather = Gather::new(Walk::new(&roots), wish, years.years);
        let mut talk = admin.open().await?;
        let wish = AddWish { name: self.name.clone(), slice_bytes: self.slice_bytes };
        talk.ask(&Request::CorpusAdd(wish)).await?;
        let Reply::Intake(IntakeReply::Ready) = talk.reply().await? else {
            return Err(talk::misfit());
        };
        let skipped = self.batches(admin, &mut talk, gather, survey.bytes).await?;
        talk.send(&Step::End).await?;
        let Reply::Intake(IntakeReply::Added(added)) = talk.reply_in_time().await? else {
            return Err(talk::misfit());
        };
        let shown = Shown { added: &added, skipped_files: skipped, metadata };
        admin.output.show("gleaner/corpus-added/1", &shown, || text(&added, skipped))?;
        let name = escaped(&added.corpus.name);
        if added.set_aside > 0 {
            admin.output.note(&format!("see: gleaner-admin corpus show {name}"));
            return Ok(Exit::SomeFailed);
        }
        let next = format!("next: gleaner-admin job submit NAME --corpus {name} --app word-count");
        admin.output.note(&next);
        Ok(Exit::Done)
    }

    fn wish(&self) -> Result<Wish, Fault> {
        let wrong = |what: &str, why: String| {
            let next = "gleaner-admin corpus add --help".into();
            Fault::from(Told { exit: Exit::Usage, what: what.into(), why, next })
        };
        if self.text_column.len() > TEXT_COLUMNS_MAX {
            let why = format!("at most {TEXT_COLUMNS_MAX} fit");
            return Err(wrong("too many --text-column", why));
        }
        if matches!(self.format, Format::Csv | Format::Tsv) && self.text_column.is_empty() {
            let why = "nobody has said which columns are text".to_owned();
            return Err(wrong("a table needs --text-column", why));
        }
        let columns = Columns {
            text: self.text_column.clone(),
            id: self.id_column.clone(),
            year: self.year_column.clone(),
        };
        let document_bytes_max = self.max_document.0;
        Ok(Wish { format: self.format, columns, document_bytes_max })
    }

    /// Reads on one thread while this one sends; gives how many files were no documents.
    async fn batches(
        &self,
        admin: &Admin,
        talk: &mut Talk,
        gather: Gather,
        total: u64,
    ) -> Result<u64, Fault> {
        let mut progress = admin.progress(&format!("corpus add {}", self.name), Measure::Bytes);
        let mut mark = Mark { done: 0, total };
        progress.set(mark);
        // One batch waits while another one travels and a third is read.
        let (target, mut source) = mpsc::channel::<Batch>(1);
        let reading = tokio::task::spawn_blocking(move || {
            // If nobody takes them, the sender has failed and tells why.
            let _ = gather.each(&mut |batch| match target.blocking_send(batch) {
                Ok(()) => Flow::Continue(()),
                Err(_) => Flow::Break(()),
            });
        });
        let mut totals = Totals::default();
        let mut skipped = 0;
        while let Some(batch) = source.recv().await {
            mark.done += batch.file_bytes;
            skipped += batch.skipped;
            send(talk, batch, &mut totals).await?;
            progress.set(mark);
        }
        // A reader that died must not look like the end of the files.
        reading.await.map_err(|error| Told {
            exit: Exit::Failed,
            what: "the files cannot be read".into(),
            why: error.to_string(),
            next: "repeat the command; what was sent is kept".into(),
        })?;
        Ok(skipped)
    }

    fn survey(&self, admin: &Admin, roots: &[Root], wish: &Wish) -> Survey {
        let title = format!("corpus add {}: looking", self.name);
        let mut progress = admin.progress(&title, Measure::Things("files"));
        survey(Walk::new(roots), wish, &mut |done| {
            progress.set(Mark { done, total: 0 });
        })
    }
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
