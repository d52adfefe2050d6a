//! The native apps: none stands yet.
