//! Documents and values: what is stored and hashed as well as sent.

use gleaner_shared::document::{Document, Kind};
use gleaner_shared::table::{ColumnType, Value};

use super::{Example, variants};

pub(crate) fn examples() -> Vec<Example> {
    let mut all = variants!(Kind { Cord19: Kind::Cord19, Jats: Kind::Jats, Text: Kind::Text });
    all.extend(variants!(ColumnType { Text: ColumnType::Text, Int: ColumnType::Int }));
    all.extend(variants!(Value {
        Text: Value::Text("\u{3b1}-helix".into()),
        Int: Value::Int(i64::MIN),
    }));
    all.push(Example::new("Document", document()));
    all
}

fn document() -> Document {
    Document {
        id: "PMC1".into(),
        kind: Kind::Jats,
        year: 2003,
        paragraphs: vec!["Fever is common.".into(), "It ends.".into()],
    }
}
