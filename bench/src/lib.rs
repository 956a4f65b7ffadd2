//! Measures a server over its public contract, beside the machine's own
//! ceilings: how fast it is, and how fast it could be at all.
//!
//! - [`socket`]: a Socket.IO client, for one connection ([`packet`] is its grammar)

pub mod packet;
pub mod socket;
