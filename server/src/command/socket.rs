//! The unix socket in the data folder: whoever owns the folder may command, without a login.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use gleaner_link::unix_framed;
use gleaner_shared::wire::stream::Open;
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Commands;

/// Serves admins on a socket until it is told to stop. The folder's lock is held, so a socket that
/// is there already is a dead one.
pub(crate) async fn serve(
    path: &Path,
    commands: Commands,
    stop: CancellationToken,
    tasks: TaskTracker,
) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    tasks.clone().spawn(async move {
        while let Some(Ok((socket, _))) = stop.run_until_cancelled(listener.accept()).await {
            let commands = commands.clone();
            let stop = stop.clone();
            tasks.spawn(async move {
                let _ended = stop.run_until_cancelled(admit(socket, commands)).await;
            });
        }
    });
    Ok(())
}

/// The peer must be the user who runs the server, or root.
async fn admit(socket: UnixStream, commands: Commands) {
    let own = rustix::process::getuid().as_raw();
    let allowed = socket.peer_cred().is_ok_and(|peer| peer.uid() == own || peer.uid() == 0);
    if !allowed {
        tracing::warn!("another user tried the admin socket");
        return;
    }
    let mut stream = unix_framed(socket);
    let served = match stream.receive::<Open>().await {
        Ok(Open::Admin) => commands.serve(&mut stream).await,
        Ok(_) => return,
        Err(error) => Err(error),
    };
    if let Err(error) = served {
        tracing::debug!(%error, "an admin's stream ended early");
    }
}
