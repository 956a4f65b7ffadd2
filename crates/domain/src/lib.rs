//! The rules of the order desk: pure types and functions, no I/O.
//!
//! Compiled twice, natively for the server and to WebAssembly for the browser,
//! so that both sides agree on one definition of an order and of a conflict.
//!
//! | module | what is in it |
//! |---|---|
//! | [`orders`] | what an order is, and what changes it |
//! | [`wire`] | the JSON that crosses the wire |
//! | [`channels`] | what every channel's messages have in common |
//! | [`pages`] | the one table of pages |
//! | [`money`] | exact amounts in minor units |
//! | [`time`] | which times can be stored |
//! | [`case`] | upper and lower case |

pub mod case;
pub mod channels;
pub mod money;
pub mod orders;
pub mod pages;
pub mod time;
pub mod wire;
