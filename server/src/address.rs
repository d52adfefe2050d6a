//! The address that invites carry.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use gleaner_link::{Invite, Token};
use gleaner_shared::id::HostId;

use crate::trouble::{Exit, Trouble};

/// An address of `--public`, if invites can carry it.
pub(crate) fn public(address: String) -> Result<String, Trouble> {
    match Invite::new(HostId([0; 32]), &address, Token([0; 16])) {
        Ok(_) => Ok(address),
        Err(_) => Err(Trouble {
            exit: Exit::Usage,
            what: "invites cannot carry the address of --public".into(),
            why: format!("{address:?} is not HOST:PORT, with a name or an address"),
            act: "gleaner-server run --public queue.example.org:4433",
        }),
    }
}

/// Where clients reach a socket: at its address, or, if it listens on all addresses, at the one
/// that this machine uses to reach others. Nothing is sent to find that out.
pub(crate) fn reachable(local: SocketAddr) -> SocketAddr {
    if !local.ip().is_unspecified() {
        return local;
    }
    // Addresses for documentation (RFC 5737, RFC 3849): the route to them is the one to the world.
    let (any, world, own): (IpAddr, SocketAddr, IpAddr) = match local {
        SocketAddr::V4(_) => {
            (Ipv4Addr::UNSPECIFIED.into(), ([192, 0, 2, 1], 9).into(), Ipv4Addr::LOCALHOST.into())
        }
        SocketAddr::V6(_) => (
            Ipv6Addr::UNSPECIFIED.into(),
            ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1], 9).into(),
            Ipv6Addr::LOCALHOST.into(),
        ),
    };
    let route = || {
        let socket = UdpSocket::bind((any, 0))?;
        socket.connect(world)?;
        socket.local_addr()
    };
    // Without a route there is only this machine.
    let ip = route().map_or(own, |address| address.ip());
    SocketAddr::new(ip, local.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_no_invite_carries_is_refused() {
        for (address, good) in [
            ("queue.example.org:4433", true),
            ("[::1]:5", true),
            ("queue", false),
            ("a b:1", false),
        ] {
            assert_eq!(public(address.into()).is_ok(), good, "{address}");
        }
    }

    #[test]
    fn an_invite_never_names_the_unspecified_address() {
        for (listen, expected) in [
            ("127.0.0.1:5", Some("127.0.0.1:5")),
            ("[::1]:5", Some("[::1]:5")),
            ("0.0.0.0:5", None),
            ("[::]:5", None),
        ] {
            let found = reachable(listen.parse().unwrap());
            assert!(!found.ip().is_unspecified(), "{listen}");
            assert_eq!(found.port(), 5);
            assert!(expected.is_none_or(|expected| found == expected.parse().unwrap()));
        }
    }
}
