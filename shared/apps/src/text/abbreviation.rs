//! The join list of S1: a full stop after one of these ends no sentence.

/// When a boundary after an abbreviation is dropped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joins {
    Always,
    BeforeDigit,
    Never,
}

/// Whether the boundary at `at` is dropped: the text before it, without trailing blanks, ends in an
/// abbreviation that no ASCII letter or digit stands before.
pub(crate) fn joined(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches(' ').as_bytes();
    let Some(before) = before.strip_suffix(b".") else { return false };
    match joins(before) {
        Joins::Always => true,
        Joins::BeforeDigit => text.as_bytes().get(at).is_some_and(u8::is_ascii_digit),
        Joins::Never => false,
    }
}

/// By what stands before the full stop.
fn joins(before: &[u8]) -> Joins {
    let letters = before.iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let (rest, word) = before.split_at(before.len() - letters);
    if rest.last().is_some_and(u8::is_ascii_digit) {
        return Joins::Never;
    }
    match word {
        b"Dr" | b"Drs" | b"Eq" | b"Eqs" | b"Fig" | b"Figs" | b"Mr" | b"Mrs" | b"Ms" | b"Prof"
        | b"Ref" | b"Refs" | b"St" | b"al" | b"approx" | b"ca" | b"cf" | b"fig" | b"figs"
        | b"resp" | b"vs" => Joins::Always,
        b"No" | b"Nos" | b"Sec" | b"Suppl" | b"Tab" | b"Vol" | b"no" | b"nos" | b"p" | b"pp"
        | b"vol" => Joins::BeforeDigit,
        b"g" if follows(rest, b"e.") => Joins::Always,
        b"e" if follows(rest, b"i.") => Joins::Always,
        _ => Joins::Never,
    }
}

/// Whether `rest` ends in the first half of `e.g` or `i.e`, at the start of a word.
fn follows(rest: &[u8], half: &[u8]) -> bool {
    rest.strip_suffix(half).is_some_and(|rest| !rest.last().is_some_and(u8::is_ascii_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rule as it is written.
    fn plain(text: &str, at: usize) -> bool {
        let always = "Dr. Drs. Eq. Eqs. Fig. Figs. Mr. Mrs. Ms. Prof. Ref. Refs. St. al. approx. \
                      ca. cf. e.g. fig. figs. i.e. resp. vs.";
        let digit = "No. Nos. Sec. Suppl. Tab. Vol. no. nos. p. pp. vol.";
        let before = text[..at].trim_end_matches(' ');
        let listed = |list: &str| {
            list.split(' ').any(|word| {
                before.strip_suffix(word).is_some_and(|rest| {
                    !rest.bytes().next_back().is_some_and(|byte| byte.is_ascii_alphanumeric())
                })
            })
        };
        listed(always)
            || listed(digit) && text[at..].bytes().next().is_some_and(|byte| byte.is_ascii_digit())
    }

    #[test]
    fn the_list_joins_and_nothing_else_does() {
        let words = "Dr Drs Eq Eqs Fig Figs Mr Mrs Ms Prof Ref Refs St al approx ca cf e.g fig \
                     figs i.e resp vs No Nos Sec Suppl Tab Vol no nos p pp vol g e dr FIG Figss x";
        let mut joins = 0;
        for word in words.split(' ') {
            for lead in ["", " ", "(", "1", "x", "X", "_", ".", "\u{e9}", "e.", "i.", "1e.", "i.i."]
            {
                for (gap, next) in [(". ", "7"), (". ", "A"), (".", ""), (" ", "7"), (".) ", "7")] {
                    let (text, at) =
                        (format!("{lead}{word}{gap}{next}"), lead.len() + word.len() + gap.len());
                    assert_eq!(joined(&text, at), plain(&text, at), "{text:?}");
                    joins += usize::from(joined(&text, at));
                }
            }
        }
        assert!(joins > 500, "only {joins}");
    }
}
