//! Logs: for people, or as JSON for machines.

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

/// `LOG_FORMAT`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One readable line an event.
    Pretty,
    /// One JSON object an event.
    Json,
}

/// Starts logging to standard error. `RUST_LOG` selects what.
pub fn init(format: LogFormat) {
    // apalis warns about every lost connection, and so do we, once.
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,apalis_core=error,sea_orm_migration=warn"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Pretty => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}
