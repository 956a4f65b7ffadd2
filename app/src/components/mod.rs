//! Everything smaller than a page.

pub mod badge;
pub mod connection;
pub mod header;
pub mod icons;
pub mod kpis;
pub mod theme;
pub mod toasts;
