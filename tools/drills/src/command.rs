//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::Instant;
use tracing_subscriber::EnvFilter;

use crate::drills::{DRILLS, Drill};
use crate::environment::Settings;
use crate::report::{self, Outcome};
use crate::server::ServerBuild;
use crate::services::postgres::Installation;
use crate::services::temp_dir::TempDir;

/// The longest time a drill may take.
const DRILL_TIMEOUT: Duration = Duration::from_secs(400);

/// The number of lines shown of every log when a drill fails.
const LOG_LINES: usize = 40;

/// Causes failures in a running system, and verifies that nothing was lost.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run drills, print a table, and fail if any of them failed.
    Run(RunArgs),
    /// List the drills.
    List,
}

#[derive(Debug, Args)]
struct RunArgs {
    /// Run only these drills, comma-separated.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Run only the drills that are part of every test run, and make them shorter.
    #[arg(long)]
    short: bool,
    /// Webhooks a second.
    #[arg(long)]
    rate: Option<u32>,
    /// The server's executable.
    #[arg(long, default_value = "target/debug/orchestrator")]
    server_bin: PathBuf,
    /// The folder of browser files.
    #[arg(long, default_value = "target/site")]
    site_root: PathBuf,
    /// Keep the folders with logs and data.
    #[arg(long)]
    keep: bool,
    /// Also write the table into this document.
    #[arg(long)]
    out: Option<PathBuf>,
}

impl Cli {
    /// Runs the command.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
        let log = tracing_subscriber::fmt().with_env_filter(filter);
        log.with_writer(std::io::stderr).init();
        match self.command {
            Command::Run(args) => run(args).await,
            Command::List => {
                for drill in &DRILLS {
                    print(&format!("{:24}{}", drill.name, drill.title));
                }
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

async fn run(args: RunArgs) -> anyhow::Result<ExitCode> {
    let drills = chosen(&args)?;
    let folder = TempDir::create("postgres", false)?;
    let settings = Settings {
        server: ServerBuild {
            binary: args.server_bin.canonicalize().context("--server-bin")?,
            site_root: args.site_root.canonicalize().context("--site-root")?,
        },
        postgres: Installation::prepare(folder.path()).await?,
        rate: args.rate.unwrap_or(if args.short { 30 } else { 60 }),
        short: args.short,
    };
    let mut results = Vec::new();
    for drill in drills {
        let outcome = tokio::select! {
            outcome = run_drill(drill, &settings, args.keep) => outcome?,
            () = stop_signal() => bail!("interrupted"),
        };
        results.push((drill.title, outcome));
    }
    let text = format!(
        "{}\n\n{}",
        report::table(&results),
        report::remarks(&results)
    );
    print(&text);
    if let Some(document) = &args.out {
        report::publish(document, &text)?;
    }
    let passed = results.iter().all(|(_, outcome)| outcome.passed());
    Ok(if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn chosen(args: &RunArgs) -> anyhow::Result<Vec<&'static Drill>> {
    let known = |name: &String| DRILLS.iter().any(|drill| drill.name == name);
    if let Some(unknown) = args.only.iter().find(|name| !known(name)) {
        bail!("there is no drill '{unknown}'; see: drills list");
    }
    let wanted = |drill: &&Drill| {
        if args.only.is_empty() {
            drill.in_short || !args.short
        } else {
            args.only.iter().any(|name| name == drill.name)
        }
    };
    Ok(DRILLS.iter().filter(wanted).collect())
}

/// Waits for SIGINT or SIGTERM, so that processes are ended and disks unmounted before
/// this process ends.
async fn stop_signal() {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated => {}
    }
}

/// Runs one drill, and logs the details if it fails.
async fn run_drill(drill: &Drill, settings: &Settings, keep: bool) -> anyhow::Result<Outcome> {
    let temp_dir = TempDir::create(drill.name, keep)?;
    let begin = Instant::now();
    tracing::info!(drill = drill.name, "{}", drill.title);
    let result = tokio::time::timeout(DRILL_TIMEOUT, (drill.run)(settings, &temp_dir)).await;
    let outcome = match result {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(error)) => Outcome::aborted(&error),
        Err(_elapsed) => Outcome::aborted(&anyhow::anyhow!("timed out")),
    };
    let seconds = begin.elapsed().as_secs();
    if outcome.passed() {
        tracing::info!(drill = drill.name, seconds, "passed");
    } else {
        let faults = outcome.findings.faults.join("\n  ");
        let logs = temp_dir.log_tails(LOG_LINES);
        tracing::error!(drill = drill.name, seconds, "failed:\n  {faults}\n{logs}");
    }
    Ok(outcome)
}

#[expect(clippy::print_stdout, reason = "the command's result")]
fn print(text: &str) {
    println!("{text}");
}
