//! Tests of the machine against a model of the server.
//!
//! `support` drives a form, `server` answers it, and `actions` makes random runs.

mod actions;
mod closing;
mod conflicts;
mod editing;
mod offline;
mod properties;
mod saving;
mod server;
mod support;
