//! `ontology compile`: what a job's dictionary would hold, and the dictionary itself as a file.

use std::path::{Path, PathBuf};

use clap::Args;
use gleaner_shared::digest::digest;
use serde::Serialize;

use crate::admin::Admin;
use crate::escape::escaped;
use crate::fault::{Exit, Fault, Told};
use crate::progress::Measure;
use crate::{ontology, show};

/// Make one dictionary of some ontologies, and count what is in it.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gleaner-admin ontology compile symp.obo
  gleaner-admin ontology compile symp.obo doid.obo --out terms.gleaner")]
pub(crate) struct Compile {
    /// Ontologies: .obo, .owl or .rdf, .json (OBO graph), .tsv (term, id, label)
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write the dictionary here, for: job submit --ontology
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Serialize)]
struct Shown {
    digest: String,
    keys: u64,
    concepts: u64,
    ambiguous: u64,
    bytes: u64,
    out: Option<String>,
}

impl Compile {
    pub(crate) fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let mut progress = admin.progress("ontology compile", Measure::Things("concepts"));
        let compiled = ontology::compile(&self.files, &mut progress)?;
        drop(progress);
        if let Some(out) = &self.out {
            std::fs::write(out, &compiled.bytes).map_err(|error| unwritable(out, &error))?;
        }
        let shown = Shown {
            digest: digest(&compiled.bytes).to_string(),
            keys: compiled.counts.keys as u64,
            concepts: compiled.counts.concepts as u64,
            ambiguous: compiled.counts.ambiguous as u64,
            bytes: compiled.bytes.len() as u64,
            out: self.out.map(|out| out.display().to_string()),
        };
        admin.output.show("gleaner/ontology/1", &shown, || text(&shown))?;
        Ok(Exit::Done)
    }
}

fn text(shown: &Shown) -> String {
    let mut text = format!(
        "{}, {}, {} ambiguous, {}\n{}\n",
        show::counted(shown.keys, "key"),
        show::counted(shown.concepts, "concept"),
        show::count(shown.ambiguous),
        show::bytes(shown.bytes),
        shown.digest
    );
    if let Some(out) = &shown.out {
        text.push_str(&format!("written to {}\n", escaped(out)));
    }
    text
}

fn unwritable(path: &Path, error: &std::io::Error) -> Fault {
    Told {
        exit: Exit::Failed,
        what: format!("{} cannot be written", path.display()),
        why: error.to_string(),
        next: "give another file with --out".into(),
    }
    .into()
}
