//! `result connect`: lines that open a job's tables in other programs, to be pasted as they are.
//!
//! All of them open the database for reading only, which is safe while the server runs: in SQLite's
//! WAL mode readers and the writer do not wait for each other.

use std::path::{Path, PathBuf};

use clap::Args;
use gleaner_shared::wire::admin::result::TableRow;
use gleaner_shared::wire::admin::{Reply, Request};
use serde::Serialize;

use crate::admin::Admin;
use crate::escape::escaped;
use crate::fault::{Exit, Fault, Told};
use crate::open::DATA_DEFAULT;
use crate::talk;

/// Print lines for SQL shells, Python and DuckDB.
#[derive(Args, Debug)]
#[command(after_help = "\
The lines are for the server's own machine and read only. From elsewhere, export
to Parquet; the last lines open such an export.

Example:
  gleaner-admin result connect words")]
pub(crate) struct Connect {
    /// The job
    #[arg(value_name = "JOB")]
    job: String,
    /// The server's database, if it is not in the data folder
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,
}

#[derive(Serialize)]
struct Lines {
    job: String,
    database: String,
    lines: Vec<Line>,
}

/// What one program takes.
#[derive(Serialize)]
struct Line {
    /// `sqlite3`, `python`, `pandas`, `duckdb`, `parquet-duckdb`, `parquet-pandas`.
    program: &'static str,
    about: &'static str,
    code: String,
}

impl Connect {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let request = Request::ResultTables { job: self.job.clone() };
        let Reply::Tables(tables) = admin.ask(&request).await? else {
            return Err(talk::misfit());
        };
        let data = admin.reach.data.clone().unwrap_or_else(|| PathBuf::from(DATA_DEFAULT));
        let database = self.db.clone().unwrap_or_else(|| data.join("gleaner.db"));
        let database = database.canonicalize().map_err(|error| unfound(&database, &error))?;
        let database = database.to_string_lossy().into_owned();
        let Some(table) = tables.iter().max_by_key(|table| table.rows) else {
            return Err(talk::misfit());
        };
        let lines = lines(&database, &self.job, table);
        let shown = Lines { job: self.job, database, lines };
        admin.output.show("gleaner/result-connect/1", &shown, || {
            let part = |line: &Line| format!("# {}\n{}\n", line.about, escaped_lines(&line.code));
            shown.lines.iter().map(part).collect::<Vec<_>>().join("\n")
        })?;
        Ok(Exit::Done)
    }
}

fn unfound(path: &Path, error: &std::io::Error) -> Fault {
    Told {
        exit: Exit::NotFound,
        what: format!("database {} is not on this machine", path.display()),
        why: error.to_string(),
        next: "run this on the server's machine, or name the file with --db; from elsewhere: \
               gleaner-admin result export JOB --to out --format parquet"
            .into(),
    }
    .into()
}

fn lines(database: &str, job: &str, table: &TableRow) -> Vec<Line> {
    let (name, sql) = (&table.table, &table.sql_name);
    let uri = format!("file:{}?mode=ro", in_uri(database));
    let python = format!(
        "import sqlite3\ndb = sqlite3.connect({}, uri=True)\n\
         print(db.execute(\"SELECT count(*) FROM {sql}\").fetchone())",
        quoted(&uri)
    );
    let pandas = format!(
        "import pandas, sqlite3\ndb = sqlite3.connect({}, uri=True)\n\
         {name} = pandas.read_sql(\"SELECT * FROM {sql}\", db)\nprint({name})",
        quoted(&uri)
    );
    // Through pandas: DuckDB reads SQLite files itself only with an extension that it downloads.
    let duckdb = format!(
        "import duckdb, pandas, sqlite3\ndb = sqlite3.connect({}, uri=True)\n\
         {name} = pandas.read_sql(\"SELECT * FROM {sql}\", db)\n\
         print(duckdb.sql(\"SELECT count(*) FROM {name}\"))",
        quoted(&uri)
    );
    let line = |program, about, code| Line { program, about, code };
    vec![
        line(
            "sqlite3",
            "a shell: SQLite",
            format!("sqlite3 -readonly {} 'SELECT * FROM {sql} LIMIT 5'", in_shell(database)),
        ),
        line("python", "Python, nothing to install", python),
        line("pandas", "Python: pandas", pandas),
        line("duckdb", "Python: DuckDB, on the table in memory", duckdb),
        line(
            "export",
            "a shell: an export that needs no server any more",
            format!("gleaner-admin result export {job} --to out --format parquet"),
        ),
        line(
            "parquet-pandas",
            "Python: pandas, with that export",
            format!("import pandas\n{name} = pandas.read_parquet(\"out/{name}\")\nprint({name})"),
        ),
        line(
            "parquet-duckdb",
            "Python: DuckDB, with that export",
            format!("import duckdb\nprint(duckdb.sql(\"SELECT * FROM 'out/{name}/*.parquet'\"))"),
        ),
    ]
}

/// A path inside a URI of SQLite (sqlite.org/uri.html).
fn in_uri(path: &str) -> String {
    path.replace('%', "%25").replace('?', "%3f").replace('#', "%23")
}

/// A string of Python. JSON's form is one.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn in_shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn escaped_lines(code: &str) -> String {
    code.lines().map(|line| escaped(line).into_owned()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_odd_letters_is_quoted_for_each_program() {
        let table = TableRow {
            table: "words".into(),
            sql_name: "job2_words".into(),
            columns: vec!["word".into()],
            rows: 3,
            disk_bytes: 4_096,
        };
        let lines = lines("/a 'b'/50%?#\"/gleaner.db", "w", &table);
        let code = |program| &lines.iter().find(|line| line.program == program).unwrap().code;
        assert!(
            code("sqlite3").starts_with("sqlite3 -readonly '/a '\\''b'\\''/50%?#\"/gleaner.db' ")
        );
        assert!(code("python").contains("\"file:/a 'b'/50%25%3f%23\\\"/gleaner.db?mode=ro\""));
        assert!(code("duckdb").contains("SELECT * FROM job2_words"));
        assert!(code("parquet-pandas").contains("read_parquet(\"out/words\")"));
    }
}
