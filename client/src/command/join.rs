//! `join`: this machine becomes a host of a server.
//!
//! The key is on disk before it is shown, and what joining gave is on disk before it is told, so a
//! join that was interrupted can be repeated with the same invite.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use gleaner_link::{Close, Dialer, Identity, Invite};
use gleaner_shared::limits::{
    GOODBYE_PATIENCE, INVITE_TEXT_BYTES_MAX, JOIN_PATIENCE, NAME_BYTES_MAX,
};
use gleaner_shared::wire::stream::{Join as Wish, JoinReply, Open, Role};
use serde::Serialize;
use tokio::time::timeout;

use super::runtime;
use crate::disk::folder::Folder;
use crate::disk::lock::Lock;
use crate::disk::membership::{Membership, MembershipError, role_name};
use crate::output::Style;
use crate::talk::span;
use crate::tame::tame;
use crate::trouble::{Exit, Trouble};

/// Join a server with an invite
#[derive(Args, Debug)]
#[command(after_help = "\
Joining again changes nothing. One folder belongs to one server.

Examples:
  gleaner-client join gleaner://queue.example.org:4433/AcQ7
  gleaner-client join --invite-file /run/secrets/invite --name otter")]
pub(crate) struct Join {
    /// The invite, as its sender gave it; `-` reads it from standard input
    #[arg(value_name = "INVITE", required_unless_present = "invite_file")]
    invite: Option<String>,
    /// Read the invite from a file
    #[arg(long, value_name = "FILE", conflicts_with = "invite")]
    invite_file: Option<PathBuf>,
    /// What this machine is called in lists [default: its host name]
    #[arg(long, value_name = "NAME", value_parser = named)]
    name: Option<String>,
}

/// What `--json` shows.
#[derive(Serialize)]
struct Joined<'a> {
    state: State,
    server: &'a str,
    server_key: String,
    account: &'a str,
    role: &'a str,
    name: &'a str,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    Joined,
    JoinedBefore,
}

impl Join {
    pub(crate) fn run(self, folder: &Folder, style: Style) -> Result<(), Trouble> {
        let text = self.text()?;
        let invite: Invite = text.parse().map_err(|error| Trouble::of_invite(&error))?;
        if let Some(membership) = joined_before(folder, &invite)? {
            return told(&membership, State::JoinedBefore, style);
        }
        let of_folder = |error| Trouble::of_folder(folder.root(), &error);
        folder.make().map_err(of_folder)?;
        let Some(_lock) = Lock::take(folder).map_err(of_folder)? else {
            let what = format!("{} is in use", folder.root().display());
            let why = "another process is working in this folder";
            let act = "stop it, or name another folder with --data";
            return Err(Trouble::new(Exit::Conflict, &what, why, act));
        };
        let identity = Identity::load_or_create(&folder.identity());
        let identity = identity.map_err(|error| Trouble::of_identity(&error))?;
        let name = self.name.unwrap_or_else(machine_name);
        let runtime = runtime()?;
        let asked = runtime.block_on(ask(&identity, &invite, &name));
        // A name service that does not answer must not hold the process up.
        runtime.shutdown_background();
        let membership = asked?;
        membership.save(folder).map_err(of_folder)?;
        told(&membership, State::Joined, style)
    }

    fn text(&self) -> Result<String, Trouble> {
        let read = match (&self.invite, &self.invite_file) {
            (Some(text), _) if text != "-" => return Ok(text.clone()),
            (_, Some(file)) => File::open(file).and_then(text_of),
            _ => text_of(std::io::stdin().lock()),
        };
        read.map_err(|error| {
            let file = self.invite_file.as_deref().unwrap_or(Path::new("standard input"));
            let what = format!("the invite cannot be read from {}", file.display());
            let exit = match error.kind() {
                std::io::ErrorKind::NotFound => Exit::NotFound,
                _ => Exit::Failed,
            };
            Trouble::new(exit, &what, &error.to_string(), "give it as an argument")
        })
    }
}

/// The text, as far as an invite can be long.
fn text_of(source: impl Read) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    source.take(INVITE_TEXT_BYTES_MAX as u64).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What an earlier join gave, if it was to the same server. The server may have another address
/// now; its key says that it is the same.
fn joined_before(folder: &Folder, invite: &Invite) -> Result<Option<Membership>, Trouble> {
    let place = folder.root().display();
    let mut membership = match Membership::load(folder) {
        Ok(membership) => membership,
        Err(MembershipError::Missing) if folder.is_of_a_server() => {
            let what = format!("{place} is the data folder of a server");
            let why = "a client needs a folder and a key of its own";
            let act = "name another folder with --data";
            return Err(Trouble::new(Exit::Conflict, &what, why, act));
        }
        Err(MembershipError::Missing) => return Ok(None),
        Err(_) => return super::membership(folder).map(Some),
    };
    if membership.server().ok() != Some(invite.server()) {
        let what = format!("{place} belongs to another server");
        let why = format!("this machine works for {} from this folder", membership.address);
        let act = "name another folder with --data; one folder belongs to one server";
        return Err(Trouble::new(Exit::Conflict, &what, &why, act));
    }
    if membership.address != invite.address() {
        membership.address = invite.address().into();
        let saved = membership.save(folder);
        saved.map_err(|error| Trouble::of_folder(folder.root(), &error))?;
    }
    Ok(Some(membership))
}

async fn ask(identity: &Identity, invite: &Invite, name: &str) -> Result<Membership, Trouble> {
    let dialer = Dialer::new(identity).map_err(|error| Trouble::of_connecting(&error.into()))?;
    asked(&dialer, invite, name).await
}

/// Joins, and closes the socket.
pub(crate) async fn asked(
    dialer: &Dialer,
    invite: &Invite,
    name: &str,
) -> Result<Membership, Trouble> {
    let asked = timeout(span(JOIN_PATIENCE), exchange(dialer, invite, name)).await;
    // The server sees an end by silence too, only later.
    let _late = timeout(span(GOODBYE_PATIENCE), dialer.close(Close::Done, "joined")).await;
    let reply = asked.unwrap_or_else(|_| {
        let what = format!("the server {} does not answer", invite.address());
        let act = "try again in a minute; if it stays so, ask the operator";
        Err(Trouble::new(Exit::TimedOut, &what, "it took too long over the invite", act))
    })?;
    match reply {
        JoinReply::Refused(refusal) => Err(Trouble::of_refusal(refusal, invite.address())),
        JoinReply::Joined { role: Role::Admin, .. } => {
            let what = "this invite is not for a machine that computes";
            let why = "it makes its holder an admin of the server";
            let act = "ask for a worker's invite; with this one: gleaner-admin login INVITE";
            Err(Trouble::new(Exit::NotAllowed, what, why, act))
        }
        JoinReply::Joined { account, account_name, role, .. } => {
            let mut membership = Membership::new(invite.server(), invite.address(), name);
            membership.account = account.0;
            membership.account_name = tame(&account_name);
            membership.role = role_name(role).into();
            Ok(membership)
        }
    }
}

async fn exchange(dialer: &Dialer, invite: &Invite, name: &str) -> Result<JoinReply, Trouble> {
    let connection = dialer.connect(invite.server(), invite.address()).await;
    let connection = connection.map_err(|error| Trouble::of_connecting(&error))?;
    let of_link = |error| Trouble::of_link(&error, invite.address());
    let mut stream = connection.open().await.map_err(of_link)?;
    let wish = Wish { token: invite.token().0, name: name.into() };
    stream.send(&Open::Join(wish)).await.map_err(of_link)?;
    stream.receive().await.map_err(of_link)
}

fn told(membership: &Membership, state: State, style: Style) -> Result<(), Trouble> {
    let joined = Joined {
        state,
        server: &membership.address,
        server_key: membership.server().map(|key| key.to_string()).unwrap_or_default(),
        account: &membership.account_name,
        role: &membership.role,
        name: &membership.name,
    };
    style.show("gleaner/join/1", &joined, || {
        let Joined { server, account, role, name, .. } = &joined;
        let how = match state {
            State::Joined => "joined",
            State::JoinedBefore => "had joined before:",
        };
        format!("{how} {server} as {name} ({role}), account {account}")
    })?;
    style.note("next: gleaner-client run");
    Ok(())
}

/// A name that the user gives.
fn named(text: &str) -> Result<String, String> {
    match text.len() {
        0 => Err("a name has at least one letter".into()),
        1..=NAME_BYTES_MAX if tame(text) == text => Ok(text.into()),
        1..=NAME_BYTES_MAX => Err("a name has only letters that can be seen".into()),
        len => Err(format!("a name has at most {NAME_BYTES_MAX} bytes, this one {len}")),
    }
}

/// The machine's own name, as far as it can be shown.
fn machine_name() -> String {
    let system = rustix::system::uname();
    let name = tame(&system.nodename().to_string_lossy());
    let end = name.floor_char_boundary(NAME_BYTES_MAX);
    if end == 0 { "client".into() } else { name[..end].into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fits_and_can_be_seen() {
        assert!((1..=NAME_BYTES_MAX).contains(&machine_name().len()));
        assert_eq!(named("otter 417").as_deref(), Ok("otter 417"));
        for bad in ["", "a\u{1b}[2J", &"x".repeat(NAME_BYTES_MAX + 1)] {
            assert!(named(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_text_without_an_end_is_cut() {
        assert_eq!(text_of(std::io::repeat(b'x')).unwrap().len(), INVITE_TEXT_BYTES_MAX);
    }
}
