//! The truth: SQLite for rows, a folder of objects for payloads, artefacts and large results.
//!
//! The only room that names the database driver and the object store. Decides nothing: it keeps
//! what the engine wants kept, each batch in one transaction, and answers questions.
//! What a call has acknowledged is on disk.

mod batch;
mod columns;
mod commit;
mod corpus;
mod error;
mod grant;
mod host;
mod job;
mod object;
mod open;
mod query;
mod snapshot;
mod store;
mod sweep;
mod table;

pub use commit::{Batch, CommitError, JobInsert, ResultBytes};
pub use corpus::document::{DocInsert, DocPlace, Known};
pub use corpus::intake::{Brought, CorpusAdd, SliceInsert, Stretch};
pub use corpus::{CorpusError, SliceRecord};
pub use error::{Fault, StoreError};
pub use host::invite::InviteInsert;
pub use host::join::{JoinError, JoinWish, Joined};
pub use host::{HostError, HostRecord};
pub use job::{JobRecord, UnitCounts};
pub use object::payload::{PackPlace, PayloadBytes};
pub use open::{OpenError, Options};
pub use query::{ArticleFound, EdgeFound, NeighbourFound};
pub use store::{Epoch, Page, Store, Term};
pub use sweep::Swept;
pub use table::read::RowsWish;
pub use table::trial::Trial;
