//! Which columns of a row are its text, its id and its year.

/// Columns by name; empty ones stand for the usual names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// Texts, in the order of the document's paragraphs.
    pub text: Vec<String>,
    /// The document's id.
    pub id: Option<String>,
    /// The year of publication.
    pub year: Option<String>,
}

/// Usual names, the first that a row has counts.
const IDS: [&str; 3] = ["id", "paper_id", "_id"];
const YEARS: [&str; 2] = ["year", "publish_time"];
/// Usual names of fields of JSON lines; all that a row has count.
const TEXTS: [&str; 4] = ["title", "abstract", "text", "body"];

/// What a column is for. The number is its place among its like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Text(usize),
    Id(usize),
    Year(usize),
}

impl Columns {
    /// What the column of this name is for.
    pub(super) fn roles(&self, name: &str) -> impl Iterator<Item = Role> {
        let place = |found: Option<usize>, role: fn(usize) -> Role| found.map(role);
        let text = match self.text.is_empty() {
            true => TEXTS.iter().position(|usual| *usual == name),
            false => self.text.iter().position(|wanted| wanted == name),
        };
        let one = |wanted: &Option<String>, usual: &[&str]| match wanted {
            Some(wanted) => (wanted == name).then_some(0),
            None => usual.iter().position(|usual| *usual == name),
        };
        let (id, year) = (one(&self.id, &IDS), one(&self.year, &YEARS));
        [place(text, Role::Text), place(id, Role::Id), place(year, Role::Year)]
            .into_iter()
            .flatten()
    }

    /// How many texts a row may have.
    pub(super) fn texts(&self) -> usize {
        if self.text.is_empty() { TEXTS.len() } else { self.text.len() }
    }

    /// The names of texts, for people.
    pub(super) fn text_names(&self) -> String {
        match self.text.is_empty() {
            true => TEXTS.join(", "),
            false => self.text.join(", "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(columns: &Columns, name: &str) -> Vec<Role> {
        columns.roles(name).collect()
    }

    #[test]
    fn usual_names_stand_for_those_that_are_not_given() {
        let usual = Columns::default();
        assert_eq!(roles(&usual, "abstract"), [Role::Text(1)]);
        assert_eq!(roles(&usual, "paper_id"), [Role::Id(1)]);
        assert_eq!(roles(&usual, "year"), [Role::Year(0)]);
        assert_eq!(roles(&usual, "doi"), []);
        let given = Columns {
            text: vec!["doi".to_owned(), "title".to_owned()],
            id: Some("doi".to_owned()),
            year: None,
        };
        assert_eq!(roles(&given, "doi"), [Role::Text(0), Role::Id(0)]);
        assert_eq!(roles(&given, "title"), [Role::Text(1)]);
        assert_eq!(roles(&given, "abstract"), []);
        assert_eq!(roles(&given, "id"), []);
    }
}
