//! Merging: rules of columns, counts of units, and that no stranger's rows can stop a commit.

use gleaner_engine::effect::Write;
use gleaner_shared::id::HostId;
use gleaner_shared::records::Tables;
use gleaner_shared::table::{Row, Value};
use gleaner_store::{Batch, JoinWish, Store};

use crate::scene::{
    ALL, JOB, TABLES, batch, host, merging, options, returned, rows, settle, text, unit, vote,
    with_job, words_of,
};

#[tokio::test]
async fn the_order_of_units_and_the_size_of_batches_mean_nothing() {
    let orders: [&[&[u32]]; 3] =
        [&[&[0, 1, 2, 3, 4]], &[&[4], &[3], &[2], &[1], &[0]], &[&[2, 0], &[4, 3, 1]]];
    for order in orders {
        let (_folder, store) = with_job(5).await;
        for slices in order {
            store.commit(merging(slices.iter().copied())).await.unwrap();
        }
        assert_eq!(rows(&store, &TABLES[1]).await, words_of(&[0, 1, 2, 3, 4]));
        assert_eq!(store.row_count(JOB, "docs").await.unwrap(), 5);
    }
}

#[tokio::test]
async fn shared_rows_count_their_units() {
    let (folder, store) = with_job(5).await;
    store.commit(merging([0, 1])).await.unwrap();
    store.commit(merging([2])).await.unwrap();
    assert_eq!(units_column(folder.path()).await, [3, 3]);
}

/// A scientist's own SQL, on the file.
async fn units_column(folder: &std::path::Path) -> Vec<i64> {
    use sqlx::Connection as _;
    let file = options(folder).database;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).read_only(true);
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query_scalar("SELECT _units FROM job1_words ORDER BY word")
        .fetch_all(&mut connection)
        .await
        .unwrap()
}

async fn merge(store: &Store, slice: u32, tables: Tables) {
    let result = returned(unit(slice), &host(1), tables);
    let writes = vec![settle(&host(1), &result)];
    store.commit(Batch { writes, results: vec![result], ..batch(1) }).await.unwrap();
}

fn word(count: i64) -> Row {
    vec![text("x"), Value::Int(0), Value::Int(count), Value::Int(0), text("")]
}

#[tokio::test]
async fn a_sum_over_64_bits_does_not_stop_the_queue() {
    for (count, end) in [(i64::MAX, i64::MAX), (i64::MIN, i64::MIN)] {
        let (_folder, store) = with_job(3).await;
        merge(&store, 0, vec![vec![], vec![word(count)]]).await;
        merge(&store, 1, vec![vec![], vec![word(count)]]).await;
        assert_eq!(rows(&store, &TABLES[1]).await[0][2], Value::Int(end));
        // The same within one batch.
        let (_folder, store) = with_job(3).await;
        let both =
            [0, 1].map(|slice| returned(unit(slice), &host(1), vec![vec![], vec![word(count)]]));
        let writes = both.iter().map(|result| settle(&host(1), result)).collect();
        store.commit(Batch { writes, results: both.to_vec(), ..batch(1) }).await.unwrap();
        assert_eq!(rows(&store, &TABLES[1]).await[0][2], Value::Int(end));
    }
}

#[tokio::test]
async fn a_key_of_another_unit_is_left_as_it_is() {
    let (_folder, store) = with_job(3).await;
    let doc = |words| vec![vec![vec![text("doc"), Value::Int(words)]], vec![]];
    merge(&store, 0, doc(1)).await;
    merge(&store, 1, doc(2)).await;
    assert_eq!(rows(&store, &TABLES[0]).await, [[text("doc"), Value::Int(1)]]);
}

#[tokio::test]
async fn many_rows_come_back_as_they_went_in() {
    let (_folder, store) = with_job(2).await;
    let mut docs: Vec<Row> = (0..3_001)
        .map(|at: i64| vec![text(&format!("é-{at:05}")), Value::Int(at * at - 1_000)])
        .collect();
    docs.push(vec![text(""), Value::Int(i64::MIN)]);
    docs.push(vec![text("\u{10ffff}'\"; --"), Value::Int(i64::MAX)]);
    merge(&store, 0, vec![docs.clone(), vec![]]).await;
    docs.sort();
    assert_eq!(rows(&store, &TABLES[0]).await, docs);
}

#[tokio::test]
async fn every_host_that_agrees_has_merged() {
    let (_folder, store) = with_job(3).await;
    for number in [1, 2, 3] {
        let token = gleaner_shared::digest::digest(&[number]);
        let invite = gleaner_store::InviteInsert {
            token,
            role: gleaner_shared::wire::stream::Role::Volunteer,
            account: None,
            uses: 1,
            expires_at_unix_seconds: 10,
        };
        store.invite_insert(invite).await.unwrap();
        let host = HostId([number; 32]);
        let wish = JoinWish { token, host, name: number.to_string(), now_unix_seconds: 5 };
        store.join(wish).await.unwrap();
    }
    let result =
        |number: u8, right: u32| returned(unit(0), &host(number), crate::scene::records(right));
    let [one, liar, two] = [result(1, 0), result(2, 1), result(3, 0)];
    let insert = |number: u8, result: &gleaner_store::ResultBytes| Write::ResultInsert {
        unit: unit(0),
        vote: vote(&host(number), result),
    };
    let put = Write::UnitPut { unit: unit(0), expiries: 0 };
    let writes = vec![put, insert(1, &one), insert(2, &liar)];
    store.commit(Batch { writes, results: vec![one, liar], ..batch(1) }).await.unwrap();
    let writes = vec![settle(&host(3), &two)];
    store.commit(Batch { writes, results: vec![two], ..batch(1) }).await.unwrap();
    let merged: Vec<_> = store.host_list(ALL).await.unwrap();
    let merged: Vec<_> = merged.iter().map(|(id, row)| (id.0[0], row.merged)).collect();
    assert_eq!(merged, [(1, 1), (2, 0), (3, 1)]);
}
