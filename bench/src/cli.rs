//! The command line.

use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;

use anyhow::{Context as _, bail};
use clap::{Args, Parser, Subcommand};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::bare;
use crate::context::Context;
use crate::report::machine::Machine;
use crate::report::{Report, chart, markdown, table};
use crate::scenarios::{self, Scenario};
use crate::services::{POSTGRES, REDIS, Services};

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

#[derive(Debug, Args)]
struct RunArgs {
    /// The server's program, built for release.
    #[arg(long, default_value = "target/release/orchestrator")]
    server_bin: PathBuf,
    /// Its browser files; by default those beside it.
    #[arg(long)]
    site_root: Option<PathBuf>,
    /// Only these, comma-separated; see `bench list`.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// A short run, to see that everything works.
    #[arg(long)]
    quick: bool,
    /// Keep what an earlier run in the same folder found for the other scenarios.
    #[arg(long)]
    keep: bool,
    /// Folder for results and logs.
    #[arg(long, default_value = "target/bench")]
    out: PathBuf,
    /// Folder of the documentation, to put the results into BENCHMARKS.md and a
    /// chart into images.
    #[arg(long)]
    docs: Option<PathBuf>,
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
                    .block_on(run(args))
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

async fn run(args: RunArgs) -> anyhow::Result<()> {
    let chosen = choose(&args.only)?;
    raise_limit()?;
    std::fs::create_dir_all(&args.out)?;
    let out = args.out.canonicalize()?;
    let services = Services::find().await?;
    let results = out.join("results.json");
    let mut report = if args.keep {
        Report::read(&results)?
    } else {
        Report::default()
    };
    report.machine = Machine::find(&services).await?;
    report.quick = args.quick;
    if services.setting("fsync").await? != "on" {
        print("note: PostgreSQL runs without fsync; nothing here is durable");
    }
    let context = Context {
        program: absolute(&args.server_bin)?,
        site_root: args.site_root.as_deref().map(absolute).transpose()?,
        out,
        quick: args.quick,
        services,
        started: AtomicUsize::new(0),
    };
    for scenario in chosen {
        eprintln!("{} ...", scenario.name);
        let found = (scenario.run)(&context).await;
        if let Err(error) = &found {
            eprintln!("{} failed: {error:#}", scenario.name);
        }
        report.note(scenario.name, found);
        report.write(&results)?;
    }
    print(&format!(
        "{}\n{}",
        table::figures(&report),
        table::costs(&report)
    ));
    if let Some(docs) = &args.docs {
        publish(&report, docs)?;
    }
    if report.failures.is_empty() {
        Ok(())
    } else {
        bail!("did not finish: {:?}", report.failures)
    }
}

fn publish(report: &Report, docs: &Path) -> anyhow::Result<()> {
    markdown::update(report, &docs.join("BENCHMARKS.md"))?;
    let images = docs.join("images");
    std::fs::create_dir_all(&images)?;
    std::fs::write(images.join("benchmarks.svg"), chart::draw(report))?;
    Ok(())
}

fn choose(only: &[String]) -> anyhow::Result<Vec<Scenario>> {
    let known = |name: &String| scenarios::ALL.iter().any(|one| one.name == name);
    if let Some(unknown) = only.iter().find(|name| !known(name)) {
        bail!("no scenario is called {unknown}; see `bench list`");
    }
    let wanted = |one: &&Scenario| only.is_empty() || only.iter().any(|name| name == one.name);
    Ok(scenarios::ALL.iter().filter(wanted).copied().collect())
}

fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    path.canonicalize()
        .with_context(|| path.display().to_string())
}

/// Thousands of connections are as many open files, here and in the servers
/// started from here.
fn raise_limit() -> anyhow::Result<()> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    Ok(setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?)
}

#[expect(clippy::print_stdout, reason = "the command's result")]
fn print(text: &str) {
    println!("{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_are_chosen_by_name() {
        assert_eq!(choose(&[]).unwrap().len(), scenarios::ALL.len());
        let chosen = choose(&["ack".to_owned(), "accept".to_owned()]).unwrap();
        let names: Vec<_> = chosen.iter().map(|one| one.name).collect();
        assert_eq!(names, ["accept", "ack"]);
        assert!(choose(&["nonsense".to_owned()]).is_err());
    }
}
