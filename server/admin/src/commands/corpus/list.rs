//! `corpus list`: all corpora.

use clap::Args;
use gleaner_shared::wire::admin::corpus::CorpusRow;
use gleaner_shared::wire::admin::{Reply, Request};
use serde::Serialize;

use crate::admin::Admin;
use crate::fault::{Exit, Fault};
use crate::show::{self, Side};
use crate::talk;

/// List all corpora.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  gleaner-admin corpus list")]
pub(crate) struct List {}

#[derive(Serialize)]
struct Corpora {
    corpora: Vec<CorpusRow>,
}

impl List {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let Reply::Corpora(corpora) = admin.ask(&Request::CorpusList).await? else {
            return Err(talk::misfit());
        };
        let corpora = Corpora { corpora };
        admin.output.show("gleaner/corpus-list/1", &corpora, || table(&corpora.corpora))?;
        Ok(Exit::Done)
    }
}

fn table(corpora: &[CorpusRow]) -> String {
    let header = [
        ("NAME", Side::Left),
        ("STATE", Side::Left),
        ("DOCUMENTS", Side::Right),
        ("SLICES", Side::Right),
        ("SIZE", Side::Right),
        ("ASIDE", Side::Right),
        ("JOBS", Side::Right),
    ];
    let rows = corpora.iter().map(|corpus| {
        vec![
            corpus.name.clone(),
            if corpus.complete { "complete" } else { "open" }.to_owned(),
            show::count(corpus.documents),
            show::count(corpus.slices.into()),
            show::bytes(corpus.raw_bytes),
            show::count(corpus.set_aside),
            show::count(corpus.jobs.into()),
        ]
    });
    show::table(&header, rows)
}
