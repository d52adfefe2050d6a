//! Promises of the canonical form.

use proptest::prelude::*;

use super::*;
use crate::table::{Column, Spread};

const WORDS: Table = Table {
    name: "words",
    columns: &[
        Column { name: "word", kind: ColumnType::Text, rule: Rule::Key },
        Column { name: "at", kind: ColumnType::Int, rule: Rule::Key },
        Column { name: "count", kind: ColumnType::Int, rule: Rule::Sum },
        Column { name: "longest", kind: ColumnType::Int, rule: Rule::Max },
    ],
    spread: Spread::Shared,
};

fn row(word: &str, at: i64, count: i64, longest: i64) -> Row {
    [Value::Text(word.into()), Value::Int(at), Value::Int(count), Value::Int(longest)].into()
}

proptest! {
    #[test]
    fn order_of_emission_means_nothing(
        rows in prop::collection::vec(("[a-c]{0,2}", -3..3_i64, 0..9_i64, any::<i64>()), 0..40),
        seed in any::<u64>(),
    ) {
        let rows: Vec<Row> = rows.iter().map(|(w, a, c, l)| row(w, *a, *c, *l)).collect();
        let mut shuffled = rows.clone();
        let mut state = seed | 1;
        for i in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(i, usize::try_from(state >> 33).unwrap() % (i + 1));
        }
        let one = encode(&[WORDS], &mut [rows].into()).unwrap();
        let two = encode(&[WORDS], &mut [shuffled].into()).unwrap();
        prop_assert_eq!(&one, &two);
        let mut back = decode(&[WORDS], &one).unwrap();
        prop_assert_eq!(encode(&[WORDS], &mut back).unwrap(), one);
    }

    #[test]
    fn any_bytes_are_refused_or_canonical(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        if let Ok(mut records) = decode(&[WORDS], &bytes) {
            prop_assert_eq!(encode(&[WORDS], &mut records).unwrap(), bytes);
        }
    }
}

#[test]
fn hostile_bytes_are_refused() {
    let huge_count = [0xff, 0xff, 0xff, 0xff, 0x7f];
    let huge_text = [1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
    let long_zero = [0x80, 0x00];
    let trailing = [0, 0];
    let nul = [1, 1, 0, 0, 0, 0];
    for bytes in [&huge_count[..], &huge_text, &long_zero, &trailing, &nul, &[]] {
        assert!(decode(&[WORDS], bytes).is_err(), "{bytes:?}");
    }
}

#[test]
fn what_cannot_be_combined_is_an_error() {
    let overflow = [row("a", 0, i64::MAX, 0), row("a", 0, 1, 0)].into();
    assert_eq!(encode(&[WORDS], &mut [overflow].into()), Err(RecordError::Overflow("words")));
    let short = [Vec::from([Value::Int(1)])].into();
    assert_eq!(encode(&[WORDS], &mut [short].into()), Err(RecordError::Shape("words")));
}

#[test]
fn packed_bytes_declare_their_size() {
    let bytes = [7_u8; 100_000];
    let packed = pack(&bytes).unwrap();
    assert_eq!(unpack(&packed, 100_000).unwrap(), bytes);
    for lie in [0, 99_999, 100_001, u64::MAX] {
        assert!(unpack(&packed, lie).is_err());
    }
}
