//! Joining: an invite makes a key a host, counted once per host.
//!
//! A host that joins again gets the same answer and spends nothing, unless the invite lets it do
//! more than it may now: then it counts, and role and account change.

use gleaner_shared::id::{AccountId, Digest, HostId};
use gleaner_shared::wire::stream::Role;
use sqlx::SqliteConnection;

use super::invite::OPERATOR_NAME;
use crate::columns::{Word as _, size, stored};
use crate::error::StoreError;
use crate::store::Store;

/// Who wants to join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinWish {
    /// BLAKE3 of the invite's secret.
    pub token: Digest,
    /// The digest of the peer's key.
    pub host: HostId,
    /// What it calls itself.
    pub name: String,
    /// Now, in seconds since 1970 UTC.
    pub now_unix_seconds: i64,
}

/// A host that has joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// Whose machine it is.
    pub account: AccountId,
    /// That account's name.
    pub account_name: String,
    /// What it may do.
    pub role: Role,
}

/// Why a host cannot join.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// No invite has this secret.
    #[error("there is no such invite")]
    Unknown,
    /// As many machines as it was made for have joined.
    #[error("the invite is used up")]
    Spent,
    /// Its time is over.
    #[error("the invite has expired")]
    Expired,
    /// It was taken back.
    #[error("the invite was revoked")]
    Revoked,
    /// The host is banned.
    #[error("the host is banned")]
    Banned,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for JoinError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

struct Invite {
    id: u32,
    role: Role,
    account: Option<String>,
    uses: u32,
    used: u32,
    expires_unix: i64,
    revoked: bool,
}

/// More is more that a host may do.
const fn strength(role: Role) -> u8 {
    match role {
        Role::Volunteer => 0,
        Role::Own => 1,
        Role::Admin => 2,
    }
}

impl Store {
    /// Makes a key a host.
    ///
    /// # Errors
    /// The invite does not allow it, the host is banned, or the store failed.
    pub async fn join(&self, wish: JoinWish) -> Result<Joined, JoinError> {
        self.transact(move |connection| Box::pin(join(connection, wish))).await
    }
}

async fn join(connection: &mut SqliteConnection, wish: JoinWish) -> Result<Joined, JoinError> {
    let invite = invite_find(connection, wish.token).await?.ok_or(JoinError::Unknown)?;
    if let Some((joined, banned)) = joined_find(connection, wish.host).await? {
        if banned {
            return Err(JoinError::Banned);
        }
        if strength(invite.role) <= strength(joined.role) {
            return Ok(joined);
        }
    }
    if invite.revoked {
        return Err(JoinError::Revoked);
    }
    if invite.expires_unix <= wish.now_unix_seconds {
        return Err(JoinError::Expired);
    }
    if invite.used >= invite.uses {
        return Err(JoinError::Spent);
    }
    let account = account_for(connection, &invite, wish.host).await?;
    let insert = "INSERT INTO host (id, account, role, name, joined_unix, seen_unix) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT (id) DO UPDATE SET \
         account = excluded.account, role = excluded.role, name = excluded.name";
    sqlx::query(insert)
        .bind(wish.host.0.to_vec())
        .bind(stored(account.0))
        .bind(invite.role.word())
        .bind(wish.name)
        .bind(wish.now_unix_seconds)
        .execute(&mut *connection)
        .await?;
    spend(connection, invite.id, wish.host).await?;
    let joined = joined_find(connection, wish.host).await?;
    Ok(joined.expect("the row was inserted in this transaction").0)
}

/// Counts a host once, also if it was here, went down and joins again by the same invite.
async fn spend(
    connection: &mut SqliteConnection,
    invite: u32,
    host: HostId,
) -> Result<(), StoreError> {
    let first = sqlx::query("INSERT INTO invite_use VALUES (?, ?) ON CONFLICT DO NOTHING")
        .bind(invite)
        .bind(host.0.to_vec())
        .execute(&mut *connection)
        .await?;
    if first.rows_affected() == 1 {
        sqlx::query("UPDATE invite SET used = used + 1 WHERE id = ?")
            .bind(invite)
            .execute(connection)
            .await?;
    }
    Ok(())
}

async fn invite_find(
    connection: &mut SqliteConnection,
    token: Digest,
) -> Result<Option<Invite>, StoreError> {
    type Found = (u32, String, Option<String>, u32, u32, i64, bool);
    let found: Option<Found> = sqlx::query_as(
        "SELECT id, role, account, uses, used, expires_unix, revoked FROM invite WHERE token = ?",
    )
    .bind(token.0.to_vec())
    .fetch_optional(connection)
    .await?;
    let Some((id, role, account, uses, used, expires_unix, revoked)) = found else {
        return Ok(None);
    };
    let role = Role::of(&role)?;
    Ok(Some(Invite { id, role, account, uses, used, expires_unix, revoked }))
}

async fn joined_find(
    connection: &mut SqliteConnection,
    host: HostId,
) -> Result<Option<(Joined, bool)>, StoreError> {
    let found: Option<(i64, String, String, bool)> = sqlx::query_as(
        "SELECT account, account.name, role, banned FROM host \
         JOIN account ON account.id = host.account WHERE host.id = ?",
    )
    .bind(host.0.to_vec())
    .fetch_optional(connection)
    .await?;
    let Some((account, account_name, role, banned)) = found else { return Ok(None) };
    let role = Role::of(&role)?;
    Ok(Some((Joined { account: AccountId(size(account)), account_name, role }, banned)))
}

async fn account_for(
    connection: &mut SqliteConnection,
    invite: &Invite,
    host: HostId,
) -> Result<AccountId, StoreError> {
    if invite.role != Role::Volunteer {
        return Ok(AccountId::OPERATOR);
    }
    if let Some(name) = &invite.account
        && name != OPERATOR_NAME
    {
        return account_of(connection, name.clone()).await;
    }
    // As short as it can be told apart from the others.
    for bytes in [4_usize, 8, 16] {
        let name = format!("volunteer-{host:.bytes$}");
        let taken: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM account WHERE name = ?)")
                .bind(name.clone())
                .fetch_one(&mut *connection)
                .await?;
        if !taken {
            return account_of(connection, name).await;
        }
    }
    account_of(connection, format!("volunteer-{host}")).await
}

async fn account_of(
    connection: &mut SqliteConnection,
    name: String,
) -> Result<AccountId, StoreError> {
    sqlx::query("INSERT INTO account (name) VALUES (?) ON CONFLICT DO NOTHING")
        .bind(name.clone())
        .execute(&mut *connection)
        .await?;
    let id: i64 = sqlx::query_scalar("SELECT id FROM account WHERE name = ?")
        .bind(name)
        .fetch_one(connection)
        .await?;
    Ok(AccountId(size(id)))
}
