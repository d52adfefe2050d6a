//! A plan in numbers for programs and in words for people.

use core::time::Duration;

use gleaner_apps::App;
use gleaner_shared::policy::Policy;
use gleaner_shared::wire::admin::plan::Basis;
use serde::Serialize;

use crate::escape::escaped;
use crate::plan::{Basis as From, Forecast, Sample, TableForecast};
use crate::show::{self, Side};

/// All that is foretold.
#[derive(Debug, Serialize)]
pub(super) struct Planned {
    /// The job's name, if one was given.
    name: Option<String>,
    app: String,
    corpus: String,
    documents: u64,
    /// Of the documents.
    raw_bytes: u64,
    units: u64,
    copies: u8,
    own_copies: u8,
    /// All payloads once.
    payload_bytes: u64,
    /// All results once.
    result_bytes: u64,
    /// The app's data, which each host fetches once.
    artefact_bytes: u64,
    /// Payloads and results, if own hosts do all of it.
    own_travel_bytes: u64,
    /// The same, if strangers do.
    stranger_travel_bytes: u64,
    /// One copy of all units, on one thread like one of this machine.
    compute_seconds: u64,
    pace: Option<Pace>,
    /// All tables.
    disk_bytes: u64,
    tables: Vec<TableForecast>,
    sample: Sampled,
}

/// How long it takes at the pace of an earlier job.
#[derive(Debug, Serialize)]
struct Pace {
    job: String,
    elapsed_seconds: u64,
}

/// What all of this was told from.
#[derive(Debug, Serialize)]
struct Sampled {
    documents: u64,
    raw_bytes: u64,
    compute_seconds: u64,
    /// Whether it was the whole corpus.
    whole: bool,
    /// Parts that the app did not do.
    failed: u64,
}

impl Planned {
    /// What `sample` and what was foretold from it give.
    pub(super) fn new(
        name: Option<String>,
        (app, artefact_bytes): (&dyn App, u64),
        (basis, policy): (&Basis, Policy),
        (sample, forecast): (&Sample, Forecast),
    ) -> Self {
        let corpus = &basis.corpus;
        let once = corpus.packed_bytes.saturating_add(forecast.result_bytes);
        let pace = basis.pace.as_ref().map(|pace| {
            let seconds = u128::from(pace.elapsed_seconds) * u128::from(corpus.raw_bytes)
                / u128::from(pace.raw_bytes.max(1));
            let elapsed_seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
            Pace { job: pace.job.clone(), elapsed_seconds }
        });
        Self {
            name,
            app: app.full_name(),
            corpus: corpus.name.clone(),
            documents: corpus.documents,
            raw_bytes: corpus.raw_bytes,
            units: corpus.slices.into(),
            copies: policy.copies,
            own_copies: policy.own_copies,
            payload_bytes: corpus.packed_bytes,
            result_bytes: forecast.result_bytes,
            artefact_bytes,
            own_travel_bytes: once.saturating_mul(policy.own_copies.into()),
            stranger_travel_bytes: once.saturating_mul(policy.copies.into()),
            compute_seconds: forecast.compute_seconds,
            pace,
            disk_bytes: forecast.tables.iter().map(|table| table.disk_bytes).sum(),
            tables: forecast.tables,
            sample: Sampled {
                documents: sample.docs(),
                raw_bytes: sample.raw_bytes(),
                compute_seconds: sample.took().as_secs_f64().ceil() as u64,
                whole: sample.is_whole,
                failed: sample.failures.len() as u64,
            },
        }
    }
}

/// For people.
pub(super) fn text(plan: &Planned) -> String {
    let title = match &plan.name {
        Some(name) => format!("plan of job {}", escaped(name)),
        None => "plan of a job".to_owned(),
    };
    let mut text = format!("{title}: {} on corpus {}\n", plan.app, escaped(&plan.corpus));
    let documents = show::counted(plan.documents, "document");
    let copies = |copies: u8| match copies {
        1 => "1 copy".to_owned(),
        copies => format!("{copies} copies"),
    };
    let mut facts = vec![
        (
            "units",
            format!("{}, of {documents}, {}", show::count(plan.units), show::bytes(plan.raw_bytes)),
        ),
        ("payloads", format!("{} for each copy", show::bytes(plan.payload_bytes))),
        ("results", format!("{} for each copy", show::bytes(plan.result_bytes))),
        (
            "to travel",
            format!(
                "{} if own hosts do it ({}), {} if volunteers do ({})",
                show::bytes(plan.own_travel_bytes),
                copies(plan.own_copies),
                show::bytes(plan.stranger_travel_bytes),
                copies(plan.copies)
            ),
        ),
    ];
    if plan.artefact_bytes > 0 {
        let fetched = format!("{}, once to each host", show::bytes(plan.artefact_bytes));
        facts.push(("dictionary", fetched));
    }
    let work = show::span(Duration::from_secs(plan.compute_seconds));
    facts.push(("work", format!("{work} for each copy on one thread, as fast as here")));
    if let Some(pace) = &plan.pace {
        let time = show::span(Duration::from_secs(pace.elapsed_seconds));
        facts.push(("time", format!("{time} if it goes as job {} did", escaped(&pace.job))));
    }
    facts.push(("disk", format!("{} for its tables on the server", show::bytes(plan.disk_bytes))));
    text.push_str(&show::facts(facts));
    text.push_str(&table(&plan.tables));
    text.push_str(&source(&plan.sample, plan.documents));
    text
}

fn table(tables: &[TableForecast]) -> String {
    let header = [
        ("TABLE", Side::Left),
        ("ROWS", Side::Right),
        ("ON DISK", Side::Right),
        ("ROWS ARE", Side::Left),
    ];
    let rows = tables.iter().map(|table| {
        let basis = match table.basis {
            From::Counted => "counted",
            From::Scaled => "scaled from a sample",
            From::Fitted => "fitted: keys come again",
        };
        vec![
            table.table.clone(),
            show::count(table.rows),
            show::bytes(table.disk_bytes),
            basis.to_owned(),
        ]
    });
    show::table(&header, rows)
}

fn source(sample: &Sampled, documents: u64) -> String {
    let span = show::span(Duration::from_secs(sample.compute_seconds));
    if sample.whole {
        return format!("all of it was computed here, in {span}\n");
    }
    format!(
        "told from {} of {} documents ({}), computed here in {span}\n",
        show::count(sample.documents),
        show::count(documents),
        show::bytes(sample.raw_bytes)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Planned {
        let table = |name: &str, rows, basis| TableForecast {
            table: name.into(),
            rows,
            disk_bytes: rows * 70,
            basis,
        };
        Planned {
            name: Some("mesh".into()),
            app: "ontology-match@1".into(),
            corpus: "papers".into(),
            documents: 50_000,
            raw_bytes: 1_200_000_000,
            units: 1_172,
            copies: 2,
            own_copies: 1,
            payload_bytes: 400_000_000,
            result_bytes: 90_000_000,
            artefact_bytes: 1_200_000,
            own_travel_bytes: 490_000_000,
            stranger_travel_bytes: 980_000_000,
            compute_seconds: 400,
            pace: Some(Pace { job: "old".into(), elapsed_seconds: 7_600 }),
            disk_bytes: 1_500_000_000,
            tables: vec![table("docs", 50_000, From::Scaled), table("edges", 9_000, From::Fitted)],
            sample: Sampled {
                documents: 1_000,
                raw_bytes: 33_000_000,
                compute_seconds: 4,
                whole: false,
                failed: 0,
            },
        }
    }

    #[test]
    fn a_plan_says_what_it_is_told_from_and_fits() {
        let text = text(&plan());
        for said in [
            "plan of job mesh: ontology-match@1 on corpus papers",
            "2 h 6 min if it goes as job old did",
            "467.3 MiB if own hosts do it (1 copy)",
            "fitted: keys come again",
            "told from 1,000 of 50,000 documents (31.4 MiB), computed here in 4 s",
        ] {
            assert!(text.contains(said), "{text}");
        }
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }

    #[test]
    fn sizes_and_times_in_json_are_named_with_their_units() {
        let json = serde_json::to_value(plan()).unwrap();
        assert_eq!(json["disk_bytes"], 1_500_000_000_u64);
        assert_eq!(json["tables"][1]["basis"], "fitted");
        assert_eq!(json["pace"]["elapsed_seconds"], 7_600);
        assert_eq!(json["sample"]["whole"], false);
    }
}
