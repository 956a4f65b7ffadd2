//! The command line.

use std::net::SocketAddr;
use std::os::unix::process::CommandExt;

use clap::{Parser, Subcommand};

use crate::options::{RunArgs, print};
use crate::services::{POSTGRES, REDIS};
use crate::{baseline, run, scenarios};

/// The script that starts `PostgreSQL` and Redis and runs a command with them.
const WITH_SERVICES: &str = "scripts/with-services.sh";

/// Measures the server, and compares it with the limits of the machine.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run scenarios, and report their results.
    Run(RunArgs),
    /// List the scenarios.
    List,
    /// Run a server that only broadcasts: the Socket.IO ceiling.
    #[command(hide = true)]
    BaselineSocket {
        #[arg(long, env = "LISTEN_ADDR")]
        listen_addr: SocketAddr,
    },
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
            // On all processors, as a server runs.
            Command::BaselineSocket { listen_addr } => {
                tokio::runtime::Runtime::new()?.block_on(baseline::socket::run(listen_addr))
            }
            Command::Run(args) => {
                if [POSTGRES, REDIS]
                    .iter()
                    .any(|name| std::env::var_os(name).is_none())
                {
                    return Err(with_services());
                }
                // On one thread, so that senders need no wake-ups across threads.
                tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()?
                    .block_on(run::run(args))
            }
        }
    }
}

/// Replaces this process by the same command with services running. Returns only
/// if that fails.
fn with_services() -> anyhow::Error {
    let executable = match std::env::current_exe() {
        Ok(path) => path,
        Err(error) => return error.into(),
    };
    // With fsync, because only durable writes count.
    let error = std::process::Command::new(WITH_SERVICES)
        .env("PG_FSYNC", "on")
        .arg(executable)
        .args(std::env::args_os().skip(1))
        .exec();
    anyhow::Error::new(error).context(format!("{WITH_SERVICES} (run from the project's folder)"))
}
