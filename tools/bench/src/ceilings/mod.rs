//! The limits of this machine, which the server's figures are compared with.

pub mod broadcast;
pub mod postgres;
mod rows;
