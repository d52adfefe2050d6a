//! `login`: this machine becomes an admin of a server elsewhere.
//!
//! The key is on disk before it is shown to the server, so that a login that was interrupted can be
//! repeated with the same invite.

use clap::Args;
use gleaner_link::Invite;
use gleaner_shared::limits::NAME_BYTES_MAX;
use gleaner_shared::wire::stream::{Join, JoinReply, Open, Role};
use serde::Serialize;

use crate::admin::Admin;
use crate::escape::escaped;
use crate::fault::{Exit, Fault, Told};
use crate::link_fault::{invite_fault, refusal_fault};
use crate::{logins, open};

/// Become an admin of a server elsewhere.
#[derive(Args, Debug)]
#[command(after_help = "\
The invite is one that the operator made with: invite create --admin

Example:
  gleaner-admin login 'gleaner://lab.example:4433/AcQ7' --name lab")]
pub(crate) struct Login {
    /// The invite; `-` reads it from standard input
    #[arg(value_name = "INVITE")]
    invite: String,
    /// What to call the server here [default: its host name]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

#[derive(Serialize)]
struct LoggedIn<'a> {
    server: &'a str,
    address: &'a str,
    server_id: String,
    version: String,
}

impl Login {
    pub(crate) async fn run(self, admin: &Admin) -> Result<Exit, Fault> {
        let text = match self.invite.as_str() {
            "-" => from_stdin()?,
            text => text.to_owned(),
        };
        let invite: Invite = text.parse().map_err(|error| invite_fault(&error))?;
        let name = self.name.unwrap_or_else(|| name_of(invite.address()));
        let login = logins::Login { address: invite.address().to_owned(), server: invite.server() };
        let logins = &admin.reach.logins;
        if logins.find(&name)?.is_some_and(|other| other.server != login.server) {
            return Err(taken(&name));
        }
        let version = join(admin, &invite, &name).await?;
        logins.keep(&name, &login)?;
        let server_id = login.server.to_string();
        let address = login.address.as_str();
        let logged_in = LoggedIn { server: &name, address, server_id, version };
        admin.output.show("gleaner/login/1", &logged_in, || {
            format!("logged in to {address} as {name}, an admin")
        })?;
        admin.output.note(&format!("next: gleaner-admin status --server {name}"));
        Ok(Exit::Done)
    }
}

/// Joins the server; its version.
async fn join(admin: &Admin, invite: &Invite, name: &str) -> Result<String, Fault> {
    let identity = admin.reach.logins.identity_or_new(name)?;
    let login = logins::Login { address: invite.address().to_owned(), server: invite.server() };
    let connection = admin.reach.connect(&identity, &login).await?;
    let mut talk = open::stream(&connection).await?;
    let join = Join { token: invite.token().0, name: machine_name() };
    talk.send(&Open::Join(join)).await?;
    match talk.receive_soon().await? {
        JoinReply::Joined { role: Role::Admin, version, .. } => Ok(version),
        JoinReply::Joined { .. } => Err(Told {
            exit: Exit::NotAllowed,
            what: format!("this machine is not an admin of {}", invite.address()),
            why: "the invite is one for machines that compute".into(),
            next: "on the server's machine: gleaner-admin invite create --admin".into(),
        }
        .into()),
        JoinReply::Refused(refusal) => Err(refusal_fault(refusal)),
    }
}

fn from_stdin() -> Result<String, Fault> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|error| {
        Fault::from(Told {
            exit: Exit::Failed,
            what: "the invite cannot be read from standard input".into(),
            why: error.to_string(),
            next: "give it as an argument".into(),
        })
    })?;
    Ok(line)
}

fn taken(name: &str) -> Fault {
    Told {
        exit: Exit::Conflict,
        what: format!("{} is the name of another server here", escaped(name)),
        why: "this machine has logged in to a server with another key by that name".into(),
        next: "give another name with --name".into(),
    }
    .into()
}

/// The first part of a host name, as far as it can be a name; an address as a whole.
fn name_of(address: &str) -> String {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let is_number = host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let first = host.split('.').next().unwrap_or(host);
    let name: String = if is_number { host } else { first }
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
        .collect();
    let name: String = name.trim_matches('-').chars().take(NAME_BYTES_MAX).collect();
    if name.is_empty() { "server".into() } else { name }
}

/// What this machine calls itself: its host name, as far as it can be shown.
fn machine_name() -> String {
    let system = rustix::system::uname();
    let name = system.nodename().to_string_lossy();
    let name = escaped(&name);
    let end = name.floor_char_boundary(NAME_BYTES_MAX);
    if end == 0 { "admin".into() } else { name[..end].to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_called_by_its_host() {
        let cases = [
            ("lab.example.org:4433", "lab"),
            ("localhost:4433", "localhost"),
            ("10.0.0.7:4433", "10-0-0-7"),
            ("[::1]:4433", "1"),
            ("[::]:4433", "server"),
            ("under_score:1", "under-score"),
        ];
        for (address, name) in cases {
            assert_eq!(name_of(address), name);
        }
    }

    #[test]
    fn this_machine_has_a_name_that_fits() {
        assert!((1..=NAME_BYTES_MAX).contains(&machine_name().len()));
    }
}
