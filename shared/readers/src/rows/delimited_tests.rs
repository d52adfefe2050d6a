//! What records become, and what is said of those that become nothing.

use super::*;
use crate::naming::RowForm;
use crate::rows::{Columns, read_rows};
use crate::years::Years;

fn read(form: RowForm, bytes: &[u8], text: &[&str]) -> Vec<String> {
    let text = text.iter().map(|name| (*name).to_owned()).collect();
    let columns = Columns { text, id: None, year: None };
    let years = Years::empty();
    let settings =
        RowSettings { columns: &columns, file_name: "f.csv", years: &years, bytes_max: 200 };
    read_rows(form, bytes, settings)
        .map(|row| match row.read {
            Ok(document) => {
                format!("{} {} {}", document.id, document.year, document.paragraphs.join("|"))
            }
            Err(broken) => broken.to_string(),
        })
        .collect()
}

#[test]
fn columns_are_found_by_the_header() {
    let csv = b"\xef\xbb\xbfyear,id,skip,title,note\r\n2003,a,,\"one, \"\"two\"\"\n\nthree\",x\r\n\
                ,,,four,\n";
    assert_eq!(
        read(RowForm::Csv, csv, &["title"]),
        ["a 2003 one, \"two\"|three", "f.csv:5 0 four"]
    );
    assert_eq!(read(RowForm::Csv, csv, &["note", "title"])[1], "f.csv:5 0 four");
    let tsv = b"id\ttext\na\t\"open\nb\tsaid \"so\"\n";
    assert_eq!(read(RowForm::Tsv, tsv, &["text"]), ["a 0 \"open", "b 0 said \"so\""]);
}

#[test]
fn a_header_without_the_column_is_the_end() {
    for bytes in [&b""[..], b"a,b\n1,2\n", b"\n\n"] {
        let rows = read(RowForm::Csv, bytes, &["text"]);
        assert_eq!(rows, ["line 1: no column `text` in its header"]);
    }
    assert_eq!(read(RowForm::Csv, b"text\n", &["text"]), Vec::<String>::new());
}

#[test]
fn a_broken_record_is_told_and_the_next_one_read() {
    let long = "x".repeat(300);
    let csv = format!("id,text\na,one\nb\nc,1,2\nd,{long}\n\"{long}\",e\nf,six\n");
    let rows = read(RowForm::Csv, csv.as_bytes(), &["text"]);
    assert_eq!(
        rows,
        [
            "a 0 one",
            "line 3: 1 fields where the header has 2: mind quotes and separators",
            "line 4: 3 fields where the header has 2: mind quotes and separators",
            "line 5: a row of more than 200 bytes, more than a document may have",
            "line 6: a row of more than 200 bytes, more than a document may have",
            "f 0 six",
        ]
    );
    let rows = read(RowForm::Csv, b"id,text\na,\xff\nb,two\n", &["text"]);
    assert_eq!(rows, ["line 2: not UTF-8: convert the file", "b 0 two"]);
}

#[test]
fn a_lost_quote_costs_no_memory_and_is_told() {
    let csv = format!("id,text\na,one\nb,\"two\n{}", "c,three\n".repeat(1_000));
    let rows = read(RowForm::Csv, csv.as_bytes(), &["text"]);
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert!(rows[1].starts_with("line 3: a row of more than 200 bytes"), "{rows:?}");
    let rows = read(RowForm::Csv, b"id,text\nb,\"two\nc,3\n", &["text"]);
    assert_eq!(rows, ["line 2: a quote is not closed: all that follows was taken for one field"]);
    assert_eq!(read(RowForm::Csv, b"id,text\nb,\"two\"", &["text"]), ["b 0 two"]);
}
