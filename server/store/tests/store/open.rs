//! Opening: versions, terms, the clock.

use gleaner_engine::effect::Write;
use gleaner_shared::measure::Time;
use gleaner_store::{Batch, CommitError, OpenError, Options, Store, Term};
use tempfile::TempDir;

use crate::scene::{self, JOB, batch, open, options, row, with_job};

#[tokio::test]
async fn each_opening_is_a_new_term_of_one_epoch() {
    let folder = TempDir::new().unwrap();
    let first = open(folder.path()).await;
    assert_eq!((first.term(), first.clock()), (Term(1), Time(0)));
    first.close().await;
    let second = open(folder.path()).await;
    assert_eq!((second.epoch(), second.term()), (first.epoch(), Term(2)));
    let other = TempDir::new().unwrap();
    assert_ne!(open(other.path()).await.epoch(), first.epoch());
}

#[tokio::test]
async fn the_clock_goes_on_and_never_back() {
    let (folder, store) = with_job(1).await;
    for now in [500, 900, 700] {
        store.commit(batch(now)).await.unwrap();
    }
    store.close().await;
    assert_eq!(open(folder.path()).await.clock(), Time(900));
}

#[tokio::test]
async fn a_server_that_was_replaced_changes_nothing_more() {
    let (folder, old) = with_job(2).await;
    let new = open(folder.path()).await;
    assert!(matches!(old.commit(scene::merging([0])).await, Err(CommitError::Fenced)));
    assert!(old.corpus_begin("x", 1_024).await.is_err());
    assert!(new.corpus_show("x").await.unwrap().is_none());
    new.commit(scene::merging([0])).await.unwrap();
}

#[tokio::test]
async fn a_newer_database_is_refused_and_left_alone() {
    let (folder, store) = with_job(1).await;
    store.close().await;
    let Options { database, .. } = options(folder.path());
    let newer = "INSERT INTO _sqlx_migrations VALUES (99, 'later', 0, TRUE, x'00', 0)";
    sql(&database, newer).await;
    let refused = Store::open(options(folder.path())).await;
    assert!(matches!(refused, Err(OpenError::VersionTooNew { found: 99, known: 3..99, .. })));
    sql(&database, "DELETE FROM _sqlx_migrations WHERE version = 99").await;
    assert_eq!(open(folder.path()).await.term(), Term(2), "the refused opening took no term");
}

async fn sql(database: &std::path::Path, statement: &'static str) {
    use sqlx::Connection as _;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(database);
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query(statement).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_no_database_is_an_error() {
    let folder = TempDir::new().unwrap();
    let Options { database, .. } = options(folder.path());
    std::fs::create_dir_all(database.parent().unwrap()).unwrap();
    std::fs::write(&database, "not a database, but longer than its header is".repeat(100)).unwrap();
    let refused = Store::open(options(folder.path())).await;
    assert!(matches!(refused, Err(OpenError::Failed { .. })));
}

#[tokio::test]
async fn a_job_needs_its_row_and_a_number_of_its_own() {
    let (_folder, store) = with_job(1).await;
    let corpus = store.corpus_find("demo").await.unwrap().unwrap().0;
    let again = Batch { jobs: vec![scene::job_insert(corpus)], ..batch(1) };
    assert!(store.commit(again).await.is_err());
    let unknown = gleaner_shared::id::JobId(9);
    let put = Write::JobPut { job: unknown, row: row(1, 0) };
    assert!(store.commit(Batch { writes: vec![put], ..batch(1) }).await.is_err());
    assert_eq!(store.job_id_next().await.unwrap().0, JOB.0 + 1);
}
