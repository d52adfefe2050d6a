//! Merged tables as the TSV files of the specification's section 10.

use std::collections::BTreeMap;

use gleaner_apps::dictionary::Dictionary;
use gleaner_apps::graph::{ROUNDS, Ranks};
use gleaner_apps::{App, Source};
use gleaner_shared::records::Tables;
use gleaner_shared::table::{Row, Table, Value};

/// Every file that the app exports, by name.
pub(crate) fn files(
    app: &dyn App,
    merged: &Tables,
    dictionary: &Dictionary,
) -> BTreeMap<&'static str, String> {
    let nodes = nodes(app, merged, dictionary);
    let export = |export: &gleaner_apps::Export| {
        let header = export.columns.join("\t") + "\n";
        let lines: String = match export.source {
            Source::Dictionary => dictionary_lines(dictionary),
            Source::Derived(_) => nodes.iter().map(|row| line(row)).collect(),
            Source::Table(name) => rows(app, merged, name).map(|(_, row)| line(row)).collect(),
        };
        (export.file, header + &lines)
    };
    app.exports().iter().map(export).collect()
}

fn rows<'a>(
    app: &dyn App,
    merged: &'a Tables,
    name: &str,
) -> impl Iterator<Item = (&'static Table, &'a Row)> {
    let place = app.tables().iter().position(|table| table.name == name).expect("a table");
    let table = &app.tables()[place];
    merged[place].iter().map(move |row| (table, row))
}

fn line(row: &[Value]) -> String {
    let shown = |value: &Value| match value {
        Value::Text(text) => text.clone(),
        Value::Int(int) => int.to_string(),
    };
    row.iter().map(shown).collect::<Vec<_>>().join("\t") + "\n"
}

fn dictionary_lines(dictionary: &Dictionary) -> String {
    let line = |entry: gleaner_apps::dictionary::Entry<'_>| {
        format!("{}\t{}\t{}\t{}\n", entry.key, entry.mode.name(), entry.class, entry.concept)
    };
    dictionary.entries().map(line).collect()
}

fn number(value: &Value) -> u64 {
    let Value::Int(int) = value else { panic!("{value:?} is no number") };
    u64::try_from(*int).expect("a count")
}

/// The derived table, from `concepts` and `edges`.
fn nodes(app: &dyn App, merged: &Tables, dictionary: &Dictionary) -> Vec<Row> {
    let concepts: Vec<&Row> = rows(app, merged, "concepts").map(|(_, row)| row).collect();
    let place = |id: &Value| concepts.binary_search_by(|row| row[0].cmp(id)).expect("a concept");
    let edges: Vec<(usize, usize, u64)> = rows(app, merged, "edges")
        .map(|(_, row)| (place(&row[0]), place(&row[1]), number(&row[2])))
        .collect();
    let mut ranks = Ranks::new(concepts.len());
    edges.iter().for_each(|(a, b, weight)| ranks.edge(*a, *b, *weight));
    for _ in 0..ROUNDS {
        edges.iter().for_each(|(a, b, weight)| ranks.spread(*a, *b, *weight));
        ranks.round();
    }
    let node = |(place, row): (usize, &&Row)| {
        let Value::Text(id) = &row[0] else { panic!("an id is text") };
        let label = dictionary.label(id).expect("a label").to_owned();
        let degree = i64::try_from(ranks.degree(place)).expect("few edges");
        let strength = i64::try_from(ranks.strength(place)).expect("small weights");
        let rank = i64::try_from(ranks.rank(place)).expect("a rank");
        let mut node = vec![row[0].clone(), Value::Text(label)];
        node.extend(row[1..].iter().cloned());
        node.extend([degree, strength, rank].map(Value::Int));
        node
    };
    concepts.iter().enumerate().map(node).collect()
}
