//! One hostile input, and what has to become of it.

/// A file, and what is expected of it.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// What is hostile about it.
    pub(crate) name: &'static str,
    /// The file's name.
    pub(crate) file: &'static str,
    pub(crate) bytes: Vec<u8>,
    /// Further words of the command line.
    pub(crate) words: &'static [&'static str],
    /// Documents that go in.
    pub(crate) ids: Vec<String>,
    /// What is set aside: the end of the source, a part of the reason, in order.
    pub(crate) asides: Vec<(String, &'static str)>,
}

impl Case {
    pub(crate) fn new(name: &'static str, file: &'static str, bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self { name, file, bytes, words: &[], ids: Vec::new(), asides: Vec::new() }
    }

    pub(crate) fn words(mut self, words: &'static [&'static str]) -> Self {
        self.words = words;
        self
    }

    /// A document that goes in.
    pub(crate) fn goes_in(mut self, id: &str) -> Self {
        self.ids.push(id.to_owned());
        self
    }

    /// Something that is set aside, with a part of the reason.
    pub(crate) fn aside(mut self, source: impl Into<String>, why: &'static str) -> Self {
        self.asides.push((source.into(), why));
        self
    }

    /// Whether exactly this was set aside.
    pub(crate) fn fits(&self, asides: &[(String, String)]) -> bool {
        let fits = |((source, why), (found, reason)): (&(String, &str), &(String, String))| {
            found.ends_with(source.as_str()) && reason.contains(why)
        };
        asides.len() == self.asides.len() && self.asides.iter().zip(asides).all(fits)
    }
}
