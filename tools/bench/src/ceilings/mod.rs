//! What this machine can do without us: the measure of what we do.

pub mod broadcast;
pub mod http;
pub mod postgres;
pub mod redis;
mod rows;
