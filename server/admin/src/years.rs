//! Years on the command line: `2010-2013,2015`.

use core::fmt;
use core::str::FromStr;

use gleaner_shared::limits::YEAR_RANGES_MAX;
use gleaner_shared::wire::admin::query::YearRange;

/// Ranges of years, at least one, at most [`YEAR_RANGES_MAX`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct YearRanges(pub(crate) Vec<YearRange>);

/// Text that is no list of years.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum YearsWrong {
    /// A part is neither a year nor two years with a `-` between them.
    Form(String),
    /// A range ends before it begins.
    Backwards(String),
    /// Too many parts.
    TooMany(usize),
}

impl fmt::Display for YearsWrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(part) => {
                write!(f, "{part:?} is no year and no range: write 2015 or 2010-2013")
            }
            Self::Backwards(part) => write!(f, "range {part} ends before it begins"),
            Self::TooMany(parts) => write!(f, "{parts} ranges; at most {YEAR_RANGES_MAX} fit"),
        }
    }
}

impl std::error::Error for YearsWrong {}

impl FromStr for YearRanges {
    type Err = YearsWrong;

    fn from_str(text: &str) -> Result<Self, YearsWrong> {
        let parts = text.split(',').count();
        if parts > YEAR_RANGES_MAX {
            return Err(YearsWrong::TooMany(parts));
        }
        text.split(',').map(|part| range(part.trim())).collect::<Result<_, _>>().map(Self)
    }
}

fn range(part: &str) -> Result<YearRange, YearsWrong> {
    let (first, last) = part.split_once('-').unwrap_or((part, part));
    let range = year(first)
        .zip(year(last))
        .map(|(first, last)| YearRange { first, last })
        .ok_or_else(|| YearsWrong::Form(part.to_owned()))?;
    if range.first > range.last {
        return Err(YearsWrong::Backwards(part.to_owned()));
    }
    Ok(range)
}

/// Up to four digits; 0 stands for unknown.
fn year(text: &str) -> Option<u16> {
    let plain = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_single_years_mix() {
        let cases: [(&str, &[(u16, u16)]); 5] = [
            ("2015", &[(2015, 2015)]),
            ("2010-2013,2015", &[(2010, 2013), (2015, 2015)]),
            ("2010-2010", &[(2010, 2010)]),
            ("0", &[(0, 0)]),
            ("1999, 2001-2002", &[(1999, 1999), (2001, 2002)]),
        ];
        for (text, ranges) in cases {
            let YearRanges(found) = text.parse().unwrap();
            let found: Vec<_> = found.iter().map(|range| (range.first, range.last)).collect();
            assert_eq!(found, ranges, "{text}");
        }
    }

    #[test]
    fn what_is_no_year_is_refused() {
        for text in
            ["", ",", "2010-", "-2010", "20100", "+201", "a", "2010-2011-2012", "2010,,2011"]
        {
            assert!(matches!(text.parse::<YearRanges>(), Err(YearsWrong::Form(_))), "{text}");
        }
        let backwards = "2015-2010".parse::<YearRanges>();
        assert_eq!(backwards, Err(YearsWrong::Backwards("2015-2010".to_owned())));
        let many = vec!["2000"; YEAR_RANGES_MAX + 1].join(",");
        assert_eq!(many.parse::<YearRanges>(), Err(YearsWrong::TooMany(YEAR_RANGES_MAX + 1)));
    }
}
