//! Examples of docs/protocol.md.
