//! Acceptance 6: who cannot come in is told so, soon, with the cause and the next step.

use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle, sleep};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::{Answer, Client, Server, World};

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
    Client::join(world, "first", &good)?;
    let expired = admin.invite(&["--expires", "1s"])?;
    let revoked = admin.invite(&[])?;
    let list = admin.json(&["invite", "list"])?;
    admin.tell(&["invite", "revoke", &last_id(&list)?])?;
    let away = admin.invite(&[])?;
    sleep(Duration::from_millis(1_500));

    refused(world, "spent", &good, 7, "spent")?;
    refused(world, "expired", &expired, 7, "expired")?;
    refused(world, "revoked", &revoked, 7, "revoked")?;
    refused(world, "broken", "not-an-invite", 2, "invite")?;
    server.stop()?;
    refused(world, "away", &away, 6, "")?;
    let answer = admin.ask(&["job", "list"])?;
    told("admin without a server", &answer, 6, "")?;

    let other = other_server(world, &server)?;
    refused(world, "other-key", &away, 11, "key")?;
    drop(other);

    let future = Future::begin(server.address())?;
    refused(world, "future", &away, 12, "version")?;
    drop(future);
    Ok("8 refusals, each within 15 s with its exit code, its cause and the next step".to_owned())
}

/// Another server, with another key, at the same address.
fn other_server<'w>(world: &'w World, first: &Server<'_>) -> Result<Server<'w>> {
    Server::start_at(world, &world.path("other"), first.address())
}

fn refused(world: &World, name: &str, invite: &str, code: i32, cause: &str) -> Result<()> {
    told(name, &Client::stranger(world, name).try_join(invite)?, code, cause)
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

/// The number of the last invite in a list.
fn last_id(list: &serde_json::Value) -> Result<String> {
    let rows = list.as_array().or_else(|| list["invites"].as_array());
    let row = rows.map_or(Some(list), |rows| rows.last()).context("no invites")?;
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
