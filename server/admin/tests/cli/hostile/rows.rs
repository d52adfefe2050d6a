//! Hostile rows, and files whose bytes are not what their names say.

use super::case::Case;

pub(crate) fn cases() -> Vec<Case> {
    [lines(), tables(), files()].concat()
}

fn lines() -> Vec<Case> {
    let line = |name, hostile: &[u8], why| {
        let bytes = [hostile, b"\n{\"id\": \"ok\", \"text\": \"good\"}\n"].concat();
        Case::new(name, "r.jsonl", bytes).goes_in("ok").aside("r.jsonl", why)
    };
    let deep = |open: &str| format!("{{\"text\": {}", open.repeat(1_000_000)).into_bytes();
    let long = format!("{{\"id\": \"{}\", \"text\": \"a\"}}", "x".repeat(300)).into_bytes();
    let mut longest = b"{\"text\": \"".to_vec();
    longest.resize(70 << 20, b'x');
    vec![
        line("lines: one of 70 MiB", &longest, "a row of more than 67108864 bytes"),
        line("lines: a million lists inside each other", &deep("["), "not a line of JSON"),
        line("lines: a million objects inside each other", &deep("{\"a\":"), "not a line of JSON"),
        line("lines: a list", b"[1, 2]", "expected an object"),
        line("lines: not UTF-8", b"{\"text\": \"\xff\"}", "not UTF-8"),
        line("lines: half an object", b"{\"text\": \"a", "EOF"),
        line("lines: two objects", b"{\"text\": \"a\"} {\"text\": \"b\"}", "trailing characters"),
        line("lines: a number for a text", b"{\"text\": 1e400}", "not a line of JSON"),
        line(
            "lines: no text",
            b"{\"id\": \"a\"}",
            "none of the fields title, abstract, text, body",
        ),
        line(
            "lines: a control character in an id",
            b"{\"id\": \"a\\u0007\", \"text\": \"a\"}",
            "control",
        ),
        line("lines: a line break in an id", b"{\"id\": \"a\\nb\", \"text\": \"a\"}", "control"),
        line("lines: an id of 300 bytes", &long, "longer than 255"),
        line("lines: an id that is a list", b"{\"id\": [1], \"text\": \"a\"}", "field `id`"),
        Case::new(
            "lines: one id twice",
            "r.jsonl",
            "{\"id\": \"a\", \"text\": \"1\"}\n{\"id\": \"a\", \"text\": \"2\"}\n",
        )
        .goes_in("a")
        .aside("r.jsonl", "document id a is that of"),
        Case::new("lines: cut in the last one", "r.jsonl", "{\"text\": \"1\"}\n{\"text\": \"2")
            .goes_in("r.jsonl:1")
            .aside("r.jsonl", "EOF"),
    ]
}

fn tables() -> Vec<Case> {
    let table = |name, bytes: Vec<u8>, why| {
        Case::new(name, "t.csv", bytes).words(&["--text-column", "text"]).aside("t.csv", why)
    };
    let mut commas = b"id,text\n".to_vec();
    commas.resize(8 << 20, b',');
    commas.extend(b"\nok,good\n");
    let mut open = b"id,text\nok,good\nb,\"open\n".to_vec();
    open.extend(b"c,three\n".repeat(9 << 20));
    let mut heads = vec![b','; 5 << 20];
    heads.extend(b"\n1,2\n");
    vec![
        table(
            "tables: a quote that is never closed",
            b"id,text\nok,good\nb,\"two\nc,3\n".to_vec(),
            "a quote is not closed",
        )
        .goes_in("ok"),
        table("tables: the same before 72 MiB", open, "a row of more than 67108864 bytes")
            .goes_in("ok"),
        table("tables: 8 million commas", commas, "fields where the header has 2").goes_in("ok"),
        table("tables: 5 million columns", heads, "no column `text`"),
        table("tables: too few fields", b"id,text\na\nok,good\n".to_vec(), "1 fields where")
            .goes_in("ok"),
        table("tables: no such column", b"id,body\na,b\n".to_vec(), "no column `text`"),
        table("tables: empty", Vec::new(), "no column `text`"),
        table("tables: not UTF-8", b"id,text\na,\xff\nok,good\n".to_vec(), "not UTF-8")
            .goes_in("ok"),
        table("tables: other bytes", vec![0; 100_000], "no column `text`"),
        table("tables: an id of NULs", b"id,text\n\0\0,a\nok,good\n".to_vec(), "control")
            .goes_in("ok"),
    ]
}

fn files() -> Vec<Case> {
    let deep = "<a>".repeat(1_000_000);
    let laughs =
        "<!DOCTYPE article [<!ENTITY a \"&a;&a;\">]><article><body><p>&a;</p></body></article>";
    vec![
        Case::new("files: an entity of itself", "a.xml", laughs).aside("a.xml", "entity `&a;`"),
        Case::new("files: a million elements inside each other", "a.xml", deep)
            .aside("a.xml", "elements inside each other"),
        Case::new("files: a name with a line break", "a\nb.txt", "text")
            .aside("a\nb.txt", "control character"),
        Case::new("files: a name without an id", ".json", "{}").aside(".json", "no document id"),
        Case::new("files: larger than was allowed", "a.txt", "12345678901")
            .words(&["--max-document", "10"])
            .aside("a.txt", "11 bytes are more than a document may have (10)"),
        Case::new("files: an archive by its name alone", "a.tar.gz", "text")
            .aside("a.tar.gz", "gzip"),
    ]
}
