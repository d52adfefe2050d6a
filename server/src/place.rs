//! Where the parts of a server lie, as `--db` and `--objects` say it.

use std::path::PathBuf;

/// A place that this server cannot use. The URL is not shown: it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{option} takes {takes}, and was given {given}")]
pub(crate) struct BadPlace {
    option: &'static str,
    takes: &'static str,
    given: String,
}

/// The database of `--db`: a file of SQLite.
pub(crate) fn database(url: &str) -> Result<PathBuf, BadPlace> {
    path(url, "sqlite").map_err(|given| BadPlace {
        option: "--db",
        takes: "sqlite:PATH in this version",
        given,
    })
}

/// The objects of `--objects`: a folder.
pub(crate) fn objects(url: &str) -> Result<PathBuf, BadPlace> {
    path(url, "file").map_err(|given| BadPlace {
        option: "--objects",
        takes: "file:DIR in this version",
        given,
    })
}

/// The path behind `scheme:`, with or without `//`, made absolute; else what was given, without secrets.
fn path(url: &str, scheme: &str) -> Result<PathBuf, String> {
    let (found, rest) = url.split_once(':').ok_or("a place without a scheme")?;
    if found != scheme {
        let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
        let is_known = !found.is_empty() && found.bytes().all(is_scheme);
        return Err(if is_known { format!("a {found}: URL") } else { "no URL".into() });
    }
    match rest.strip_prefix("//").unwrap_or(rest) {
        "" => Err("an empty path".into()),
        path => std::path::absolute(path).map_err(|error| format!("{path:?} ({error})")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_path_behind_its_scheme() {
        let relative = std::env::current_dir().unwrap().join("a.db").display().to_string();
        for (url, expected) in [
            ("sqlite:a.db", Ok(relative.as_str())),
            ("sqlite:///srv/a.db", Ok("/srv/a.db")),
            ("sqlite:/srv/a.db", Ok("/srv/a.db")),
            ("sqlite:", Err("an empty path")),
            ("a.db", Err("a place without a scheme")),
            ("postgres://alex:secret@db/gleaner", Err("a postgres: URL")),
            ("C\u{1b}:x", Err("no URL")),
        ] {
            let found = database(url);
            match expected {
                Ok(path) => assert_eq!(found, Ok(path.into())),
                Err(given) => {
                    let message = found.unwrap_err().to_string();
                    assert!(message.ends_with(given), "{message}");
                    assert!(!message.contains("secret"), "{message}");
                }
            }
        }
        assert_eq!(objects("file:///srv/o"), Ok("/srv/o".into()));
        assert!(objects("s3://bucket").is_err());
    }
}
