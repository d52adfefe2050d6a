//! `concept search` and `search`: the edges of the concepts that a text mentions.

use clap::Args;
use gleaner_shared::limits::SEARCH_TEXT_BYTES_MAX;
use gleaner_shared::wire::admin::query::{Found, SearchWish};
use gleaner_shared::wire::admin::{Reply, Request};

use super::{Scope, named};
use crate::admin::Admin;
use crate::fault::{Exit, Fault, Told};
use crate::show::{self, Side};
use crate::talk;

/// The edges of the concepts in a text.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  gleaner-admin search 'fever after SARS' --job mesh")]
pub(crate) struct Search {
    /// The text
    #[arg(value_name = "TEXT")]
    text: String,
    #[command(flatten)]
    scope: Scope,
}

impl Search {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        if self.text.len() > SEARCH_TEXT_BYTES_MAX {
            return Err(too_long(self.text.len()));
        }
        let wish = SearchWish {
            years: self.scope.years(),
            job: self.scope.job,
            text: self.text,
            limit: self.scope.limit,
        };
        let Reply::Found(found) = admin.ask(&Request::Search(wish)).await? else {
            return Err(talk::misfit());
        };
        admin.output.show("gleaner/search/1", &found, || text(&found))?;
        Ok(Exit::Done)
    }
}

fn too_long(bytes: usize) -> Fault {
    Told {
        exit: Exit::Limit,
        what: "the text is too long to search for".into(),
        why: format!("it has {bytes} bytes, at most {SEARCH_TEXT_BYTES_MAX} fit"),
        next: "search for a part of it".into(),
    }
    .into()
}

fn text(found: &Found) -> String {
    if found.concepts.is_empty() {
        return "no concept of the job's ontology is in the text".into();
    }
    let mut text = String::new();
    for concept in &found.concepts {
        text.push_str(&format!("{}\n", named(concept)));
    }
    let header = [
        ("A", Side::Left),
        ("B", Side::Left),
        ("SENTENCES", Side::Right),
        ("ARTICLES", Side::Right),
    ];
    let rows = found.edges.iter().map(|edge| {
        vec![
            format!("{} {}", edge.a.id, edge.a.label),
            format!("{} {}", edge.b.id, edge.b.label),
            show::count(edge.sentences),
            show::count(edge.docs),
        ]
    });
    text.push_str(&show::table(&header, rows));
    text
}
