//! Components shared by the pages.

pub mod badge;
pub mod chart;
pub mod clock;
pub mod connection;
pub mod header;
pub mod icons;
pub mod keys;
pub mod people;
pub mod stats;
pub mod theme;
pub mod toasts;
pub mod user_name;
