//! `result export`: files byte for byte.

use gleaner_shared::table::{ColumnType, Value};
use gleaner_shared::wire::admin::result::ExportFile;
use gleaner_shared::wire::admin::{Reply, Request};

use crate::place::{Place, Ran, asked, reply, text};

async fn export(place: &Place, words: &[&str]) -> Ran {
    let listener = place.listen();
    let running = place.run(&[&["result", "export", "demo", "--to", "out"], words].concat());
    let mut stream = asked(&listener, Request::ResultExports { job: "demo".into() }).await;
    let file = ExportFile {
        name: "words".into(),
        columns: vec!["word".into(), "count".into()],
        types: vec![ColumnType::Text, ColumnType::Int],
        rows: 3,
    };
    reply(&mut stream, Reply::Exports(vec![file])).await;
    let row = |word: &str, count| vec![Value::Text(word.into()), Value::Int(count)];
    let (job, file) = ("demo".to_owned(), "words".to_owned());
    let serve = async {
        let mut stream = asked(&listener, Request::ResultRows { job, file }).await;
        reply(&mut stream, Reply::Rows(vec![row("a", 1), row("b \"c\"", 2)])).await;
        reply(&mut stream, Reply::Rows(vec![row("z", -3)])).await;
        reply(&mut stream, Reply::Done).await;
        // Until the program has gone.
        let _ended = stream.receive_or_end::<Request>().await;
    };
    let mut running = running;
    let ran = tokio::select! {
        ran = &mut running => ran,
        () = serve => running.await,
    };
    place.hang_up(listener);
    ran.expect("the program ran")
}

#[tokio::test]
async fn each_format_is_written_as_it_is_defined() {
    for (format, lines) in [
        ("tsv", "word\tcount\na\t1\nb \"c\"\t2\nz\t-3\n"),
        ("csv", "word,count\r\na,1\r\n\"b \"\"c\"\"\",2\r\nz,-3\r\n"),
        (
            "jsonl",
            "{\"word\":\"a\",\"count\":1}\n{\"word\":\"b \\\"c\\\"\",\"count\":2}\n\
             {\"word\":\"z\",\"count\":-3}\n",
        ),
    ] {
        let place = Place::new();
        let ran = export(&place, &["--format", format]).await;
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(text(&place.path(&format!("out/words.{format}"))), lines);
        assert!(ran.out.starts_with("out  1 file, 3 rows, "), "{}", ran.out);
        assert_eq!(std::fs::read_dir(place.path("out")).unwrap().count(), 2);
        assert!(text(&place.path("out/manifest.json")).contains("\"blake3\": \""));
        let verified = place.bare(&["result", "verify", "out"]);
        assert_eq!(crate::place::ran(verified).code, 0);
        place.file(&format!("out/words.{format}"), "other");
        let verified = place.bare(&["result", "verify", "out"]);
        assert_eq!(crate::place::ran(verified).code, 11);
    }
}

#[tokio::test]
async fn nothing_is_overwritten_unless_forced() {
    let place = Place::new();
    place.file("out/words.tsv", "mine");
    let refused = export(&place, &[]).await;
    assert_eq!(refused.code, 5, "{refused:?}");
    assert_eq!(text(&place.path("out/words.tsv")), "mine");
    assert_eq!(export(&place, &["--force"]).await.code, 0);
    assert!(text(&place.path("out/words.tsv")).starts_with("word\tcount\n"));
}
