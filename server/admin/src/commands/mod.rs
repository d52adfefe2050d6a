//! One command, one file. Here: the top of the tree, and which file a command goes to.

use clap::Subcommand;

use crate::admin::Admin;
use crate::fault::{Exit, Fault};

mod completions;
mod concept;
mod corpus;
mod host;
mod invite;
mod job;
mod login;
mod man;
mod ontology;
mod result;
mod status;

/// What can be asked of the program.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Let machines and people in
    #[command(subcommand)]
    Invite(invite::Invite),
    /// Bring in documents
    #[command(subcommand)]
    Corpus(corpus::Corpus),
    /// Make dictionaries of ontologies
    #[command(subcommand)]
    Ontology(ontology::Ontology),
    /// Submit jobs and see how they do
    #[command(subcommand)]
    Job(job::Job),
    /// Get the results of a job
    #[command(subcommand)]
    Result(result::Results),
    /// Ask a job's knowledge graph
    #[command(subcommand)]
    Concept(concept::Concept),
    /// The articles that have two concepts in one sentence
    Articles(concept::articles::Articles),
    /// The edges of the concepts in a text
    Search(concept::search::Search),
    /// The machines that compute
    #[command(subcommand)]
    Host(host::Host),
    /// How the server is
    Status(status::Status),
    /// Become an admin of a server elsewhere
    Login(login::Login),
    /// Print completions for a shell
    Completions(completions::Completions),
    /// Write the manual pages
    Man(man::Man),
}

impl Command {
    /// Does it.
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        match self {
            Self::Invite(command) => command.run(admin).await,
            Self::Corpus(command) => command.run(admin).await,
            Self::Ontology(command) => command.run(admin),
            Self::Job(command) => command.run(admin).await,
            Self::Result(command) => command.run(admin).await,
            Self::Concept(command) => command.run(admin).await,
            Self::Articles(command) => command.run(admin).await,
            Self::Search(command) => command.run(admin).await,
            Self::Host(command) => command.run(admin).await,
            Self::Status(command) => command.run(admin).await,
            Self::Login(command) => command.run(admin).await,
            Self::Completions(command) => command.run(admin),
            Self::Man(command) => command.run(admin),
        }
    }
}
