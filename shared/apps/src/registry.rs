//! Every built-in app by its name.

use crate::app::App;
use crate::nearest;
use crate::ontology_match::OntologyMatch;
use crate::paced_match::PacedMatch;
use crate::word_count::WordCount;

/// All of them; a newer version of an app stands after an older one.
const APPS: &[&dyn App] = &[
    #[cfg(feature = "faults")]
    &crate::faulty_words::FaultyWords,
    &OntologyMatch,
    &PacedMatch,
    &WordCount,
];

/// A name that no app has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no app is called `{name}`{}: there are {known}", meant(.nearest))]
pub struct UnknownApp {
    /// What was asked for.
    pub name: String,
    /// What was probably meant.
    pub nearest: Option<&'static str>,
    /// All apps as `name@version`, with commas.
    pub known: String,
}

fn meant(nearest: &Option<&'static str>) -> String {
    nearest.map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default()
}

/// An app by `name@version`, or the newest by `name`.
///
/// # Errors
/// There is none; the error lists those that there are.
pub fn app(name: &str) -> Result<&'static dyn App, UnknownApp> {
    let asked = |app: &&&dyn App| app.name() == name || app.full_name() == name;
    APPS.iter().rev().find(asked).copied().ok_or_else(|| unknown(name))
}

fn unknown(name: &str) -> UnknownApp {
    let bare = name.split('@').next().unwrap_or(name);
    let known: Vec<String> = APPS.iter().map(|app| app.full_name()).collect();
    UnknownApp {
        name: name.to_owned(),
        nearest: nearest::nearest(bare, APPS.iter().map(|app| app.name())),
        known: known.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_has_one_name_with_and_without_its_version() {
        for (asked, found) in [
            ("ontology-match", "ontology-match@1"),
            ("ontology-match@1", "ontology-match@1"),
            ("word-count", "word-count@1"),
            ("paced-match", "paced-match@1"),
        ] {
            assert_eq!(app(asked).unwrap().full_name(), found);
        }
    }

    /// A release has no app that breaks; this test is of one.
    #[test]
    fn only_builds_for_tests_have_an_app_that_breaks() {
        assert_eq!(app("faulty-words").is_ok(), cfg!(feature = "faults"));
    }

    #[cfg(not(feature = "faults"))]
    #[test]
    fn an_unknown_name_is_told_the_known_ones() {
        let known = "ontology-match@1, paced-match@1, word-count@1";
        for (asked, message) in [
            ("", format!("no app is called ``: there are {known}")),
            ("@1", format!("no app is called `@1`: there are {known}")),
            (
                "wordcount@1",
                format!(
                    "no app is called `wordcount@1` (did you mean `word-count`?): there are {known}"
                ),
            ),
            (
                "word-count@2",
                format!(
                    "no app is called `word-count@2` (did you mean `word-count`?): there are {known}"
                ),
            ),
        ] {
            assert_eq!(app(asked).unwrap_err().to_string(), message);
        }
    }
}
