//! Admins from elsewhere: the same commands as on the socket, for keys that joined as admins.

use gleaner_link::{Connection, QuicStream};
use gleaner_shared::id::HostId;
use gleaner_shared::limits::FRAME_PATIENCE;
use gleaner_shared::wire::admin::{Problem, ProblemKind, Reply, Request};
use gleaner_shared::wire::refusal::Refusal;
use gleaner_shared::wire::stream::Role;

use super::Front;
use crate::truth::Truth;

impl<T: Truth> Front<T> {
    pub(super) async fn admin(
        &self,
        connection: &Connection,
        mut stream: QuicStream,
    ) -> anyhow::Result<()> {
        match self.admits(connection.peer()).await? {
            Ok(()) => {
                connection.widen();
                let served = self.stop.run_until_cancelled(self.commands.serve(&mut stream)).await;
                Ok(served.unwrap_or(Ok(()))?)
            }
            Err(refusal) => {
                // The admin asks before it reads, so the answer waits for the question.
                let _asked: Request = stream.receive_within(FRAME_PATIENCE).await?;
                stream.send(&Reply::Failed(problem(refusal))).await?;
                Ok(stream.finish().await?)
            }
        }
    }

    /// Whether a key may command. Read for every stream, so a ban holds at once.
    async fn admits(&self, peer: HostId) -> anyhow::Result<Result<(), Refusal>> {
        Ok(match self.store.host_find(peer).await? {
            None => Err(Refusal::NotJoined),
            Some(record) if record.banned => Err(Refusal::Banned),
            Some(record) if record.role != Role::Admin => Err(Refusal::NotAllowed),
            Some(_) => Ok(()),
        })
    }
}

fn problem(refusal: Refusal) -> Problem {
    Problem {
        kind: ProblemKind::NotAllowed,
        what: "this machine may not give commands".into(),
        why: refusal.to_string(),
        next: "on the server's machine: gleaner-admin invite create --admin; here: gleaner-admin \
               login INVITE"
            .into(),
    }
}
