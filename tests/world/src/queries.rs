//! The golden queries, asked by command, one process each.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::admin::Admin;
use crate::golden::Golden;

/// Asks each golden query; gives how many.
///
/// # Errors
/// If an answer differs.
pub(crate) fn ask_all(admin: &Admin<'_>, job: &str, golden: &Golden) -> Result<usize> {
    let queries: Value = serde_json::from_str(&golden.read("queries.json")?)?;
    let keys = keys(&golden.read("dictionary.tsv")?);
    let mut asked = 0;
    for (kind, check) in [
        ("related", related as Check),
        ("articles", articles as Check),
        ("search", search as Check),
    ] {
        let of_kind = queries[kind].as_array().with_context(|| format!("no {kind} queries"))?;
        for query in of_kind {
            check(&Asker { admin, job, keys: &keys }, query).with_context(|| query.to_string())?;
            asked += 1;
        }
    }
    Ok(asked)
}

type Check = fn(&Asker<'_>, &Value) -> Result<()>;

/// Concept to its keys in the dictionary.
type Keys = BTreeMap<String, BTreeSet<String>>;

struct Asker<'a> {
    admin: &'a Admin<'a>,
    job: &'a str,
    keys: &'a Keys,
}

impl Asker<'_> {
    fn ask(&self, words: &[&str], query: &Value) -> Result<Value> {
        let limit = query["limit"].to_string();
        let years = years(&query["years"]);
        let mut words = [words, &["--job", self.job, "--limit", &limit]].concat();
        if let Some(years) = &years {
            words.extend(["--years", years]);
        }
        self.admin.json(&words)
    }
}

fn years(list: &Value) -> Option<String> {
    let years: Vec<String> = list.as_array()?.iter().map(Value::to_string).collect();
    Some(years.join(","))
}

fn related(asker: &Asker<'_>, query: &Value) -> Result<()> {
    let answer = asker.ask(&["concept", "related", word(query, "concept")?], query)?;
    let rows = rows(
        &answer["neighbours"],
        |row| json!({ "concept": row["id"], "docs": row["docs"], "sentences": row["sentences"] }),
    )?;
    same(&rows, &query["result"])
}

fn articles(asker: &Asker<'_>, query: &Value) -> Result<()> {
    let (a, b) = (word(query, "a")?, word(query, "b")?);
    let answer = asker.ask(&["articles", a, b], query)?;
    let rows = rows(&answer["articles"], |row| {
        json!({
            "doc": row["doc"], "first": row["first"], "pagerank": row["pagerank"],
            "sentences": row["sentences"], "year": row["year"],
        })
    })?;
    same(&rows, &query["result"])?;
    for article in answer["articles"].as_array().into_iter().flatten() {
        let sentence = word(article, "sentence")?.to_ascii_lowercase();
        for concept in [a, b] {
            let mut keys = asker.keys.get(concept).into_iter().flatten();
            let named = keys.any(|key| sentence.contains(key.as_str()));
            ensure!(named, "the sentence {sentence:?} does not name {concept}");
        }
    }
    Ok(())
}

fn search(asker: &Asker<'_>, query: &Value) -> Result<()> {
    let answer = asker.ask(&["search", word(query, "text")?], query)?;
    let concepts = rows(&answer["concepts"], |concept| concept["id"].clone())?;
    same(&concepts, &query["concepts"])?;
    let edges = rows(&answer["edges"], |edge| {
        json!({
            "a": edge["a"]["id"], "b": edge["b"]["id"],
            "docs": edge["docs"], "sentences": edge["sentences"],
        })
    })?;
    same(&edges, &query["result"])
}

fn rows(list: &Value, shape: impl Fn(&Value) -> Value) -> Result<Value> {
    let list = list.as_array().context("the answer has no rows")?;
    Ok(list.iter().map(shape).collect())
}

fn same(got: &Value, expected: &Value) -> Result<()> {
    if got != expected {
        bail!("got {got}, expected {expected}");
    }
    Ok(())
}

fn word<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    value[name].as_str().with_context(|| format!("no {name} in {value}"))
}

fn keys(dictionary: &str) -> Keys {
    let mut keys = Keys::new();
    for line in dictionary.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        if let [key, _, _, concept] = fields[..] {
            keys.entry(concept.to_owned()).or_default().insert(key.to_owned());
        }
    }
    keys
}
