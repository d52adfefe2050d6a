//! What a server says on standard output once it serves: a line for people, or one JSON object.

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use gleaner_shared::id::HostId;
use serde::Serialize;

use crate::demo::Demo;

/// A server that serves.
#[derive(Debug)]
pub(crate) struct Ready<'a> {
    pub(crate) data: &'a Path,
    pub(crate) address: &'a str,
    pub(crate) listen: std::net::SocketAddr,
    pub(crate) id: HostId,
    pub(crate) took: Duration,
    pub(crate) demo: Option<&'a Demo>,
}

/// The JSON object: `gleaner/server-ready/1`.
#[derive(Serialize)]
struct Object<'a> {
    schema: &'static str,
    version: &'static str,
    data: String,
    /// Where clients reach it: what invites carry.
    address: &'a str,
    /// What the socket is bound to.
    listen: String,
    id: String,
    ready_seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    demo: Option<&'a Demo>,
}

impl Ready<'_> {
    /// Says it for programs.
    pub(crate) fn say_json(&self) {
        say(&self.json());
    }

    /// Says it for people.
    pub(crate) fn say_text(&self) {
        say(&self.text());
    }

    fn json(&self) -> String {
        let object = Object {
            schema: "gleaner/server-ready/1",
            version: env!("CARGO_PKG_VERSION"),
            data: self.data.display().to_string(),
            address: self.address,
            listen: self.listen.to_string(),
            id: self.id.to_string(),
            ready_seconds: self.took.as_secs_f64(),
            demo: self.demo,
        };
        serde_json::to_string(&object).expect("strings and a finite number") + "\n"
    }

    fn text(&self) -> String {
        let data = self.data.display();
        let mut text = format!(
            "gleaner-server {} on {data}: clients at {} (UDP), ready in {:.1} s\n",
            env!("CARGO_PKG_VERSION"),
            self.address,
            self.took.as_secs_f64()
        );
        if let Some(demo) = self.demo {
            text += &format!(
                "job {job} waits for machines; in other terminals:\n  \
                 gleaner-client join '{}'\n  gleaner-client run\n  \
                 gleaner-admin --data {data} job wait {job}\n  \
                 gleaner-admin --data {data} search 'fever and cough' --job {job}\n",
                demo.invite,
                job = demo.job,
            );
        }
        text
    }
}

/// Nobody may be listening, and a server serves all the same.
fn say(text: &str) {
    let mut target = io::stdout().lock();
    let _gone = target.write_all(text.as_bytes()).and_then(|()| target.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ready_server_names_its_address_in_both_forms() {
        let ready = Ready {
            data: Path::new("gle\"aner"),
            address: "queue.example.org:4433",
            listen: ([0, 0, 0, 0], 4433).into(),
            id: HostId([7; 32]),
            took: Duration::from_millis(312),
            demo: None,
        };
        let json: serde_json::Value = serde_json::from_str(&ready.json()).unwrap();
        assert_eq!(json["schema"], "gleaner/server-ready/1");
        assert_eq!(json["address"], "queue.example.org:4433");
        assert_eq!(json["listen"], "0.0.0.0:4433");
        assert!(ready.text().contains("clients at queue.example.org:4433 (UDP), ready in 0.3 s"));
    }
}
