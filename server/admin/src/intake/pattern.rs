//! Patterns of paths: `x/**/*.json`, for where no shell has expanded them.
//!
//! A folder that matches is walked whole, as if it had been named; none is entered in vain.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use glob::{MatchOptions, PatternError};

/// A pattern: the folder where it begins, and what each part below has to be.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    base: PathBuf,
    parts: Arc<[Part]>,
}

#[derive(Debug)]
enum Part {
    /// Any folders.
    Folders,
    Name(glob::Pattern),
}

/// What a path is to a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// It matches, or lies in a folder that does.
    Whole,
    /// What is below it may match.
    Begun,
    /// Nothing.
    No,
}

/// Wildcards do not match what begins with a dot, as in a shell.
const OPTIONS: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

impl Pattern {
    /// Of a path that is not there; none if it has no wildcard.
    pub(crate) fn of(path: &Path) -> Result<Option<Self>, PatternError> {
        let is_wild = |part: &Component<'_>| {
            part.as_os_str().to_str().is_some_and(|part| part.contains(['*', '?', '[']))
        };
        let mut components = path.components().peekable();
        let mut base = PathBuf::new();
        while let Some(part) = components.next_if(|part| !is_wild(part)) {
            base.push(part);
        }
        let parts: Result<Vec<Part>, PatternError> = components
            .map(|part| match part.as_os_str().to_string_lossy().as_ref() {
                "**" => Ok(Part::Folders),
                name => glob::Pattern::new(name).map(Part::Name),
            })
            .collect();
        let parts = parts?;
        if base.as_os_str().is_empty() {
            base.push(".");
        }
        Ok((!parts.is_empty()).then(|| Self { base, parts: parts.into() }))
    }

    /// The folder where it begins.
    pub(super) fn base(&self) -> &Path {
        &self.base
    }

    /// How a path below the base fits.
    pub(super) fn fit(&self, path: &Path) -> Fit {
        let Ok(below) = path.strip_prefix(&self.base) else { return Fit::No };
        let names: Vec<_> = below.iter().map(|name| name.to_string_lossy()).collect();
        let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        fit(&self.parts, &names)
    }
}

/// Follows a pattern part by part; `**` tries to end before it goes on.
fn fit(parts: &[Part], names: &[&str]) -> Fit {
    let Some((part, rest)) = parts.split_first() else { return Fit::Whole };
    let Some((name, below)) = names.split_first() else { return Fit::Begun };
    match part {
        Part::Name(pattern) if pattern.matches_with(name, OPTIONS) => fit(rest, below),
        Part::Name(_) => Fit::No,
        Part::Folders if rest.is_empty() => Fit::Whole,
        Part::Folders => match fit(rest, names) {
            Fit::Whole => Fit::Whole,
            _ if name.starts_with('.') => Fit::No,
            _ => match fit(parts, below) {
                Fit::No => Fit::Begun,
                other => other,
            },
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, path: &str, expected: Fit) {
        let pattern = Pattern::of(Path::new(pattern)).unwrap().expect("it is wild");
        assert_eq!(pattern.fit(&pattern.base().join(path)), expected, "{pattern:?} {path}");
    }

    #[test]
    fn a_pattern_begins_where_its_wildcards_do() {
        let base = |text: &str| {
            let pattern = Pattern::of(Path::new(text)).unwrap();
            pattern.map(|pattern| pattern.base().display().to_string())
        };
        assert_eq!(base("x/y/*.json").as_deref(), Some("x/y"));
        assert_eq!(base("*.json").as_deref(), Some("."));
        assert_eq!(base("/x/**/a").as_deref(), Some("/x"));
        assert_eq!(base("x/y.json"), None);
        assert!(Pattern::of(Path::new("x/a**")).is_err());
    }

    #[test]
    fn wildcards_match_as_in_a_shell() {
        for (pattern, path, fits) in [
            ("x/*.json", "a.json", Fit::Whole),
            ("x/*.json", "a.txt", Fit::No),
            ("x/*.json", "d/a.json", Fit::No),
            ("x/*.json", ".a.json", Fit::No),
            ("x/*", "d/a.json", Fit::Whole),
            ("x/*/a.?", "d", Fit::Begun),
            ("x/*/a.?", "d/a.b", Fit::Whole),
            ("x/[ab]", "a", Fit::Whole),
            ("x/[!ab]", "a", Fit::No),
            ("x/**/*.json", "a.json", Fit::Whole),
            ("x/**/*.json", "d/e/a.json", Fit::Whole),
            ("x/**/*.json", "d/e/a.txt", Fit::Begun),
            ("x/**/*.json", ".git/a.json", Fit::No),
            ("x/**/pdf/*.json", "d/pdf/a.json", Fit::Whole),
            ("x/**/pdf/*.json", "d/xml", Fit::Begun),
            ("x/**", "d/e", Fit::Whole),
        ] {
            check(pattern, path, fits);
        }
    }
}
