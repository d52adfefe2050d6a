//! A place in a text.

/// Bytes `start..end` of a text, on character boundaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
}

impl Span {
    /// The whole of a text.
    pub fn whole(text: &str) -> Self {
        Self { start: 0, end: text.len() }
    }

    /// What stands there.
    ///
    /// # Panics
    /// The span is of another, longer text.
    pub fn of(self, text: &str) -> &str {
        &text[self.start..self.end]
    }
}
