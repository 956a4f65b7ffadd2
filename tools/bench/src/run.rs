//! Runs the scenarios one after the other.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;

use anyhow::{Context as _, bail};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::context::Context;
use crate::options::{RunArgs, print};
use crate::report::machine::Machine;
use crate::report::{Report, chart, markdown, table};
use crate::scenarios::{self, Scenario};
use crate::services::Services;

/// Runs the chosen scenarios one after the other, and saves the report after each.
pub async fn run(args: RunArgs) -> anyhow::Result<()> {
    let chosen = choose(&args.only)?;
    raise_open_files_limit()?;
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
        print("note: PostgreSQL runs without fsync; its writes are not durable");
    }
    let context = Context {
        program: absolute(&args.server_bin)?,
        site_root: args.site_root.as_deref().map(absolute).transpose()?,
        out,
        quick: args.quick,
        connections: args.connections,
        long_run: args.long_run,
        full: args.full,
        services,
        started: AtomicUsize::new(0),
    };
    for scenario in chosen {
        eprintln!("{} ...", scenario.name);
        let result = (scenario.run)(&context).await;
        if let Err(error) = &result {
            eprintln!("{} failed: {error:#}", scenario.name);
        }
        report.record(scenario.name, result);
        report.write(&results)?;
    }
    print(&format!(
        "{}\n{}",
        table::measures(&report),
        table::cpu_usage(&report)
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

/// Raises the limit of open files: every connection is one, in this process and
/// in the servers it starts.
fn raise_open_files_limit() -> anyhow::Result<()> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    Ok(setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?)
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
