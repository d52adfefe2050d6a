//! Which apps this server has: their names and tables. The one file that asks the apps' room.

use gleaner_shared::table::Table;

/// What the server must know of an app.
#[derive(Clone, Debug)]
pub(crate) struct AppFacts {
    /// `name@version`.
    pub(crate) name: String,
    /// Tables that results are merged into.
    pub(crate) tables: &'static [Table],
    /// Tables that the finish step writes.
    pub(crate) derived: &'static [Table],
}

/// An app by `name` or `name@version`. None is built in yet.
pub(crate) fn app(_name: &str) -> Option<AppFacts> {
    None
}

/// The tables of an app's results.
pub(crate) fn tables_of(name: &str) -> Option<&'static [Table]> {
    app(name).map(|app| app.tables)
}
