//! Joining with an invite.

use gleaner_failpoint::crash_point;
use gleaner_link::QuicStream;
use gleaner_shared::digest::digest;
use gleaner_shared::id::HostId;
use gleaner_shared::limits::NAME_BYTES_MAX;
use gleaner_shared::wire::refusal::Refusal;
use gleaner_shared::wire::stream::{Join, JoinReply};
use gleaner_store::{JoinError, JoinWish, StoreError};

use super::Front;
use crate::driver::unix_seconds;
use crate::truth::Truth;

impl<T: Truth> Front<T> {
    pub(super) async fn join(
        &self,
        peer: HostId,
        join: Join,
        mut stream: QuicStream,
    ) -> anyhow::Result<()> {
        let reply = self.join_reply(peer, join).await;
        crash_point!("server.join.kept");
        stream.send(&reply).await?;
        stream.finish().await?;
        Ok(())
    }

    async fn join_reply(&self, peer: HostId, join: Join) -> JoinReply {
        if join.name.len() > NAME_BYTES_MAX {
            return JoinReply::Refused(Refusal::Malformed);
        }
        let wish = JoinWish {
            token: digest(&join.token),
            host: peer,
            name: join.name,
            now_unix_seconds: unix_seconds(),
        };
        match self.store.join(wish).await {
            Ok(joined) => JoinReply::Joined {
                account: joined.account,
                account_name: joined.account_name,
                role: joined.role,
                version: env!("CARGO_PKG_VERSION").into(),
            },
            Err(error) => JoinReply::Refused(refusal(&error)),
        }
    }
}

fn refusal(error: &JoinError) -> Refusal {
    match error {
        JoinError::Unknown => Refusal::InviteUnknown,
        JoinError::Spent => Refusal::InviteSpent,
        JoinError::Expired => Refusal::InviteExpired,
        JoinError::Revoked => Refusal::InviteRevoked,
        JoinError::Banned => Refusal::Banned,
        JoinError::Store(StoreError::Full) => Refusal::Full,
        JoinError::Store(error) => {
            tracing::error!(%error, "a host cannot join");
            Refusal::Busy
        }
    }
}
