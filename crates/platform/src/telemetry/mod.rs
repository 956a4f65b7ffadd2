//! What is to be seen of a running server.
//!
//! - logs, here: for people, or as JSON for machines
//! - [`metrics`]: numbers, for Prometheus
//! - [`traces`]: what became of a webhook, over OTLP

pub mod metrics;
pub mod traces;

use clap::ValueEnum;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// Spans of our own crates are exported, and no others.
const OURS: &str = "off,platform=info,channels=info,inbox=info,orders=info,server=info";

/// `LOG_FORMAT`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One readable line an event.
    Pretty,
    /// One JSON object an event.
    Json,
}

/// Starts logging to standard error, and tracing where that is wanted.
/// `RUST_LOG` selects what.
pub fn init(format: LogFormat) -> anyhow::Result<()> {
    // apalis warns about every lost connection, and so do we, once.
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,apalis_core=error,sea_orm_migration=warn"));
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let log = match format {
        LogFormat::Pretty => log.boxed(),
        LogFormat::Json => log.json().flatten_event(true).boxed(),
    };
    let traces = traces::tracer()?.map(|tracer| {
        let ours = EnvFilter::new(OURS);
        tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_filter(ours)
    });
    tracing_subscriber::registry()
        .with(log.with_filter(filter))
        .with(traces)
        .init();
    if format == LogFormat::Json {
        std::panic::set_hook(Box::new(log_panic));
    }
    Ok(())
}

/// A bug, as one object on one line like everything else. What it says may hold
/// what is nobody's business; where it is does not.
fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    tracing::error!(place, "panicked");
}
