//! `concept articles` and `articles`: the articles of an edge, each with its first sentence.

use clap::Args;
use gleaner_shared::wire::admin::query::{Articles as Answer, ArticlesWish};
use gleaner_shared::wire::admin::{Reply, Request};

use super::{Scope, named};
use crate::admin::Admin;
use crate::escape::escaped;
use crate::fault::{Exit, Fault};
use crate::show::{self, Side};
use crate::talk;

/// The articles that have two concepts in one sentence.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  gleaner-admin articles DOID:2945 SYMP:0000613 --job mesh --limit 5")]
pub(crate) struct Articles {
    /// One concept's id
    #[arg(value_name = "A")]
    a: String,
    /// The other's
    #[arg(value_name = "B")]
    b: String,
    #[command(flatten)]
    scope: Scope,
}

impl Articles {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let wish = ArticlesWish {
            years: self.scope.years(),
            job: self.scope.job,
            a: self.a,
            b: self.b,
            limit: self.scope.limit,
        };
        let Reply::Articles(articles) = admin.ask(&Request::Articles(wish)).await? else {
            return Err(talk::misfit());
        };
        admin.output.show("gleaner/articles/1", &articles, || text(&articles))?;
        Ok(Exit::Done)
    }
}

/// Each article takes a line, and its sentence stands below it.
fn text(answer: &Answer) -> String {
    let mut text = format!("{}\n{}\n", named(&answer.a), named(&answer.b));
    for article in &answer.articles {
        let year = match article.year {
            0 => "year unknown".to_owned(),
            year => year.to_string(),
        };
        let sentences = show::counted(article.sentences, "sentence");
        text.push_str(&format!("\n{}  {year}  {sentences}\n", escaped(&article.doc)));
        let columns = [("", Side::Left), ("", Side::Left)];
        let sentence = show::table(&columns, [vec!["   ".to_owned(), article.sentence.clone()]]);
        text.push_str(sentence.trim_start_matches('\n'));
    }
    text
}

#[cfg(test)]
mod tests {
    use gleaner_shared::wire::admin::query::{Article, Named};

    use super::*;

    #[test]
    fn an_article_shows_its_year_and_its_sentence() {
        let named = |id: &str| Named { id: id.into(), label: format!("label of {id}") };
        let article = |doc: &str, year| Article {
            doc: doc.into(),
            year,
            sentences: 2,
            pagerank: 5,
            first: (0, 3),
            sentence: "A sentence of many words. ".repeat(6) + "\u{1b}[2J",
        };
        let articles = vec![article("PMC1", 2003), article("PMC2", 0)];
        let text = text(&Answer { a: named("A:1"), b: named("B:2"), articles });
        assert!(
            text.starts_with("A:1 label of A:1\nB:2 label of B:2\n\nPMC1  2003  2 sentences\n")
        );
        assert!(text.contains("PMC2  year unknown"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(flat.matches("A sentence of many words.").count(), 12, "{text}");
        assert!(!text.contains('\u{1b}'));
    }
}
