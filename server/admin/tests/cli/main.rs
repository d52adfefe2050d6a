//! The program as a user runs it, against a server that is played by the test over a real socket.
//!
//! What the real server answers is no matter here; the world's tests run both.

mod codes;
mod export;
mod forms;
mod hostile;
mod intake;
mod login;
mod place;
mod submit;
mod wait;
