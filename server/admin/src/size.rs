//! Sizes as people write them: `4096`, `500k`, `64M`, `64 MiB`.

use core::fmt;

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) usize);

/// Text that is no size, or none in its range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SizeWrong {
    /// Neither a number nor a number with a unit.
    Form(String),
    /// Out of range.
    Range {
        /// What was written.
        text: String,
        /// The least and the greatest.
        range: (usize, usize),
    },
}

impl fmt::Display for SizeWrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(text) => write!(f, "{text:?} is no size: write 4096, 500k or 64M"),
            Self::Range { text, range: (least, most) } => {
                write!(f, "{text} is out of range: {least} to {most} bytes")
            }
        }
    }
}

impl std::error::Error for SizeWrong {}

impl Size {
    /// A size from `least` to `most`. Units are powers of 1,024.
    pub(crate) fn within(text: &str, least: usize, most: usize) -> Result<Self, SizeWrong> {
        let form = || SizeWrong::Form(text.to_owned());
        let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let shift = match unit.trim_start().to_ascii_lowercase().as_str() {
            "" | "b" => 0,
            "k" | "kb" | "kib" => 10,
            "m" | "mb" | "mib" => 20,
            "g" | "gb" | "gib" => 30,
            _ => return Err(form()),
        };
        let number: usize = number.parse().map_err(|_| form())?;
        let bytes = number.checked_mul(1 << shift).filter(|bytes| (least..=most).contains(bytes));
        let range = || SizeWrong::Range { text: text.to_owned(), range: (least, most) };
        bytes.map(Self).ok_or_else(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_may_have_a_unit() {
        let size = |text| Size::within(text, 1, 64 << 20).map(|size| size.0);
        for (text, bytes) in
            [("4096", 4_096), ("500k", 512_000), ("64M", 64 << 20), ("1 MiB", 1 << 20), ("7B", 7)]
        {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["", "k", "1.5M", "-1", "1x", "\u{661}"] {
            assert!(matches!(size(text), Err(SizeWrong::Form(_))), "{text}");
        }
        for text in ["0", "65M", "1G", "99999999999999999g"] {
            assert!(matches!(size(text), Err(SizeWrong::Range { .. })), "{text}");
        }
    }
}
