//! The rules of what is taken from a JATS article, one case each.

use gleaner_readers::{BrokenDocument, Years, read_document};
use gleaner_shared::document::{Document, Kind};

fn read(text: &str) -> Result<Document, BrokenDocument> {
    read_document(Kind::Jats, "x".to_owned(), text.as_bytes(), &Years::empty())
}

/// The paragraphs of a file, blanks shown as they are.
fn check(text: &str, expected: &[&str]) {
    let document = read(text).unwrap_or_else(|broken| panic!("{text}: {broken}"));
    assert_eq!(document.paragraphs, expected, "{text}");
}

/// The paragraphs of an article with this body.
fn body(text: &str, expected: &[&str]) {
    check(&format!("<article><body>{text}</body></article>"), expected);
}

fn breaks(text: &str, expected: &str) {
    let broken = read(text).expect_err(text);
    assert_eq!(broken.to_string(), expected, "{text}");
}

#[test]
fn title_then_abstracts_then_body() {
    check(
        "<article><body><p>d</p></body><front><journal-meta><journal-title>no</journal-title>
         </journal-meta><article-meta><abstract><title>no</title><sec><p>b</p></sec></abstract>
         <title-group><article-title>a</article-title><subtitle>no</subtitle></title-group>
         <abstract abstract-type='short'><p>c</p></abstract><trans-abstract><p>no</p>
         </trans-abstract></article-meta></front><back><p>no</p><ref><article-title>no
         </article-title></ref></back><sub-article><body><p>no</p></body></sub-article></article>",
        &["a", "b", "c", "d"],
    );
    check("<article/>", &[]);
}

#[test]
fn a_paragraph_in_a_paragraph_is_part_of_it() {
    body("<p>a<p>b</p>c</p><sec><title>no</title><p>d</p></sec>", &["a b c", "d"]);
    body("<disp-quote><p>a</p></disp-quote>", &["a"]);
}

#[test]
fn text_has_nothing_between_its_nodes() {
    body("<p>a<italic>b</italic>c<xref>[1]</xref></p>", &["abc[1]"]);
    body("<p>a<!-- b -->c<?d e?>f</p>", &["acf"]);
    body("<p>a<![CDATA[<b> &amp;]]>c</p>", &["a<b> &amp;c"]);
    body("<p>&lt;&#65;&#x42;&amp;&quot;&apos;&gt;</p>", &["<AB&\"'>"]);
    body("<p/>", &[""]);
}

#[test]
fn elements_that_stand_apart_have_blanks_around() {
    for name in ["p", "list", "list-item", "def-list", "def-item", "term", "def", "disp-quote"] {
        body(&format!("<p>a<{name}>b</{name}>c</p>"), &["a b c"]);
    }
    for name in ["break", "title", "label"] {
        body(&format!("<p>a<{name}>b</{name}>c</p>"), &["a b c"]);
        body(&format!("<p>a<{name}/>c</p>"), &["a  c"]);
    }
    body("<p>a<x:list xmlns:x='y'><list-item/></x:list>c</p>", &["a    c"]);
}

#[test]
fn silent_elements_contribute_nothing_but_what_follows_stays() {
    for name in [
        "table-wrap",
        "table",
        "fig",
        "fig-group",
        "disp-formula",
        "inline-formula",
        "tex-math",
        "mml:math",
        "supplementary-material",
        "inline-graphic",
        "graphic",
    ] {
        body(&format!("<p>a<{name}>b<p>c</p><{name}>d</{name}>e</{name}>f</p>"), &["af"]);
        body(&format!("<{name}><p>a</p></{name}><p>b</p>"), &["b"]);
    }
    body("<p>a<fig/>b<list>c</list></p>", &["ab c "]);
}

#[test]
fn the_article_is_the_root_or_a_child_of_it() {
    check("<set><x/><article><body><p>a</p></body></article></set>", &["a"]);
    check("<n:article xmlns:n='x'><n:body><n:p>a</n:p></n:body></n:article>", &["a"]);
    check("<s><article><body><p>a</p></body></article><article><body/></article></s>", &["a"]);
    let none = "line 1, column 1: not a JATS article: the root is `a`, and no child of it is \
                `article`";
    breaks("<a><b><article/></b></a>", none);
    breaks("<a/>", none);
}

#[test]
fn the_least_year_of_four_digits_counts() {
    let dates = |years: &[&str]| {
        let dates: String = years
            .iter()
            .map(|year| format!("<pub-date><day>1</day><year>{year}</year></pub-date>"))
            .collect();
        let text =
            format!("<article><front><article-meta>{dates}</article-meta></front></article>");
        read(&text).expect("an article").year
    };
    assert_eq!(dates(&["2011", "2009", "2010"]), 2009);
    assert_eq!(dates(&["99", "20100", " 2010\n", "200x", "+201"]), 2010);
    assert_eq!(dates(&[""]), 0);
    let elsewhere = "<article><front><article-meta><history><date><year>1999</year></date>\
                     </history></article-meta></front></article>";
    assert_eq!(read(elsewhere).expect("an article").year, 0);
}

#[test]
fn the_year_of_metadata_wins() {
    let metadata = "publish_time,pdf_json_files,pmc_json_files\n2001-01-01,x.json,\n";
    let years = Years::read(metadata.as_bytes()).expect("metadata");
    let text = b"<article><front><article-meta><pub-date><year>1999</year></pub-date>\
                 </article-meta></front></article>";
    let year = |kind, bytes: &[u8]| {
        read_document(kind, "x".to_owned(), bytes, &years).expect("a document").year
    };
    assert_eq!(year(Kind::Jats, text), 2001);
    assert_eq!(year(Kind::Cord19, b"{\"abstract\": []}"), 2001);
    assert_eq!(year(Kind::Text, b"a"), 0);
}

#[test]
fn a_doctype_is_skipped_and_its_entities_are_unknown() {
    check(
        "<?xml version='1.0'?>\n<!DOCTYPE article PUBLIC \"-//x//\" \"http://x/y.dtd\">\n<article/>\n",
        &[],
    );
    breaks(
        "<!DOCTYPE article [<!ENTITY a 'b'>]>\n<article><body><p>&a;</p></body></article>",
        "line 2, column 19: entity `&a;` is unknown: only XML's own five and numbers are read, \
         DTDs are not",
    );
    breaks(
        "<article><table>&nbsp;</table></article>",
        "line 1, column 17: entity `&nbsp;` is unknown: only XML's own five and numbers are read, \
         DTDs are not",
    );
}

#[test]
fn what_is_not_well_formed_breaks_with_its_place() {
    for (text, expected) in [
        ("", "line 1, column 1: not well-formed XML: no element in it"),
        ("<article>\n<body>", "line 2, column 7: the file ends inside `body`: it was cut"),
        (
            "<article>\n</body>",
            "line 2, column 1: not well-formed XML: ill-formed document: expected `</article>`, \
             but `</body>` was found",
        ),
        ("<article/><article/>", "line 1, column 11: not well-formed XML: a second root element"),
        ("plain text", "line 1, column 1: not well-formed XML: text outside of the root element"),
        (
            "<article>&#0;</article>",
            "line 1, column 10: not well-formed XML: invalid character reference: 0x0 character \
             is not permitted in XML",
        ),
    ] {
        breaks(text, expected);
    }
    for text in
        ["<article", "<article>a & b</article>", "<article><!-- </article>", "<article a='>"]
    {
        assert!(read(text).expect_err(text).position.is_some(), "{text}");
    }
}
