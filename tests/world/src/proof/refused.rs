//! Acceptance 6: who cannot come in is told so, soon, with the cause and the next step.

use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle, sleep};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::{Admin, Answer, Client, Server, World};

/// How soon.
const SOON: Duration = Duration::from_secs(15);

/// Tries to come in where that is impossible.
///
/// # Errors
/// If a try succeeds, takes too long, has another exit code or does not say why.
pub fn prove(world: &World) -> Result<String> {
    let mut server = Server::start(world, &world.path("server"))?;
    let admin = server.admin();
    let good = admin.invite(&["--uses", "1"])?;
    let first = Client::join(world, "first", &good)?;
    let chief = admin.invite(&["--admin"])?;
    let login = login(world, &chief, "lab")?;
    ensure!(login.code() == Some(0), "an admin cannot log in: {}", login.err);
    let elsewhere = Admin::remote(world, "lab");
    elsewhere.tell(&["job", "list"])?;
    let (expired, revoked, away) =
        (admin.invite(&["--expires", "1s"])?, admin.invite(&[])?, admin.invite(&[])?);
    elsewhere.tell(&["invite", "revoke", &one_before_last(&admin.json(&["invite", "list"])?)?])?;
    sleep(Duration::from_millis(1_500));

    let run = &["run", "--threads", "1"];
    for (name, (answer, code, cause)) in [
        ("spent", (join(world, &good)?, 7, "spent")),
        ("expired", (join(world, &expired)?, 7, "expired")),
        ("revoked", (join(world, &revoked)?, 7, "revoked")),
        ("no invite", (join(world, "not-an-invite")?, 2, "invite")),
        ("spent admin invite", (self::login(world, &chief, "more")?, 7, "spent")),
        ("a volunteer's invite", (self::login(world, &away, "more")?, 7, "compute")),
    ] {
        told(name, &answer, code, cause)?;
    }
    server.stop()?;
    told("away", &join(world, &away)?, 6, "")?;
    told("admin, away", &elsewhere.ask(&["job", "list"])?, 6, "")?;
    told("admin on its machine, away", &admin.ask(&["job", "list"])?, 6, "")?;

    let other = Server::start_at(world, &world.path("other"), server.address())?;
    told("other key", &join(world, &away)?, 11, "key")?;
    told("run, other key", &first.ask(run)?, 11, "")?;
    told("admin, other key", &elsewhere.ask(&["job", "list"])?, 11, "key")?;
    drop(other);

    let future = Future::begin(server.address())?;
    told("future", &join(world, &away)?, 12, "version")?;
    told("run, future", &first.ask(run)?, 12, "version")?;
    told("admin, future", &elsewhere.ask(&["job", "list"])?, 12, "version")?;
    drop(future);
    Ok("15 refusals, each within 15 s with its exit code, its cause and the next step".to_owned())
}

fn join(world: &World, invite: &str) -> Result<Answer> {
    Client::stranger(world, "stranger").try_join(invite)
}

fn login(world: &World, invite: &str, name: &str) -> Result<Answer> {
    Admin::nowhere(world).ask(&["login", invite, "--name", name])
}

/// It ended soon, with this code, and said what, why and what to do.
fn told(name: &str, answer: &Answer, code: i32, cause: &str) -> Result<()> {
    let Answer { err, took, .. } = answer;
    ensure!(answer.code() == Some(code), "{name}: {:?}, not {code}: {err}", answer.ended);
    ensure!(*took < SOON, "{name}: took {:.1} s", took.as_secs_f64());
    let says = |part: &str| err.to_lowercase().contains(part);
    let whole = says("error: ") && says("why: ") && says("do: ") && says(cause);
    ensure!(whole, "{name}: does not say what ({cause:?}), why and what to do: {err}");
    Ok(())
}

/// The number of the invite before the last in a list.
fn one_before_last(list: &serde_json::Value) -> Result<String> {
    let rows = list["invites"].as_array().context("no list of invites")?;
    let row = rows.iter().rev().nth(1).context("too few invites")?;
    Ok(row["id"].to_string())
}

/// A server of the far future: it answers every packet with the versions of QUIC that it speaks,
/// of which we speak none (RFC 9000, 17.2.1).
struct Future {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Future {
    fn begin(address: &str) -> Result<Self> {
        let socket = UdpSocket::bind(address)?;
        socket.set_read_timeout(Some(Duration::from_millis(50)))?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let mut packet = [0; 2_048];
            while !stopped.load(Ordering::Relaxed) {
                let Ok((length, from)) = socket.recv_from(&mut packet) else { continue };
                if let Some(answer) = other_version(&packet[..length]) {
                    let _lost = socket.send_to(&answer, from);
                }
            }
        });
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for Future {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ended = self.thread.take().map(JoinHandle::join);
    }
}

/// A version negotiation packet in answer to a long header packet.
fn other_version(packet: &[u8]) -> Option<Vec<u8>> {
    let to_length = usize::from(*packet.get(5)?);
    let to = packet.get(6..6 + to_length)?;
    let from_length = usize::from(*packet.get(6 + to_length)?);
    let from = packet.get(7 + to_length..7 + to_length + from_length)?;
    let mut answer = vec![0x80, 0, 0, 0, 0];
    for id in [from, to] {
        answer.push(u8::try_from(id.len()).ok()?);
        answer.extend_from_slice(id);
    }
    answer.extend_from_slice(&0x6b33_43cf_u32.to_be_bytes());
    Some(answer)
}
