//! `concept related`: the neighbours of a concept.

use clap::Args;
use gleaner_shared::wire::admin::query::{Related as Answer, RelatedWish};
use gleaner_shared::wire::admin::{Reply, Request};

use super::{Scope, named};
use crate::admin::Admin;
use crate::fault::{Exit, Fault};
use crate::show::{self, Side};
use crate::talk;

/// The neighbours of a concept, strongest first.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gleaner-admin concept related DOID:2945 --job mesh
  gleaner-admin concept related DOID:2945 --job mesh --years 2010-2013,2015")]
pub(crate) struct Related {
    /// The concept's id
    #[arg(value_name = "ID")]
    concept: String,
    #[command(flatten)]
    scope: Scope,
}

impl Related {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let wish = RelatedWish {
            years: self.scope.years(),
            job: self.scope.job,
            concept: self.concept,
            limit: self.scope.limit,
        };
        let Reply::Related(related) = admin.ask(&Request::Related(wish)).await? else {
            return Err(talk::misfit());
        };
        admin.output.show("gleaner/related/1", &related, || text(&related))?;
        Ok(Exit::Done)
    }
}

fn text(related: &Answer) -> String {
    let header = [
        ("CONCEPT", Side::Left),
        ("LABEL", Side::Left),
        ("SENTENCES", Side::Right),
        ("ARTICLES", Side::Right),
    ];
    let rows = related.neighbours.iter().map(|neighbour| {
        vec![
            neighbour.id.clone(),
            neighbour.label.clone(),
            show::count(neighbour.sentences),
            show::count(neighbour.docs),
        ]
    });
    format!("{}\n{}", named(&related.concept), show::table(&header, rows))
}
