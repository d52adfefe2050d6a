//! Hosts: who they are, whose, what they may do, what they did.

use gleaner_shared::id::{AccountId, HostId};
use gleaner_shared::wire::admin::host::HostRow;
use gleaner_shared::wire::stream::Role;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row as _};

use crate::columns::{Word as _, host_of, size};
use crate::error::StoreError;
use crate::store::{Page, Store};

pub(crate) mod invite;
pub(crate) mod join;

/// A host that has joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostRecord {
    /// Whose.
    pub account: AccountId,
    /// What it may do.
    pub role: Role,
    /// Whether it may have nothing any more.
    pub banned: bool,
    /// What it calls itself.
    pub name: String,
}

/// Why a host cannot be shown or banned.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// None has this id or name.
    #[error("no host has the id or name {0:?}")]
    Absent(String),
    /// More than one has it.
    #[error("more than one host is meant by {0:?}: give more of its id")]
    Ambiguous(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for HostError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

const HOST_SELECT: &str = "SELECT host.id, host.name, account.name, role, banned, merged, \
     joined_unix, seen_unix FROM host JOIN account ON account.id = host.account";

fn host_row(row: &SqliteRow) -> Result<(HostId, HostRow), StoreError> {
    let id: Vec<u8> = row.try_get(0)?;
    let id = host_of(&id)?;
    let role: String = row.try_get(3)?;
    let shown = HostRow {
        id: id.to_string(),
        name: row.try_get(1)?,
        account: row.try_get(2)?,
        role: Role::of(&role)?,
        banned: row.try_get(4)?,
        connected: false,
        leases: 0,
        merged: size(row.try_get(5)?),
        joined_at_unix_seconds: row.try_get(6)?,
        seen_at_unix_seconds: row.try_get(7)?,
    };
    Ok((id, shown))
}

impl Store {
    /// A host, if it has joined.
    ///
    /// # Errors
    /// The database failed.
    pub async fn host_find(&self, host: HostId) -> Result<Option<HostRecord>, StoreError> {
        let found: Option<(i64, String, bool, String)> =
            sqlx::query_as("SELECT account, role, banned, name FROM host WHERE id = ?")
                .bind(host.0.to_vec())
                .fetch_optional(self.readers())
                .await?;
        let Some((account, role, banned, name)) = found else { return Ok(None) };
        let account = AccountId(size(account));
        Ok(Some(HostRecord { account, role: Role::of(&role)?, banned, name }))
    }

    /// Hosts in the order of joining. Whether they are connected and what they hold is not known
    /// here: both are left empty.
    ///
    /// # Errors
    /// The database failed.
    pub async fn host_list(&self, page: Page) -> Result<Vec<(HostId, HostRow)>, StoreError> {
        let select =
            AssertSqlSafe(format!("{HOST_SELECT} ORDER BY joined_unix, host.id LIMIT ? OFFSET ?"));
        let rows = sqlx::query(select)
            .bind(page.limit)
            .bind(page.offset)
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(host_row).collect()
    }

    /// The host whose id begins with this, or that is called this.
    ///
    /// # Errors
    /// There is none, there are several, or the database failed.
    pub async fn host_show(&self, wanted: &str) -> Result<(HostId, HostRow), HostError> {
        let is_hex =
            wanted.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        let prefix = if is_hex { wanted.to_owned() } else { String::from("-") };
        let select = AssertSqlSafe(format!(
            "{HOST_SELECT} WHERE lower(hex(host.id)) LIKE ? || '%' OR host.name = ? LIMIT 2"
        ));
        let rows = sqlx::query(select)
            .bind(prefix)
            .bind(wanted.to_owned())
            .fetch_all(self.readers())
            .await?;
        match rows.as_slice() {
            [] => Err(HostError::Absent(wanted.to_owned())),
            [row] => Ok(host_row(row)?),
            _ => Err(HostError::Ambiguous(wanted.to_owned())),
        }
    }

    /// Bans a host: its id may have nothing any more. Again changes nothing.
    ///
    /// # Errors
    /// It never joined, or the database failed.
    pub async fn host_ban(&self, host: HostId) -> Result<(), HostError> {
        self.transact(move |connection| {
            Box::pin(async move {
                let banned = sqlx::query("UPDATE host SET banned = 1 WHERE id = ?")
                    .bind(host.0.to_vec())
                    .execute(connection)
                    .await?;
                if banned.rows_affected() == 1 {
                    return Ok(());
                }
                Err(HostError::Absent(host.to_string()))
            })
        })
        .await
    }

    /// Notes that a host was seen, and what it calls itself now. One that never joined is left out.
    ///
    /// # Errors
    /// The database failed.
    pub async fn host_seen(
        &self,
        host: HostId,
        name: &str,
        now_unix_seconds: i64,
    ) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.transact(move |connection| {
            Box::pin(async move {
                sqlx::query("UPDATE host SET name = ?, seen_unix = max(seen_unix, ?) WHERE id = ?")
                    .bind(name)
                    .bind(now_unix_seconds)
                    .bind(host.0.to_vec())
                    .execute(connection)
                    .await?;
                Ok(())
            })
        })
        .await
    }
}
