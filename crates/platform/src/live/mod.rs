//! The live socket (Socket.IO v4): its clients, and feeds that send them every committed
//! change.
//!
//! - [`socket`]: the socket's limits
//! - [`handshakes`]: limits sessions
//! - [`clients`]: counts connected clients
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
