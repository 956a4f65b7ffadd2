//! The command line: parses the arguments and runs the command `serve`, `simulate`,
//! `healthcheck` or `migrate`.

mod healthcheck;
mod process;
mod serve;
mod simulate;

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use platform::db::Db;
use platform::telemetry::{self, LogFormat};

use healthcheck::healthcheck;
use process::local_url;
use serve::serve;
use simulate::{SimulateArgs, simulate};

use crate::composition::migrate;
use crate::config::{DEFAULT_DATABASE, ServeArgs};

/// Real-time order orchestrator: signed Shopify webhooks in, versioned orders
/// out, live on every dashboard.
#[derive(Debug, Parser)]
#[command(name = "orchestrator", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,

    /// The format of the log.
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
    /// Check whether a server is alive; exit with 0 if it is.
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

impl Cli {
    /// Runs the command. An error is reported in the format of the log.
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
