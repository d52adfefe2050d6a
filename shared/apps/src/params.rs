//! A job's parameters, and why one is refused.

use std::collections::BTreeMap;

use crate::nearest;

/// Parameters by name, as a job's submitter wrote them.
pub type Params = BTreeMap<String, String>;

/// Why a parameter is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadParam {
    /// The app has no such parameter.
    #[error("{app} has no parameter `{name}`{}", advice(.nearest, .known))]
    Unknown {
        /// The app's name.
        app: &'static str,
        /// What was asked for.
        name: String,
        /// What was probably meant.
        nearest: Option<&'static str>,
        /// All that there are.
        known: &'static [&'static str],
    },
    /// The value is not one that the parameter takes.
    #[error("parameter `{name}` of {app} is `{value}`, but must be {wanted}")]
    Value {
        /// The app's name.
        app: &'static str,
        /// The parameter.
        name: &'static str,
        /// What was given.
        value: String,
        /// What it must be, for people.
        wanted: &'static str,
    },
}

fn advice(nearest: &Option<&'static str>, known: &[&'static str]) -> String {
    match (nearest, known) {
        (Some(nearest), _) => format!(": did you mean `{nearest}`?"),
        (None, []) => ": it has none".to_owned(),
        (None, known) => format!(": it has {}", known.join(", ")),
    }
}

/// Refuses a parameter that is not among the app's known ones.
pub(crate) fn check_names(
    app: &'static str,
    known: &'static [&'static str],
    params: &Params,
) -> Result<(), BadParam> {
    match params.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(BadParam::Unknown {
            app,
            name: name.clone(),
            nearest: nearest::nearest(name, known.iter().copied()),
            known,
        }),
    }
}
