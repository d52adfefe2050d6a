//! What the server asks of the apps' room: which apps there are, and where their rows lie.

use gleaner_apps::{App, Source, UnknownApp};
use gleaner_shared::table::Table;

/// An app by `name` or `name@version`.
///
/// # Errors
/// There is none; the error lists those that there are.
pub(crate) fn app(name: &str) -> Result<&'static dyn App, UnknownApp> {
    gleaner_apps::app(name)
}

/// The tables that an app's results are merged into.
pub(crate) fn tables_of(name: &str) -> Option<&'static [Table]> {
    app(name).ok().map(|app| app.tables())
}

/// The tables that an app's finish step writes.
pub(crate) fn derived_of(app: &dyn App) -> &'static [Table] {
    app.finish().map_or(&[], |finish| finish.tables)
}

/// The table that an export's rows come from, unless they come from the job's data.
pub(crate) fn table_of(app: &dyn App, source: Source) -> Option<&'static Table> {
    let (tables, wanted) = match source {
        Source::Table(name) => (app.tables(), name),
        Source::Derived(name) => (derived_of(app), name),
        Source::Dictionary => return None,
    };
    tables.iter().find(|table| table.name == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_export_names_columns_that_its_table_has() {
        for name in ["word-count", "ontology-match", "paced-match"] {
            let app = app(name).unwrap();
            assert!(!app.exports().is_empty(), "{name}");
            for export in app.exports() {
                let Some(table) = table_of(app, export.source) else {
                    assert_eq!(export.source, Source::Dictionary, "{}", export.file);
                    continue;
                };
                for column in export.columns.iter().chain(export.order) {
                    let known = table.columns.iter().any(|known| known.name == *column);
                    assert!(known, "{column} of {}", export.file);
                }
            }
        }
    }
}
