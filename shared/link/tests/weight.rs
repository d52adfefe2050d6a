//! What an idle connection weighs. A test binary of its own: other tests would weigh, too.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use gleaner_link::{Dialer, Identity, Server};
use gleaner_shared::measure::Millis;

/// Connections: enough that what is there once does not count.
const COUNT: u64 = 256;
/// KiB that both ends of an idle connection with one stream may take together. Measured: 74
/// (2026-11-23); twice that is a change to look into.
const PAIR_KIB_MAX: u64 = 148;

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
}

#[tokio::test]
async fn an_idle_connection_is_light() {
    let identity = Identity::generate();
    let server = Server::bind(&identity, ([127, 0, 0, 1], 0).into()).unwrap();
    let dialer = Dialer::new(&Identity::generate()).unwrap();
    let address = server.local_addr().to_string();
    let mut kept = Vec::new();
    let mut before = 0;
    for count in 0..COUNT + 16 {
        let dialing = dialer.connect_within(identity.id(), &address, Millis::from_seconds(20));
        let accepting = async { server.accept().await.unwrap().establish().await.unwrap() };
        let (theirs, ours) = tokio::join!(dialing, accepting);
        let theirs = theirs.unwrap();
        let mut stream = theirs.open().await.unwrap();
        stream.send(&[7u8; 64].as_slice()).await.unwrap();
        let mut other = ours.accept().await.unwrap();
        let _: Vec<u8> = other.receive().await.unwrap();
        kept.push((theirs, ours, stream, other));
        if count == 15 {
            before = resident_kib();
        }
    }
    let pair_kib = (resident_kib() - before) / COUNT;
    eprintln!("an idle pair of connection ends takes {pair_kib} KiB");
    assert!(pair_kib <= PAIR_KIB_MAX, "{pair_kib} KiB");
}
