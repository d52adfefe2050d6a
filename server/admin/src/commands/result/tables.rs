//! `result tables`: where a job's rows are, for people who use SQL.

use clap::Args;
use gleaner_shared::wire::admin::result::TableRow;
use gleaner_shared::wire::admin::{Reply, Request};
use serde::Serialize;

use crate::admin::Admin;
use crate::fault::{Exit, Fault};
use crate::show::{self, Side};
use crate::talk;

/// Show the tables of a job in the store.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  gleaner-admin result tables words")]
pub(crate) struct Tables {
    /// The job
    #[arg(value_name = "JOB")]
    job: String,
}

#[derive(Serialize)]
struct Shown {
    job: String,
    tables: Vec<TableRow>,
}

impl Tables {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let request = Request::ResultTables { job: self.job.clone() };
        let Reply::Tables(tables) = admin.ask(&request).await? else {
            return Err(talk::misfit());
        };
        let shown = Shown { job: self.job, tables };
        admin.output.show("gleaner/result-tables/1", &shown, || table(&shown.tables))?;
        Ok(Exit::Done)
    }
}

fn table(tables: &[TableRow]) -> String {
    let header = [
        ("TABLE", Side::Left),
        ("IN SQL", Side::Left),
        ("ROWS", Side::Right),
        ("ON DISK", Side::Right),
        ("COLUMNS", Side::Left),
    ];
    let rows = tables.iter().map(|table| {
        vec![
            table.table.clone(),
            table.sql_name.clone(),
            show::count(table.rows),
            show::bytes(table.disk_bytes),
            table.columns.join(", "),
        ]
    });
    show::table(&header, rows)
}
