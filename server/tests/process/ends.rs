//! Ending: asked to, told to, killed; and starting again where it was.

use std::time::Duration;

use rustix::process::Signal;

use crate::place::Place;

#[test]
fn a_server_ends_in_time_when_it_is_asked_to() {
    for signal in [Signal::TERM, Signal::INT] {
        let place = Place::new();
        let server = place.server("127.0.0.1:0", &[]);
        server.signal(signal);
        let (code, took) = server.ended();
        assert_eq!(code, Some(0), "{signal:?}");
        assert!(took < Duration::from_secs(5), "{signal:?}: {took:?}");
    }
}

#[test]
fn a_killed_server_comes_back_as_the_same() {
    let place = Place::new();
    let server = place.server("127.0.0.1:0", &["--demo"]);
    let (address, id) = (server.address(), server.ready["id"].clone());
    let first = server.ready["demo"]["invite"].clone();
    server.signal(Signal::KILL);
    assert_eq!(server.ended().0, None);
    // The demonstration again adds nothing but another invite.
    let server = place.server(&address, &["--demo"]);
    assert_eq!((server.address(), &server.ready["id"]), (address, &id));
    assert_ne!(server.ready["demo"]["invite"], first);
}
