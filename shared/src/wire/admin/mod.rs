//! What the admin command line and the server say to each other, by topic.
//!
//! Replies serialise to what `--json` prints, so their field names carry units and are a contract:
//! changes only add. Names of hosts and digests are hexadecimal text here, for people.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

pub mod corpus;
pub mod host;
pub mod invite;
pub mod job;
pub mod plan;
pub mod query;
pub mod result;

/// A command. Streams of bytes that follow some of them are described at their variants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// How the server is: one [`Reply::Server`].
    Server,
    /// Make an invite: one [`Reply::InviteMade`].
    InviteCreate(invite::InviteWish),
    /// All invites: [`Reply::Invites`] until a shorter page than asked.
    InviteList,
    /// Take back: one [`Reply::Done`].
    InviteRevoke {
        /// The invite's number.
        id: u32,
    },
    /// Begin an intake: [`Reply::Intake`], then [`corpus::Step`]s, each with its [`Reply::Intake`].
    CorpusAdd(corpus::AddWish),
    /// All corpora: one [`Reply::Corpora`].
    CorpusList,
    /// One corpus and what was set aside: one [`Reply::Corpus`], then [`Reply::Asides`] and [`Reply::Done`].
    CorpusShow {
        /// Its name.
        name: String,
    },
    /// Read every payload and check digests: [`Reply::Progress`] now and then, then [`Reply::Verified`].
    CorpusVerify {
        /// Its name.
        name: String,
    },
    /// Remove, if no job uses it: one [`Reply::Done`].
    CorpusRemove {
        /// Its name.
        name: String,
    },
    /// Store a job's data: [`Reply::Have`]; if not had, the bytes follow raw; then [`Reply::Done`].
    ArtefactPut(super::work::Artefact),
    /// Submit: one [`Reply::Job`]. The same again (name and all) changes nothing.
    JobSubmit(job::JobWish),
    /// All jobs: one [`Reply::Jobs`].
    JobList,
    /// One job: one [`Reply::Job`].
    JobStatus {
        /// Its name.
        name: String,
    },
    /// One job, whenever it changes (at most twice a second): [`Reply::Job`]s, the last when it has ended.
    JobFollow {
        /// Its name.
        name: String,
    },
    /// Why it does not advance: one [`Reply::Why`].
    JobWhy {
        /// Its name.
        name: String,
    },
    /// Its failed units: [`Reply::Failures`], then [`Reply::Done`].
    JobErrors {
        /// Its name.
        name: String,
    },
    /// Change its state: one [`Reply::Job`].
    JobChange {
        /// Its name.
        name: String,
        /// To what.
        change: job::Change,
    },
    /// The tables of a job: one [`Reply::Tables`].
    ResultTables {
        /// The job's name.
        job: String,
    },
    /// The files of its export: one [`Reply::Exports`].
    ResultExports {
        /// The job's name.
        job: String,
    },
    /// The rows of one file of its export, in order: [`Reply::Rows`], then [`Reply::Done`].
    ResultRows {
        /// The job's name.
        job: String,
        /// The file, as named by [`Reply::Exports`].
        file: String,
    },
    /// Neighbours of a concept: one [`Reply::Related`].
    Related(query::RelatedWish),
    /// Articles with an edge: one [`Reply::Articles`].
    Articles(query::ArticlesWish),
    /// Edges of the concepts in a text: one [`Reply::Found`].
    Search(query::SearchWish),
    /// All hosts: [`Reply::Hosts`], then [`Reply::Done`].
    HostList,
    /// One host: one [`Reply::Host`].
    HostShow {
        /// Its id or the beginning of it, or its name.
        host: String,
    },
    /// Ban: one [`Reply::Host`].
    HostBan {
        /// Its id or the beginning of it, or its name.
        host: String,
    },
    /// What a plan begins with: one [`Reply::Basis`].
    PlanBasis {
        /// The corpus's name.
        corpus: String,
        /// `name` or `name@version`.
        app: String,
    },
    /// One payload: [`Reply::Slice`], then its bytes raw.
    CorpusSlice {
        /// The corpus's name.
        corpus: String,
        /// The slice's number.
        number: u32,
    },
    /// Merge results into tables that nobody keeps: [`plan::TrialUnit`]s follow, each with its bytes
    /// raw; then one [`Reply::Trial`].
    PlanTrial {
        /// `name` or `name@version`.
        app: String,
        /// How many results, at most [`crate::limits::PLAN_UNITS_MAX`].
        units: u32,
    },
}

/// The server's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// It is done, or a series has ended.
    Done,
    /// It cannot be done.
    Failed(Problem),
    /// See [`Request::Server`].
    Server(ServerStatus),
    /// See [`Request::InviteCreate`].
    InviteMade(invite::InviteMade),
    /// See [`Request::InviteList`].
    Invites(Vec<invite::InviteRow>),
    /// See [`Request::CorpusAdd`].
    Intake(corpus::IntakeReply),
    /// See [`Request::CorpusList`].
    Corpora(Vec<corpus::CorpusRow>),
    /// See [`Request::CorpusShow`].
    Corpus(corpus::CorpusRow),
    /// See [`Request::CorpusShow`].
    Asides(Vec<corpus::Aside>),
    /// Something long goes on.
    Progress {
        /// Units of work done.
        done: u64,
        /// Of how many.
        total: u64,
    },
    /// See [`Request::CorpusVerify`].
    Verified(corpus::Verified),
    /// See [`Request::ArtefactPut`]: whether the server has it already.
    Have(bool),
    /// See [`Request::JobStatus`].
    Job(job::JobStatus),
    /// See [`Request::JobList`].
    Jobs(Vec<job::JobStatus>),
    /// See [`Request::JobWhy`]: sentences, most telling first.
    Why(Vec<String>),
    /// See [`Request::JobErrors`].
    Failures(Vec<job::FailureRow>),
    /// See [`Request::ResultTables`].
    Tables(Vec<result::TableRow>),
    /// See [`Request::ResultExports`].
    Exports(Vec<result::ExportFile>),
    /// See [`Request::ResultRows`].
    Rows(Vec<crate::table::Row>),
    /// See [`Request::Related`].
    Related(query::Related),
    /// See [`Request::Articles`].
    Articles(query::Articles),
    /// See [`Request::Search`].
    Found(query::Found),
    /// See [`Request::HostList`].
    Hosts(Vec<host::HostRow>),
    /// See [`Request::HostShow`].
    Host(host::HostRow),
    /// See [`Request::PlanBasis`].
    Basis(plan::Basis),
    /// See [`Request::CorpusSlice`].
    Slice(crate::payload::PayloadFacts),
    /// See [`Request::PlanTrial`].
    Trial(Vec<plan::TrialTable>),
}

/// Why a command failed: what, why, what to do; its kind gives the exit code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Which exit code.
    pub kind: ProblemKind,
    /// What failed, as a fragment: `job demo cannot be submitted`.
    pub what: String,
    /// Why.
    pub why: String,
    /// What to do; a command if there is one.
    pub next: String,
}

/// The kind of a problem; the number is the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProblemKind {
    /// 1.
    Failed,
    /// 2.
    Usage,
    /// 4.
    NotFound,
    /// 5.
    Conflict,
    /// 7.
    NotAllowed,
    /// 8.
    Limit,
    /// 11.
    Checksum,
}

impl ProblemKind {
    /// The exit code that a command ends with.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NotFound => 4,
            Self::Conflict => 5,
            Self::NotAllowed => 7,
            Self::Limit => 8,
            Self::Checksum => 11,
        }
    }
}

/// How the server is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerStatus {
    /// Its version.
    pub version: String,
    /// Its id, hexadecimal.
    pub id: String,
    /// Where clients reach it.
    pub address: String,
    /// How long it has been up.
    pub up_seconds: u64,
    /// Hosts connected now.
    pub hosts_connected: u32,
    /// Jobs that are not done or cancelled.
    pub jobs_open: u32,
    /// What it waits for, if it is paused (a full disk).
    pub paused: Option<String>,
}
