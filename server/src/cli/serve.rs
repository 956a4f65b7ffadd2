//! `serve`: runs a server, in demo mode with a sender of simulated webhooks.

use std::net::SocketAddr;

use anyhow::Context;
use platform::http::serve::listen;
use platform::telemetry::{self, LogFormat};
use simulator::{Options, Sender};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use uuid::Uuid;

use super::process::{local_url, stop_requested};
use crate::composition;
use crate::config::ServeArgs;

pub(super) async fn serve(args: ServeArgs, log_format: LogFormat) -> anyhow::Result<()> {
    // The secret never leaves this process, so no other client can sign with it.
    let demo_secret = args.demo.then(|| Uuid::new_v4().to_string());
    let config = args.check(demo_secret.as_deref())?;
    // Each connection needs a file descriptor, and the usual limit of 1,024 is too low.
    let files = u64::try_from(config.limits.connections)? + 1_024;
    if rlimit::increase_nofile_limit(files).is_ok_and(|allowed| allowed < files) {
        warn!(
            files,
            "the system allows fewer open files than MAX_CONNECTIONS needs"
        );
    }
    let listener = listen(args.listen_addr)
        .with_context(|| format!("cannot listen on {}", args.listen_addr))?;
    let address = listener.local_addr()?;
    print_addresses(address, &args, log_format);

    let shutdown = CancellationToken::new();
    let demo = demo_secret.map(|secret| {
        let options = Options {
            rate: args.demo_rate,
            seed: rand::random(),
            ..Options::default()
        };
        tokio::spawn(send_demo_traffic(
            address,
            secret,
            options,
            shutdown.clone(),
        ))
    });
    tokio::spawn({
        let shutdown = shutdown.clone();
        async move {
            stop_requested().await;
            info!("stopping");
            shutdown.cancel();
        }
    });
    composition::run(listener, config, shutdown.clone()).await?;
    shutdown.cancel();
    if let Some(demo) = demo {
        demo.await?;
    }
    telemetry::traces::flush();
    Ok(())
}

/// Logs that the server has started, and prints its addresses for a person at a terminal.
fn print_addresses(address: SocketAddr, args: &ServeArgs, log_format: LogFormat) {
    info!(
        %address,
        database = if args.database_url().starts_with("sqlite") { "sqlite" } else { "postgres" },
        queue = if args.redis_url.as_ref().is_some_and(|url| !url.trim().is_empty()) { "redis" } else { "embedded" },
        demo = args.demo,
        "serving"
    );
    // A log that a machine reads must contain nothing else.
    if log_format == LogFormat::Json {
        return;
    }
    let mut lines = vec![format!("  Dashboard  http://{address}/dashboard")];
    if args.demo {
        lines.push("  Demo       made-up orders arrive as signed webhooks over HTTP".into());
        lines.push(
            "  Next       set SHOPIFY_WEBHOOK_SECRET and point Shopify at /webhooks/shopify".into(),
        );
    } else {
        lines.push(format!(
            "  Webhooks   POST http://{address}/webhooks/shopify"
        ));
    }
    eprintln!("\n{}\n", lines.join("\n"));
}

async fn send_demo_traffic(
    address: SocketAddr,
    secret: String,
    options: Options,
    shutdown: CancellationToken,
) {
    match Sender::connect(&local_url(address), secret.as_bytes()) {
        Ok(sender) => {
            simulator::run(&options, &sender, shutdown.cancelled()).await;
        }
        Err(error) => tracing::error!(%error, "could not send demo traffic"),
    }
}
