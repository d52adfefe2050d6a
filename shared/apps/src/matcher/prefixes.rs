//! Which keys a text begins with.
//!
//! Keys are sorted. The greatest key that is not greater than the text is the longest that it
//! begins with, or has all those as its own beginnings: whatever lies between a beginning of the
//! text and the text begins so too. So one binary search and a chain of links find them all.

use core::ops::RangeInclusive;

use crate::dictionary::Strings;

/// For each key, the longest other key that it begins with.
#[derive(Debug)]
pub(crate) struct Prefixes {
    links: Vec<u32>,
}

/// A key that begins with no other.
const NONE: u32 = u32::MAX;

impl Prefixes {
    /// Of sorted keys.
    pub(crate) fn of(keys: &Strings) -> Self {
        let mut links = Vec::with_capacity(keys.len());
        for index in 0..keys.len() {
            let key = keys.bytes_at(index);
            let mut link = index.checked_sub(1).and_then(|before| u32::try_from(before).ok());
            while let Some(other) = link
                && !key.starts_with(keys.bytes_at(other as usize))
            {
                link = Some(links[other as usize]).filter(|link| *link != NONE);
            }
            links.push(link.unwrap_or(NONE));
        }
        Self { links }
    }

    /// The keys that `text` begins with, the longest first: all of them that lie in `range`, and
    /// maybe others.
    #[inline]
    pub(crate) fn of_text<'a>(
        &'a self,
        keys: &'a Strings,
        range: RangeInclusive<usize>,
        text: &'a [u8],
    ) -> impl Iterator<Item = usize> + 'a {
        let (first, mut low, mut high) = (*range.start(), *range.start(), *range.end() + 1);
        while low < high {
            let middle = low.midpoint(high);
            if keys.bytes_at(middle) <= text {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let greatest = if low == first { None } else { Some(low - 1) };
        core::iter::successors(greatest, |key| {
            let link = self.links[*key];
            (link != NONE).then_some(link as usize)
        })
        .filter(move |key| text.starts_with(keys.bytes_at(*key)))
    }
}
