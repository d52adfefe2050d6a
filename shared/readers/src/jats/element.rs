//! The elements that mean something to the reader of articles, by their local names.

/// What an element is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    Article,
    Front,
    ArticleMeta,
    TitleGroup,
    ArticleTitle,
    Abstract,
    PubDate,
    Year,
    Body,
    /// A paragraph.
    P,
    /// Inside a paragraph it stands apart: a blank goes before and after it.
    Apart,
    /// Contributes nothing.
    Silent,
    /// Only its text counts.
    Plain,
}

impl Element {
    pub(super) fn named(local_name: &str) -> Self {
        match local_name {
            "article" => Self::Article,
            "front" => Self::Front,
            "article-meta" => Self::ArticleMeta,
            "title-group" => Self::TitleGroup,
            "article-title" => Self::ArticleTitle,
            "abstract" => Self::Abstract,
            "pub-date" => Self::PubDate,
            "year" => Self::Year,
            "body" => Self::Body,
            "p" => Self::P,
            "list" | "list-item" | "def-list" | "def-item" | "term" | "def" | "disp-quote"
            | "break" | "title" | "label" => Self::Apart,
            "table-wrap"
            | "table"
            | "fig"
            | "fig-group"
            | "disp-formula"
            | "inline-formula"
            | "tex-math"
            | "math"
            | "supplementary-material"
            | "inline-graphic"
            | "graphic" => Self::Silent,
            _ => Self::Plain,
        }
    }

    /// Whether a blank goes before and after it inside of a paragraph.
    pub(super) fn stands_apart(self) -> bool {
        matches!(self, Self::P | Self::Apart)
    }
}
