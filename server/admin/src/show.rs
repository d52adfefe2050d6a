//! Numbers, sizes, times and tables as people read them, within 80 columns.

use core::time::Duration;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use gleaner_shared::wire::stream::Role;
use jiff::Timestamp;

use crate::escape::escaped;

/// Columns of a terminal that everything fits in.
pub(crate) const WIDTH: u16 = 80;

/// `41,207`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// `1 document`, `2 documents`: the noun takes an `s` unless it is one.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(number))
}

/// `12.4 MiB`.
pub(crate) fn bytes(number: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if number < 1_024 {
        return format!("{number} B");
    }
    let mut tenths = u128::from(number) * 10 / 1_024;
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1_024;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

/// `14 s`, `3 min`, `2 h 6 min`, `5 d 3 h`.
pub(crate) fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match seconds {
        0..90 => format!("{seconds} s"),
        90..3_600 => format!("{minutes} min"),
        3_600..86_400 => format!("{hours} h {} min", minutes % 60),
        _ => format!("{days} d {} h", hours % 24),
    }
}

/// `2026-11-24 02:20 UTC`.
pub(crate) fn moment(unix_seconds: i64) -> String {
    match Timestamp::from_second(unix_seconds) {
        Ok(at) => at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        Err(_) => format!("second {unix_seconds}"),
    }
}

/// How long a stretch of the wall clock was; 0 if it went backwards.
pub(crate) fn between(from_unix_seconds: i64, to_unix_seconds: i64) -> Duration {
    Duration::from_secs(to_unix_seconds.saturating_sub(from_unix_seconds).max(0).unsigned_abs())
}

/// A role in a word.
pub(crate) fn role(role: Role) -> &'static str {
    match role {
        Role::Own => "trusted",
        Role::Volunteer => "volunteer",
        Role::Admin => "admin",
    }
}

/// On which side a column stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Side {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// A table without lines. All cells are escaped here. Long cells are broken into several lines.
pub(crate) fn table(
    header: &[(&str, Side)],
    rows: impl IntoIterator<Item = Vec<String>>,
) -> String {
    let mut table = Table::new();
    table.force_no_tty().load_style(NOTHING).set_width(WIDTH);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header.iter().map(|(name, _)| *name));
    for row in rows {
        table.add_row(row.iter().map(|cell| escaped(cell).into_owned()));
    }
    for (index, (_, side)) in header.iter().enumerate() {
        let Some(column) = table.column_mut(index) else { continue };
        column.set_padding((0, 2));
        if matches!(side, Side::Right) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Names and values under a heading, indented; values are escaped here and broken if long.
pub(crate) fn facts<'a>(facts: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let rows = facts.into_iter().map(|(name, value)| vec![format!("  {name}"), value]);
    let text = table(&[("", Side::Left), ("", Side::Left)], rows);
    text.trim_start_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        let cases = [(0, "0"), (999, "999"), (1_000, "1,000"), (41_207, "41,207")];
        for (number, shown) in cases {
            assert_eq!(count(number), shown);
        }
        assert_eq!(count(u64::MAX), "18,446,744,073,709,551,615");
        assert_eq!(counted(1, "unit"), "1 unit");
        assert_eq!(counted(0, "unit"), "0 units");
    }

    #[test]
    fn sizes_and_spans_are_short() {
        let sizes = [(0, "0 B"), (1_023, "1023 B"), (1_024, "1.0 KiB"), (13_002_343, "12.4 MiB")];
        for (number, shown) in sizes {
            assert_eq!(bytes(number), shown);
        }
        assert_eq!(bytes(u64::MAX), "16777215.9 TiB");
        let spans =
            [(0, "0 s"), (89, "89 s"), (90, "1 min"), (7_560, "2 h 6 min"), (90_000, "1 d 1 h")];
        for (seconds, shown) in spans {
            assert_eq!(span(Duration::from_secs(seconds)), shown);
        }
    }

    #[test]
    fn moments_are_utc() {
        assert_eq!(moment(0), "1970-01-01 00:00 UTC");
        assert_eq!(moment(i64::MAX), "second 9223372036854775807");
        assert_eq!(between(10, 5), Duration::ZERO);
        assert_eq!(between(i64::MIN, i64::MAX), Duration::from_secs(i64::MAX.unsigned_abs()));
    }

    #[test]
    fn tables_fit_and_hide_no_command() {
        let rows = [
            vec!["a".to_owned(), "7".to_owned()],
            vec!["word ".repeat(60) + "\u{1b}[2J" + &"x".repeat(200), "12,000".to_owned()],
        ];
        let text = table(&[("NAME", Side::Left), ("UNITS", Side::Right)], rows);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert!(!text.contains('\u{1b}'));
        assert!(text.starts_with("NAME"), "{text}");
        assert!(text.lines().nth(1).unwrap().ends_with("     7"), "{text}");
    }
}
