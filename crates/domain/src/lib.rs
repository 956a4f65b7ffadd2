//! The rules of orders: pure types and functions, no I/O.
//!
//! The crate is compiled twice, natively for the server and to WebAssembly for the
//! browser, so that both sides have one definition of an order and of a conflict.
//!
//! | module | content |
//! |---|---|
//! | [`orders`] | orders, and the rules by which they change |
//! | [`wire`] | the JSON between server and clients |
//! | [`channels`] | what the messages of all channels have in common |
//! | [`pages`] | the table of the dashboard's pages |
//! | [`money`] | exact amounts in minor units |
//! | [`time`] | the times that can be stored |
//! | [`case`] | conversion to upper and lower case |

pub mod case;
pub mod channels;
pub mod money;
pub mod orders;
pub mod pages;
pub mod time;
pub mod wire;
