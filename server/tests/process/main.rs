//! The server as a process: what it says, when it refuses, and how it ends. Real files and sockets.

mod admin;
mod ends;
mod peer;
mod place;
mod sessions;
mod starts;
