//! Which files a job's results are handed out in, and from which tables their rows come.

/// One TSV file: a header line of the columns, then one line for each row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Export {
    /// The file's name.
    pub file: &'static str,
    /// Where the rows come from.
    pub source: Source,
    /// The columns, in the file's order.
    pub columns: &'static [&'static str],
    /// The columns that the rows are sorted by; text in byte order.
    pub order: &'static [&'static str],
}

/// Where the rows of a file come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A merged table of the app.
    Table(&'static str),
    /// A table that the app's finish derives.
    Derived(&'static str),
    /// The job's dictionary: [`crate::dictionary::Dictionary::entries`].
    Dictionary,
}
