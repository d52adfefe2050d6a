//! The same app in one process: files are read, matched, merged and written without a server, a
//! client, a database or a wire. What a whole system gives has to be these bytes.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use gleaner_apps::dictionary::Dictionary;
use gleaner_apps::graph::{ROUNDS, Ranks};
use gleaner_apps::{App, Params, Prepared, Source, app};
use gleaner_readers::{Years, doc_id, read_document};
use gleaner_shared::document::{Document, Kind};
use gleaner_shared::records::{Tables, combine};
use gleaner_shared::table::{Row, Spread, Table, Value};

/// Rows of shared tables after which they are combined.
const COMBINE_ROWS: usize = 500_000;

/// Matches all papers of a folder with a compiled dictionary, and writes the files of an export but
/// the dictionary's; gives their names.
pub(crate) fn run(
    folder: &Path,
    metadata: &Path,
    dictionary: &Path,
    out: &Path,
) -> Result<Vec<&'static str>> {
    let data = fs::read(dictionary)?;
    let app = app("ontology-match@1").context("the app")?;
    let prepared = app.prepare(&Params::new(), Some(&data))?;
    let years = Years::read(BufReader::new(File::open(metadata)?))?;
    fs::create_dir(out)?;
    let mut files = Files::new(app, out)?;
    let mut shared: Tables = vec![Vec::new(); app.tables().len()];
    let mut combine_at = COMBINE_ROWS;
    for path in papers(folder)? {
        let document = read(&path, &years)?;
        match_one(app.tables(), &*prepared, &document, &mut shared, &mut files)?;
        if shared.iter().map(Vec::len).sum::<usize>() > combine_at {
            combine_all(app.tables(), &mut shared)?;
            combine_at = COMBINE_ROWS.max(2 * shared.iter().map(Vec::len).sum::<usize>());
        }
    }
    combine_all(app.tables(), &mut shared)?;
    let place = |name: &str| app.tables().iter().position(|table| table.name == name);
    let (concepts, edges) =
        (place("concepts").context("concepts")?, place("edges").context("edges")?);
    let dictionary = Dictionary::decode(&data).context("the dictionary")?;
    let nodes = nodes(&shared[concepts], &shared[edges], &dictionary)?;
    for (table, rows) in app.tables().iter().zip(&shared) {
        files.write(Source::Table(table.name), rows)?;
    }
    files.write(Source::Derived("nodes"), &nodes)?;
    files.end()
}

fn papers(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        files.push(entry?.path());
    }
    files.sort();
    Ok(files)
}

fn read(path: &Path, years: &Years) -> Result<Document> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let id = doc_id(&name)?;
    read_document(Kind::Cord19, id, &fs::read(path)?, years)
        .map_err(|broken| anyhow::anyhow!("{}: {broken:?}", path.display()))
}

/// Rows of one document go out at once; those that documents share are kept.
fn match_one(
    tables: &'static [Table],
    prepared: &dyn Prepared,
    document: &Document,
    shared: &mut Tables,
    files: &mut Files,
) -> Result<()> {
    let mut records: Tables = vec![Vec::new(); tables.len()];
    prepared.run(document, &mut records)?;
    for ((table, mut rows), kept) in tables.iter().zip(records).zip(shared) {
        match table.spread {
            Spread::Shared => kept.extend(rows),
            Spread::Unit => {
                combine(table, &mut rows)?;
                files.write(Source::Table(table.name), &rows)?;
            }
        }
    }
    Ok(())
}

fn combine_all(tables: &[Table], shared: &mut Tables) -> Result<()> {
    for (table, rows) in tables.iter().zip(shared) {
        combine(table, rows)?;
    }
    Ok(())
}

/// The rows of `nodes`.
fn nodes(concepts: &[Row], edges: &[Row], dictionary: &Dictionary) -> Result<Vec<Row>> {
    let mut ranks = Ranks::new(concepts.len());
    let place = |id: &Value| {
        concepts.binary_search_by(|concept| concept[0].cmp(id)).ok().context("an edge without end")
    };
    let mut ends = Vec::with_capacity(edges.len());
    for edge in edges {
        let Value::Int(weight) = edge[2] else { anyhow::bail!("an edge without weight") };
        ends.push((place(&edge[0])?, place(&edge[1])?, u64::try_from(weight)?));
    }
    ends.iter().for_each(|&(a, b, weight)| ranks.edge(a, b, weight));
    for _ in 0..ROUNDS {
        ends.iter().for_each(|&(a, b, weight)| ranks.spread(a, b, weight));
        ranks.round();
    }
    let node = |(place, concept): (usize, &Row)| -> Result<Row> {
        let Value::Text(id) = &concept[0] else { anyhow::bail!("a concept without id") };
        let mut row = vec![
            concept[0].clone(),
            Value::Text(dictionary.label(id).unwrap_or_default().to_owned()),
        ];
        row.extend_from_slice(&concept[1..]);
        row.push(Value::Int(ranks.degree(place).try_into()?));
        row.push(Value::Int(ranks.strength(place).try_into()?));
        row.push(Value::Int(ranks.rank(place).try_into()?));
        Ok(row)
    };
    concepts.iter().enumerate().map(node).collect()
}

/// The files of an export.
struct Files(Vec<(&'static str, Source, BufWriter<File>)>);

impl Files {
    fn new(app: &'static dyn App, out: &Path) -> Result<Self> {
        let mut files = Vec::new();
        for export in app.exports().iter().filter(|export| export.source != Source::Dictionary) {
            let mut file = BufWriter::new(File::create(out.join(export.file))?);
            writeln!(file, "{}", export.columns.join("\t"))?;
            files.push((export.file, export.source, file));
        }
        Ok(Self(files))
    }

    /// Rows of a table that is exported; the columns of a file are those of its table.
    fn write(&mut self, source: Source, rows: &[Row]) -> Result<()> {
        let Some((_, _, file)) = self.0.iter_mut().find(|(_, of, _)| *of == source) else {
            return Ok(());
        };
        for row in rows {
            for (at, value) in row.iter().enumerate() {
                let tab = if at > 0 { "\t" } else { "" };
                match value {
                    Value::Text(text) => write!(file, "{tab}{text}")?,
                    Value::Int(number) => write!(file, "{tab}{number}")?,
                }
            }
            writeln!(file)?;
        }
        Ok(())
    }

    fn end(self) -> Result<Vec<&'static str>> {
        let mut names = Vec::new();
        for (name, _, mut file) in self.0 {
            file.flush()?;
            names.push(name);
        }
        ensure!(!names.is_empty(), "the app exports nothing");
        Ok(names)
    }
}
