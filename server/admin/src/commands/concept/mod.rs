//! `concept`: questions to the knowledge graph of an ontology-match job.

use clap::{Args, Subcommand};
use gleaner_shared::limits::QUERY_ROWS_MAX;
use gleaner_shared::wire::admin::query::{Named, YearRange};

use crate::admin::Admin;
use crate::escape::escaped;
use crate::fault::{Exit, Fault};
use crate::years::YearRanges;

pub(super) mod articles;
mod related;
pub(super) mod search;

/// Questions to a knowledge graph.
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  gleaner-admin concept related DOID:2945 --job mesh")]
pub(crate) enum Concept {
    /// The neighbours of a concept, strongest first
    Related(related::Related),
    /// The articles that have two concepts in one sentence
    Articles(articles::Articles),
    /// The edges of the concepts in a text
    Search(search::Search),
}

impl Concept {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        match self {
            Self::Related(command) => command.run(admin).await,
            Self::Articles(command) => command.run(admin).await,
            Self::Search(command) => command.run(admin).await,
        }
    }
}

/// What all questions have.
#[derive(Args, Debug)]
struct Scope {
    /// The job
    #[arg(long, value_name = "JOB")]
    job: String,
    /// Rows at most
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=i64::from(QUERY_ROWS_MAX)))]
    limit: u32,
    /// Only articles of these years, as 2010-2013,2015; 0 is unknown
    #[arg(long, value_name = "YEARS")]
    years: Option<YearRanges>,
}

impl Scope {
    /// The years; none means all.
    fn years(&self) -> Vec<YearRange> {
        self.years.clone().map(|YearRanges(ranges)| ranges).unwrap_or_default()
    }
}

/// `DOID:2945 severe acute respiratory syndrome`.
fn named(concept: &Named) -> String {
    format!("{} {}", escaped(&concept.id), escaped(&concept.label))
}
