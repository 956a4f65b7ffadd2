//! Clients on the live socket (Socket.IO v4), and feeds of changes to them.
//!
//! - [`socket`]: the socket's limits
//! - [`handshakes`]: how many sessions may begin
//! - [`clients`]: how many clients are connected
//! - [`connection_registry`]: which TCP connection belongs to which client
//! - [`emit`]: sends to a room, and disconnects clients that are too slow
//! - [`relay`]: messages between instances
//! - [`feed`]: broadcasts committed changes, and catches up after a gap

pub mod clients;
pub mod connection_registry;
pub mod emit;
pub mod feed;
pub mod handshakes;
pub mod relay;
pub mod socket;
