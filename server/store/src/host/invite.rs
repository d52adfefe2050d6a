//! Invites. Of an invite's secret only a digest is kept.

use gleaner_shared::id::Digest;
use gleaner_shared::wire::admin::invite::InviteRow;
use gleaner_shared::wire::stream::Role;

use crate::columns::Word as _;
use crate::error::StoreError;
use crate::store::{Page, Store};

/// The name of the operator's account, which no volunteer may share.
pub(crate) const OPERATOR_NAME: &str = "operator";

/// An invite to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviteInsert {
    /// BLAKE3 of its secret.
    pub token: Digest,
    /// What its machines may do.
    pub role: Role,
    /// Volunteers of this invite share this account; without it each gets one of its own.
    pub account: Option<String>,
    /// How many machines, at least 1.
    pub uses: u32,
    /// Until when, in seconds since 1970 UTC.
    pub expires_at_unix_seconds: i64,
}

impl Store {
    /// Keeps an invite and gives its number.
    ///
    /// # Errors
    /// Its account is the operator's, or the database failed.
    pub async fn invite_insert(&self, invite: InviteInsert) -> Result<u32, StoreError> {
        if invite.account.as_deref() == Some(OPERATOR_NAME) {
            let why = format!("volunteers cannot share the account {OPERATOR_NAME:?}");
            return Err(StoreError::Misuse(why));
        }
        self.transact(move |connection| {
            Box::pin(async move {
                let id = sqlx::query_scalar(
                    "INSERT INTO invite (token, role, account, uses, expires_unix) \
                     VALUES (?, ?, ?, ?, ?) RETURNING id",
                )
                .bind(invite.token.0.to_vec())
                .bind(invite.role.word())
                .bind(invite.account)
                .bind(invite.uses)
                .bind(invite.expires_at_unix_seconds)
                .fetch_one(connection)
                .await?;
                Ok(id)
            })
        })
        .await
    }

    /// Invites, the oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn invite_list(&self, page: Page) -> Result<Vec<InviteRow>, StoreError> {
        type Found = (u32, String, Option<String>, u32, u32, i64, bool);
        let rows: Vec<Found> = sqlx::query_as(
            "SELECT id, role, account, uses, used, expires_unix, revoked FROM invite \
             ORDER BY id LIMIT ? OFFSET ?",
        )
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(self.readers())
        .await?;
        let row = |(id, role, account, uses, used, expires_at_unix_seconds, revoked): Found| {
            let role = Role::of(&role)?;
            Ok(InviteRow { id, role, account, uses, used, expires_at_unix_seconds, revoked })
        };
        rows.into_iter().map(row).collect()
    }

    /// Takes an invite back: nobody joins with it any more; who has joined stays. Whether there is
    /// such an invite.
    ///
    /// # Errors
    /// The database failed.
    pub async fn invite_revoke(&self, invite: u32) -> Result<bool, StoreError> {
        self.transact(move |connection| {
            Box::pin(async move {
                let revoked = sqlx::query("UPDATE invite SET revoked = 1 WHERE id = ?")
                    .bind(invite)
                    .execute(connection)
                    .await?;
                Ok(revoked.rows_affected() == 1)
            })
        })
        .await
    }
}
