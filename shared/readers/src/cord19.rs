//! CORD-19 JSON parses: the title, then the abstract, then the body; nothing else is taken.
//!
//! Fields we do not name are skipped unread. A field that we name must have the type that CORD-19
//! gives it; `null` is as good as absent.

use gleaner_shared::limits::PARAGRAPHS_MAX;

use crate::broken::{BrokenDocument, Fault};
use crate::document::Content;
use crate::json::{Object, parted};

#[derive(serde::Deserialize)]
struct Parse {
    metadata: Option<Object<Metadata>>,
    #[serde(rename = "abstract")]
    summary: Option<Vec<Object<Paragraph>>>,
    body_text: Option<Vec<Object<Paragraph>>>,
}

#[derive(serde::Deserialize)]
struct Metadata {
    title: Option<String>,
}

#[derive(serde::Deserialize)]
struct Paragraph {
    text: String,
}

/// Reads one parse.
pub(crate) fn read(text: &str) -> Result<Content, BrokenDocument> {
    let Object(parse) =
        serde_json::from_str::<Object<Parse>>(text).map_err(|error| broken(&error))?;
    let title = parse.metadata.and_then(|Object(metadata)| metadata.title);
    if title.is_none() && parse.summary.is_none() && parse.body_text.is_none() {
        return Err(Fault::NoCord19.anywhere());
    }
    let texts = [parse.summary, parse.body_text].into_iter().flatten().flatten();
    let paragraphs: Vec<String> =
        title.into_iter().chain(texts.map(|Object(paragraph)| paragraph.text)).collect();
    if paragraphs.len() > PARAGRAPHS_MAX {
        return Err(Fault::TooManyParagraphs.anywhere());
    }
    Ok(Content { paragraphs, year: 0 })
}

fn broken(error: &serde_json::Error) -> BrokenDocument {
    let (reason, position) = parted(error);
    BrokenDocument { fault: Fault::Json(reason), position }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(read(text).unwrap().paragraphs, expected, "{text}");
    }

    fn breaks(text: &str, expected: &str) {
        assert_eq!(read(text).map(|_| ()).unwrap_err().to_string(), expected, "{text}");
    }

    #[test]
    fn title_then_abstract_then_body() {
        check(
            r#"{"body_text": [{"text": "c"}, {"text": "d"}], "abstract": [{"text": "b"}],
                "metadata": {"title": "a", "authors": [1]}, "back_matter": [{"text": "no"}]}"#,
            &["a", "b", "c", "d"],
        );
    }

    #[test]
    fn what_is_absent_is_nothing() {
        check(r#"{"metadata": {"title": "a"}}"#, &["a"]);
        check(r#"{"body_text": [], "abstract": null}"#, &[]);
        check(r#"{"abstract": [{"text": "", "section": 3}]}"#, &[""]);
        let none = "not a CORD-19 parse: no `metadata.title`, `abstract` or `body_text`";
        for text in ["{}", r#"{"metadata": {}}"#, r#"{"metadata": null, "title": "a"}"#] {
            breaks(text, none);
        }
    }

    #[test]
    fn another_type_breaks_with_its_place() {
        let cases = [
            ("", "EOF while parsing a value"),
            ("[]", "invalid type: sequence, expected an object"),
            (r#"[{"title": "a"}, [], []]"#, "invalid type: sequence, expected an object"),
            (r#"{"metadata": ["a"]}"#, "invalid type: sequence, expected an object"),
            (r#"{"metadata": {"title": 1}}"#, "invalid type: integer `1`, expected a string"),
            (r#"{"abstract": "a"}"#, r#"invalid type: string "a", expected a sequence"#),
            (r#"{"body_text": [{}]}"#, "missing field `text`"),
            (r#"{"body_text": [{"text": null}]}"#, "invalid type: null, expected a string"),
            (r#"{"body_text": []} x"#, "trailing characters"),
            (r#"{"body_text": [{"text": "a"#, "EOF while parsing a string"),
        ];
        for (text, reason) in cases {
            let error = read(text).map(|_| ()).unwrap_err();
            assert!(error.to_string().ends_with(reason), "{text}: {error}");
            assert!(error.position.is_some(), "{text}");
        }
        let error = read("{\n  \"abstract\": 7}").map(|_| ()).unwrap_err();
        assert_eq!(error.position.unwrap().line, 2);
    }

    #[test]
    fn depth_costs_nothing_where_we_do_not_look() {
        let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
        check(&format!(r#"{{"x": {deep}, "abstract": []}}"#), &[]);
        assert!(read(&format!(r#"{{"abstract": {deep}}}"#)).is_err());
        assert!(read(&deep).is_err());
    }
}
