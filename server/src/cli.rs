//! The command line: `serve`, `simulate`, `migrate`.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use platform::db::Db;
use platform::http::serve::listen;
use platform::telemetry::{self, LogFormat};
use simulator::{DEFAULT_SHOP, Options, Report, Sender};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use uuid::Uuid;

use crate::composition::{self, migrate};
use crate::config::{DEFAULT_DATABASE, ServeArgs};

/// How long a healthy server may take to say so.
/// Less than Docker waits for it (3 s in the Dockerfile).
const HEALTHCHECK_TIMEOUT: Duration = Duration::from_secs(2);

/// Real-time order orchestrator: signed Shopify webhooks in, versioned orders
/// out, live on every dashboard.
#[derive(Debug, Parser)]
#[command(name = "orchestrator", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,

    /// How logs look.
    #[arg(
        long,
        env = "LOG_FORMAT",
        value_enum,
        default_value = "pretty",
        global = true
    )]
    log_format: LogFormat,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve webhooks, the API and the dashboard.
    Serve(ServeArgs),
    /// Send a server realistic, signed webhooks.
    Simulate(SimulateArgs),
    /// Ask a server whether it lives; exit with 0 if it does.
    Healthcheck {
        /// Its address; by default this machine, on the port of `LISTEN_ADDR`.
        #[arg(long)]
        url: Option<String>,
        #[arg(
            long,
            env = "LISTEN_ADDR",
            default_value = "127.0.0.1:9000",
            hide = true
        )]
        listen_addr: SocketAddr,
    },
    /// Bring the database schema up to date, and exit.
    Migrate {
        /// `sqlite://FILE?mode=rwc` or `postgres://…`
        #[arg(
            long,
            env = "DATABASE_URL",
            default_value = DEFAULT_DATABASE,
            hide_env_values = true
        )]
        database_url: String,
    },
}

#[derive(Debug, Args)]
struct SimulateArgs {
    /// The server to send to.
    #[arg(long, default_value = "http://127.0.0.1:9000")]
    url: String,
    /// The secret to sign with; the first of a list.
    #[arg(long, env = "SHOPIFY_WEBHOOK_SECRET", hide_env_values = true)]
    secret: String,
    /// Webhooks a second.
    #[arg(long, default_value_t = 5.0)]
    rate: f64,
    /// Stop after this many; without it, go on until interrupted.
    #[arg(long)]
    count: Option<u64>,
    /// Share of deliveries sent twice, 0 to 1.
    #[arg(long, default_value_t = 0.0)]
    duplicates: f64,
    /// Share of deliveries sent out of order, 0 to 1.
    #[arg(long, default_value_t = 0.0)]
    shuffle: f64,
    /// The same seed tells the same story.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The shop to send as.
    #[arg(long, default_value = DEFAULT_SHOP)]
    shop: String,
}

impl Cli {
    /// Runs the command. What it fails with is logged, in the log's own format.
    pub async fn run(self) -> ExitCode {
        let log_format = self.log_format;
        let done = match telemetry::init(log_format) {
            Ok(()) => self.execute().await,
            Err(error) => Err(error),
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) if log_format == LogFormat::Json => {
                tracing::error!(error = format!("{error:#}"), "failed");
                ExitCode::FAILURE
            }
            Err(error) => {
                eprintln!("Error: {error:?}");
                ExitCode::FAILURE
            }
        }
    }

    async fn execute(self) -> anyhow::Result<()> {
        match self.command {
            Command::Serve(args) => serve(args, self.log_format).await,
            Command::Simulate(args) => simulate(args).await,
            Command::Healthcheck { url, listen_addr } => {
                healthcheck(url.unwrap_or_else(|| local_url(listen_addr))).await
            }
            Command::Migrate { database_url } => {
                Ok(migrate(&Db::open(&database_url, 4).await?).await?)
            }
        }
    }
}

async fn serve(args: ServeArgs, log_format: LogFormat) -> anyhow::Result<()> {
    // Nobody outside this process can sign with it.
    let demo_secret = args.demo.then(|| Uuid::new_v4().to_string());
    let config = args.check(demo_secret.as_deref())?;
    // A connection is a file: the usual limit of 1,024 is soon reached.
    let files = u64::try_from(config.limits.connections)? + 1_024;
    if rlimit::increase_nofile_limit(files).is_ok_and(|most| most < files) {
        warn!(
            files,
            "the system allows fewer open files than MAX_CONNECTIONS needs"
        );
    }
    let listener = listen(args.listen_addr)
        .with_context(|| format!("cannot listen on {}", args.listen_addr))?;
    let address = listener.local_addr()?;
    announce(address, &args, log_format);

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
            asked_to_stop().await;
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

/// Where a server on this machine answers.
fn local_url(listen_addr: SocketAddr) -> String {
    let mut address = listen_addr;
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    format!("http://{address}")
}

async fn healthcheck(url: String) -> anyhow::Result<()> {
    let url = format!("{}/healthz", url.trim_end_matches('/'));
    let client = reqwest::Client::builder().timeout(HEALTHCHECK_TIMEOUT);
    client
        .build()?
        .get(&url)
        .send()
        .await
        .and_then(reqwest::Response::error_for_status)
        .with_context(|| format!("{url} does not answer as it should"))?;
    Ok(())
}

/// Tells a person at a terminal where to look and what to do next.
fn announce(address: SocketAddr, args: &ServeArgs, log_format: LogFormat) {
    info!(
        %address,
        database = if args.database_url().starts_with("sqlite") { "sqlite" } else { "postgres" },
        queue = if args.redis_url.as_ref().is_some_and(|url| !url.trim().is_empty()) { "redis" } else { "embedded" },
        demo = args.demo,
        "serving"
    );
    // A machine that reads the log wants nothing else on it.
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
    let host = if address.ip().is_unspecified() {
        SocketAddr::from(([127, 0, 0, 1], address.port()))
    } else {
        address
    };
    match Sender::connect(&format!("http://{host}"), secret.as_bytes()) {
        Ok(sender) => {
            simulator::run(&options, &sender, shutdown.cancelled()).await;
        }
        Err(error) => tracing::error!(%error, "no demo traffic"),
    }
}

async fn simulate(args: SimulateArgs) -> anyhow::Result<()> {
    for (name, share) in [("duplicates", args.duplicates), ("shuffle", args.shuffle)] {
        if !(0.0..=1.0).contains(&share) {
            bail!("--{name} must be 0 to 1");
        }
    }
    if !(args.rate > 0.0 && args.rate.is_finite()) {
        bail!("--rate must be above 0");
    }
    let secret = args.secret.split(',').next().unwrap_or_default().trim();
    if secret.is_empty() {
        bail!("--secret is empty");
    }
    let sender = Sender::connect(&args.url, secret.as_bytes())?;
    let options = Options {
        rate: args.rate,
        count: args.count,
        duplicates: args.duplicates,
        shuffle: args.shuffle,
        seed: args.seed,
        shop: args.shop,
    };
    let report = simulator::run(&options, &sender, asked_to_stop()).await;
    print(&report);
    if report.failed > 0 {
        bail!("{} deliveries could not be sent", report.failed);
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command's result")]
fn print(report: &Report) {
    println!(
        "sent {}  accepted {}  duplicate {}  ignored {}  rejected {}  failed {}",
        report.sent,
        report.accepted,
        report.duplicate,
        report.ignored,
        report.rejected,
        report.failed
    );
}

/// Ctrl-C, or SIGTERM from an init system.
async fn asked_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
