//! Many strings in one: a million keys must not be a million allocations.

/// Strings one after another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    /// Appends a string. All together stay under 4 GiB: compiling and decoding hold them under
    /// the limit of an artefact.
    pub(crate) fn push(&mut self, string: &str) {
        self.text.push_str(string);
        self.ends.push(u32::try_from(self.text.len()).expect("an artefact is under 4 GiB"));
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The string at a place.
    #[inline]
    pub(crate) fn at(&self, index: usize) -> &str {
        let (start, end) = self.bounds(index);
        &self.text[start..end]
    }

    /// The string's bytes: no check of character boundaries in the matcher's inner loop.
    #[inline]
    pub(crate) fn bytes_at(&self, index: usize) -> &[u8] {
        let (start, end) = self.bounds(index);
        &self.text.as_bytes()[start..end]
    }

    #[inline]
    fn bounds(&self, index: usize) -> (usize, usize) {
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize };
        (start, self.ends[index] as usize)
    }

    pub(crate) fn last(&self) -> Option<&str> {
        self.len().checked_sub(1).map(|index| self.at(index))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.at(index))
    }

    /// The place of a string, if they are sorted.
    pub(crate) fn find(&self, string: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.at(middle).cmp(string) {
                core::cmp::Ordering::Less => low = middle + 1,
                core::cmp::Ordering::Equal => return Some(middle),
                core::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_string_is_found_at_its_place() {
        let list = ["", "a", "ab", "b\u{e9}"];
        let mut strings = Strings::default();
        assert_eq!(strings.last(), None);
        for string in list {
            strings.push(string);
            assert_eq!(strings.last(), Some(string));
        }
        assert_eq!(strings.iter().collect::<Vec<_>>(), list);
        for (index, string) in list.iter().enumerate() {
            assert_eq!(strings.find(string), Some(index));
            assert_eq!(strings.bytes_at(index), string.as_bytes());
        }
        assert_eq!((strings.find("aa"), strings.find("c")), (None, None));
    }
}
