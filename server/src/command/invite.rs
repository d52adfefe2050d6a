//! Invites: made, listed, taken back. Only a digest of the secret is kept.

use gleaner_link::{Invite, Token};
use gleaner_shared::digest::digest;
use gleaner_shared::limits::{INVITE_SECONDS_MAX, INVITES_LISTED_MAX, NAME_BYTES_MAX};
use gleaner_shared::wire::admin::invite::{InviteMade, InviteWish};
use gleaner_shared::wire::admin::{Problem, ProblemKind, Reply};
use gleaner_store::{InviteInsert, Page};

use super::{Commands, problem, store_problem};
use crate::driver::unix_seconds;

const WHAT: &str = "the invite cannot be made";

impl Commands {
    pub(super) async fn invite_create(&self, wish: InviteWish) -> Result<Reply, Problem> {
        wish_fits(&wish)?;
        let token = Token::random();
        let expires = i64::try_from(wish.expires_seconds).unwrap_or(i64::MAX);
        let expires_at_unix_seconds = unix_seconds().saturating_add(expires);
        let insert = InviteInsert {
            token: digest(&token.0),
            role: wish.role,
            account: wish.account,
            uses: wish.uses,
            expires_at_unix_seconds,
        };
        let id = self.store.invite_insert(insert).await;
        let id = id.map_err(|error| store_problem(WHAT, &error))?;
        let invite = Invite::new(self.id, &self.address, token).map_err(|error| {
            let why = error.to_string();
            problem(ProblemKind::Failed, WHAT, &why, "start the server with a valid --public")
        })?;
        let invite = invite.to_string();
        Ok(Reply::InviteMade(InviteMade { id, invite, expires_at_unix_seconds }))
    }

    pub(super) async fn invite_list(&self) -> Result<Reply, Problem> {
        let page = Page { offset: 0, limit: INVITES_LISTED_MAX };
        let rows = self.store.invite_list(page).await;
        rows.map(Reply::Invites).map_err(|error| store_problem("invites cannot be listed", &error))
    }

    pub(super) async fn invite_revoke(&self, id: u32) -> Result<Reply, Problem> {
        let what = format!("invite {id} cannot be revoked");
        match self.store.invite_revoke(id).await {
            Ok(true) => Ok(Reply::Done),
            Ok(false) => Err(problem(
                ProblemKind::NotFound,
                &what,
                "there is no such invite",
                "gleaner-admin invite list",
            )),
            Err(error) => Err(store_problem(&what, &error)),
        }
    }
}

fn wish_fits(wish: &InviteWish) -> Result<(), Problem> {
    let why = if wish.uses == 0 {
        "it needs at least one use"
    } else if wish.expires_seconds == 0 || wish.expires_seconds > INVITE_SECONDS_MAX {
        "it must expire in a second to a year"
    } else if wish
        .account
        .as_ref()
        .is_some_and(|name| name.is_empty() || name.len() > NAME_BYTES_MAX)
    {
        "the account's name is empty or too long"
    } else {
        return Ok(());
    };
    Err(problem(ProblemKind::Usage, WHAT, why, "gleaner-admin invite create --help"))
}
