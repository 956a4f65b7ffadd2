//! Everything smaller than a page.

pub mod badge;
pub mod chart;
pub mod clock;
pub mod connection;
pub mod header;
pub mod icons;
pub mod keys;
pub mod kpis;
pub mod me;
pub mod people;
pub mod theme;
pub mod toasts;
