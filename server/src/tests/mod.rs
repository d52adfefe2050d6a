//! The parts of the server together, in one process and without a network: a corpus comes in by the
//! admin's messages, one host computes, and answers are compared.

mod answers;
mod failing;
mod finish;
mod full;
mod golden;
mod host;
mod resume;
mod scene;
mod submit;
mod verify;
mod worker;
