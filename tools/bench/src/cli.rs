//! The command line.

use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::services::{POSTGRES, REDIS};
use crate::{bare, run, scenarios};

/// Starts `PostgreSQL` and Redis, and runs a command with them.
const WITH_SERVICES: &str = "scripts/with-services.sh";

/// Measures a server, beside the machine's own ceilings.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run scenarios, and report what they found.
    Run(RunArgs),
    /// List the scenarios.
    List,
    /// Serve nothing but signatures: a ceiling.
    #[command(hide = true)]
    BareHttp {
        #[arg(long, env = "LISTEN_ADDR")]
        listen_addr: SocketAddr,
        #[arg(long, env = "SHOPIFY_WEBHOOK_SECRET")]
        secret: String,
    },
    /// Serve nothing but broadcasts: a ceiling.
    #[command(hide = true)]
    BareSocket {
        #[arg(long, env = "LISTEN_ADDR")]
        listen_addr: SocketAddr,
    },
}

/// What to run, and where.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The server's program, built for release.
    #[arg(long, default_value = "target/release/orchestrator")]
    pub server_bin: PathBuf,
    /// Its browser files; by default those beside it.
    #[arg(long)]
    pub site_root: Option<PathBuf>,
    /// Only these, comma-separated; see `bench list`.
    #[arg(long, value_delimiter = ',')]
    pub only: Vec<String>,
    /// A short run, to see that everything works.
    #[arg(long)]
    pub quick: bool,
    /// Connections that send webhooks in closed loop: enough for group commits
    /// to be worth their name.
    #[arg(long, default_value_t = 256)]
    pub connections: usize,
    /// Webhooks of the long run, instead of a million.
    #[arg(long)]
    pub long_run: Option<u64>,
    /// Orders of the full database, instead of a million.
    #[arg(long)]
    pub full: Option<u64>,
    /// Keep what an earlier run in the same folder found for the other scenarios.
    #[arg(long)]
    pub keep: bool,
    /// Folder for results and logs.
    #[arg(long, default_value = "target/bench")]
    pub out: PathBuf,
    /// Folder of the documentation, to put the results into BENCHMARKS.md and a
    /// chart into images.
    #[arg(long)]
    pub docs: Option<PathBuf>,
}

impl Cli {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::List => {
                let names: Vec<_> = scenarios::ALL.iter().map(|one| one.name).collect();
                print(&names.join("\n"));
                Ok(())
            }
            // As servers run: on all processors.
            Command::BareHttp {
                listen_addr,
                secret,
            } => tokio::runtime::Runtime::new()?.block_on(bare::http::run(listen_addr, &secret)),
            Command::BareSocket { listen_addr } => {
                tokio::runtime::Runtime::new()?.block_on(bare::socket::run(listen_addr))
            }
            Command::Run(args) => {
                if [POSTGRES, REDIS]
                    .iter()
                    .any(|name| std::env::var_os(name).is_none())
                {
                    return Err(with_services());
                }
                // One thread, so that waking each other costs senders nothing.
                tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()?
                    .block_on(run::run(args))
            }
        }
    }
}

/// Starts this command anew with services to measure against. Returns only if
/// that fails.
fn with_services() -> anyhow::Error {
    let this = match std::env::current_exe() {
        Ok(this) => this,
        Err(error) => return error.into(),
    };
    // What counts is what survives a power cut.
    let error = std::process::Command::new(WITH_SERVICES)
        .env("PG_FSYNC", "on")
        .arg(this)
        .args(std::env::args_os().skip(1))
        .exec();
    anyhow::Error::new(error).context(format!("{WITH_SERVICES} (run from the project's folder)"))
}

/// Says something to whoever runs the command.
#[expect(clippy::print_stdout, reason = "the command's result")]
pub fn print(text: &str) {
    println!("{text}");
}
