//! The command line: `drills run`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::Instant;
use tracing_subscriber::EnvFilter;

use crate::drills::{DRILLS, Drill};
use crate::report::{self, Outcome};
use crate::server::Built;
use crate::services::postgres::Installation;
use crate::services::scratch::Scratch;
use crate::stage::Settings;

/// A drill that takes longer than this hangs.
const LONGEST: Duration = Duration::from_secs(400);

/// Lines of every log shown when a drill fails.
const TAIL: usize = 40;

/// Does damage to a running server, and proves that nothing was lost.
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
    /// Only these drills, comma-separated.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// The few that fit every test run, and less of everything.
    #[arg(long)]
    short: bool,
    /// Webhooks a second.
    #[arg(long)]
    rate: Option<u32>,
    /// The built server.
    #[arg(long, default_value = "target/debug/orchestrator")]
    server_bin: PathBuf,
    /// Its browser files.
    #[arg(long, default_value = "target/site")]
    site_root: PathBuf,
    /// Leave logs and data where they are, to look into.
    #[arg(long)]
    keep: bool,
    /// Put the table into this document, too.
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
    let folder = Scratch::create("postgres", false)?;
    let settings = Settings {
        built: Built {
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
            outcome = hold(drill, &settings, args.keep) => outcome?,
            () = asked_to_stop() => bail!("interrupted"),
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

/// Either way, what was started is ended, and what was mounted is unmounted.
async fn asked_to_stop() {
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

/// Holds one drill, and tells what there is to know should it fail.
async fn hold(drill: &Drill, settings: &Settings, keep: bool) -> anyhow::Result<Outcome> {
    let scratch = Scratch::create(drill.name, keep)?;
    let begin = Instant::now();
    tracing::info!(drill = drill.name, "{}", drill.title);
    let held = tokio::time::timeout(LONGEST, (drill.run)(settings, &scratch)).await;
    let outcome = match held {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(error)) => Outcome::broken(&error),
        Err(_elapsed) => Outcome::broken(&anyhow::anyhow!("it hangs")),
    };
    let took = begin.elapsed().as_secs();
    if outcome.passed() {
        tracing::info!(drill = drill.name, seconds = took, "passed");
    } else {
        let faults = outcome.findings.faults.join("\n  ");
        let logs = scratch.log_tails(TAIL);
        tracing::error!(
            drill = drill.name,
            seconds = took,
            "failed:\n  {faults}\n{logs}"
        );
    }
    Ok(outcome)
}

#[expect(clippy::print_stdout, reason = "the command's result")]
fn print(text: &str) {
    println!("{text}");
}
