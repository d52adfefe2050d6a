//! docs/limits.md shows every bound of `limits.rs`: its name, value and reason, in their order.
//!
//! After a change: `GLEANER_PAGES=write cargo test -p gleaner-shared --test limits` writes the table.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/limits.rs");
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/limits.md");
const BEGIN: &str = "<!-- bounds: written by a test -->\n";
const END: &str = "<!-- end of bounds -->\n";

/// A constant as it stands in the source.
struct Bound {
    name: String,
    value: String,
    reason: String,
}

fn bounds(source: &str) -> Vec<Bound> {
    let mut found = Vec::new();
    let (mut reason, mut code) = (String::new(), String::new());
    for line in source.lines().map(str::trim) {
        if let Some(words) = line.strip_prefix("///") {
            reason += words;
        } else if line.starts_with("pub const ") || !code.is_empty() {
            code += line;
            code.push(' ');
            if line.ends_with(';') {
                found.push(bound(&code, reason.trim()));
                (reason, code) = (String::new(), String::new());
            }
        }
    }
    found
}

fn bound(code: &str, reason: &str) -> Bound {
    let rest = code.strip_prefix("pub const ").expect("a constant");
    let (name, rest) = rest.split_once(": ").expect("its type");
    let (_, value) = rest.split_once(" = ").expect("its value");
    let value = value.trim_end().trim_end_matches(';').to_owned();
    let reason = reason.replace(['[', ']'], "").replace('|', "\\|");
    Bound { name: name.to_owned(), value, reason }
}

/// A value for people; `known` has the expressions of the constants before it.
fn shown(name: &str, value: &str, known: &BTreeMap<String, String>) -> String {
    if let Some(pair) = value.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'))
        && let Some((first, second)) = pair.split_once(", ")
    {
        return format!("{} and {}", shown(name, first, known), shown(name, second, known));
    }
    let inside = |start: &str| value.strip_prefix(start)?.strip_suffix(')');
    if let Some(ms) = inside("Millis(") {
        return span(number(ms, known));
    }
    if let Some(seconds) = inside("Millis::from_seconds(") {
        return span(1_000 * number(seconds, known));
    }
    if let Some(micros) = inside("core::time::Duration::from_micros(") {
        return format!("{} µs", grouped(number(micros, known)));
    }
    let number = number(value, known);
    match name {
        _ if name.contains("SECONDS") => span(1_000 * number),
        _ if name.contains("BYTES") || value.contains("1024") => bytes(number),
        _ => grouped(number),
    }
}

/// A product of numbers and names of constants.
fn number(text: &str, known: &BTreeMap<String, String>) -> u64 {
    let factor = |factor: &str| match factor.replace('_', "").parse() {
        Ok(number) => number,
        Err(_) => {
            let value = known.get(factor).unwrap_or_else(|| panic!("{factor} is no number"));
            number(value, known)
        }
    };
    text.split(" * ").map(factor).product()
}

fn span(ms: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(86_400_000, "d"), (60_000, "min"), (1_000, "s")];
    let whole = UNITS.iter().find(|(unit, _)| ms >= 2 * unit && ms.is_multiple_of(*unit));
    let whole = whole.or_else(|| UNITS.iter().find(|(unit, _)| ms == *unit));
    whole.map_or_else(
        || format!("{} ms", grouped(ms)),
        |(unit, word)| format!("{} {word}", ms / unit),
    )
}

fn bytes(count: u64) -> String {
    const UNITS: [(u64, &str); 2] = [(1 << 20, "MiB"), (1 << 10, "KiB")];
    let whole = UNITS.iter().find(|(unit, _)| count > 0 && count.is_multiple_of(*unit));
    whole.map_or_else(|| grouped(count), |(unit, word)| format!("{} {word}", grouped(count / unit)))
}

/// With a comma every three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn table(source: &str) -> String {
    let mut known = BTreeMap::new();
    let mut table =
        String::from("| constant | value | what it bounds, and why so |\n|---|---|---|\n");
    for Bound { name, value, reason } in bounds(source) {
        let shown = shown(&name, &value, &known);
        writeln!(table, "| `{name}` | {shown} | {reason} |").expect("memory");
        known.insert(name, value);
    }
    table
}

#[test]
fn the_page_of_limits_is_the_sources() {
    let source = fs::read_to_string(SOURCE).unwrap();
    let page = fs::read_to_string(PAGE).unwrap();
    let wanted = table(&source);
    let (before, rest) = page.split_once(BEGIN).expect("the page has the table's beginning");
    let (found, after) = rest.split_once(END).expect("the page has the table's end");
    if found != wanted && std::env::var("GLEANER_PAGES").is_ok_and(|word| word == "write") {
        fs::write(PAGE, format!("{before}{BEGIN}{wanted}{END}{after}")).unwrap();
        return;
    }
    let mut lines = found.lines().zip(wanted.lines());
    let other = lines.find(|(found, wanted)| found != wanted);
    assert_eq!(found, wanted, "GLEANER_PAGES=write puts it right; the first other line: {other:?}");
}

#[test]
fn every_constant_is_shown() {
    let source = fs::read_to_string(SOURCE).unwrap();
    let declared = source.matches("pub const ").count();
    assert_eq!(bounds(&source).len(), declared);
    assert!(bounds(&source).iter().all(|bound| !bound.reason.is_empty()));
}

#[test]
fn values_are_shown_with_their_unit() {
    let known = BTreeMap::from([("A_MAX".to_owned(), "64 * 1024".to_owned())]);
    for (name, value, wanted) in [
        ("FRAME_BYTES_MAX", "64 * 1024", "64 KiB"),
        ("B_BYTES_MAX", "2 * A_MAX", "128 KiB"),
        ("TEXT_BYTES_MAX", "2_048", "2 KiB"),
        ("NAME_BYTES_MAX", "64", "64"),
        ("LEASES_MAX", "1_000_000", "1,000,000"),
        ("KEEP_ALIVE", "Millis(1_500)", "1,500 ms"),
        ("LEASE_DEFAULT", "Millis::from_seconds(600)", "10 min"),
        (
            "LEASE_RANGE",
            "(Millis::from_seconds(5), Millis::from_seconds(7 * 86_400))",
            "5 s and 7 d",
        ),
        ("INVITE_SECONDS_MAX", "366 * 86_400", "366 d"),
    ] {
        assert_eq!(shown(name, value, &known), wanted, "{name}");
    }
}
