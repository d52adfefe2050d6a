//! What lines become, and what is said of those that become nothing.

use super::*;
use crate::naming::RowForm;
use crate::rows::read_rows;
use crate::years::Years;

fn read(text: &[u8], columns: &Columns, bytes_max: usize) -> Vec<String> {
    let years = Years::empty();
    let settings = RowSettings { columns, file_name: "f.jsonl", years: &years, bytes_max };
    read_rows(RowForm::Jsonl, text, settings)
        .map(|row| match row.read {
            Ok(Document { id, kind, year, paragraphs }) => {
                format!("{} {} {year} {}", id, kind.name(), paragraphs.join("|"))
            }
            Err(broken) => format!("{broken}"),
        })
        .collect()
}

fn check(text: &str, expected: &[&str]) {
    assert_eq!(read(text.as_bytes(), &Columns::default(), 1_000), expected, "{text}");
}

#[test]
fn fields_of_usual_names_are_taken_in_order() {
    check(
        "{\"text\": \"c\\n\\nd\", \"id\": \"x\", \"title\": \"a\", \"year\": 2003}\n\n\
         {\"_id\": 7, \"abstract\": [\"a\", \"b\"], \"publish_time\": \"1999-01\"}\r\n\
         {\"text\": \"last\", \"title\": null}",
        &["x text 2003 a|c|d", "7 text 1999 a|b", "f.jsonl:4 text 0 last"],
    );
}

#[test]
fn a_line_may_be_a_parse_of_cord19() {
    check(
        "{\"paper_id\": \"PMC1\", \"metadata\": {\"title\": \"a\"}, \"abstract\": [{\"text\": \"b\"}], \
         \"body_text\": [{\"text\": \"c\"}]}\n{\"paper_id\": \"PMC2\", \"body_text\": [{}]}",
        &["PMC1 cord19 0 a|b|c", "line 2, column 37: not a CORD-19 parse: missing field `text`"],
    );
}

#[test]
fn columns_that_are_named_count_alone() {
    let columns = Columns {
        text: vec!["b".to_owned(), "a".to_owned()],
        id: Some("key".to_owned()),
        year: Some("when".to_owned()),
    };
    let rows = read(
        b"{\"a\": \"1\", \"b\": \"2\", \"key\": \"k\", \"id\": \"i\", \"when\": \"2001\", \"text\": \"t\"}\n\
          {\"a\": \"1\"}\n{\"key\": \"k\"}",
        &columns,
        1_000,
    );
    assert_eq!(rows[0], "k text 2001 2|1");
    assert_eq!(rows[1], "line 2: no id in it: field `key` is absent or empty");
    assert_eq!(rows[2], "line 3: no text in it: none of the fields b, a");
}

#[test]
fn a_broken_line_is_told_and_the_next_one_read() {
    let deep = format!("{{\"text\": {}", "[".repeat(300));
    let long = format!("{{\"text\": \"{}\"}}", "x".repeat(2_000));
    let text = format!(
        "{{\n[]\n{{\"text\": 1}}\n{{\"text\": {{}}}}\n{{\"id\": \"\", \"text\": \"t\"}}\n\
         {{\"id\": \"a\\u0000\", \"text\": \"t\"}}\n{deep}\n{long}\n{{\"text\": \"ok\"}}\n"
    );
    let mut bytes = text.into_bytes();
    bytes.extend(b"\"\xff\"\n{\"text\":");
    let rows = read(&bytes, &Columns::default(), 1_000);
    let starts = [
        "line 1, column ",
        "line 2: not a line of JSON: invalid type: sequence",
        "line 3: field `text` is neither",
        "line 4: field `text` is neither",
        "f.jsonl:5 text 0 t",
        "line 6: its id is none: it has a control character",
        "line 7, column ",
        "line 8: a row of more than 1000 bytes",
        "f.jsonl:9 text 0 ok",
        "line 10: not UTF-8",
        "line 11, column ",
    ];
    assert_eq!(rows.len(), starts.len(), "{rows:?}");
    for (row, start) in rows.iter().zip(starts) {
        assert!(row.starts_with(start), "{row} is not {start}");
    }
}
