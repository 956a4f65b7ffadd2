//! The options of a run, and how it prints.

use std::path::PathBuf;

use clap::Args;

/// The options of `bench run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The server's executable, built for release.
    #[arg(long, default_value = "target/release/orchestrator")]
    pub server_bin: PathBuf,
    /// The folder of browser files; by default the one beside the executable.
    #[arg(long)]
    pub site_root: Option<PathBuf>,
    /// Run only these scenarios, comma-separated; see `bench list`.
    #[arg(long, value_delimiter = ',')]
    pub only: Vec<String>,
    /// A short run, to check that everything works.
    #[arg(long)]
    pub quick: bool,
    /// Connections that send webhooks in closed loop: enough for large group
    /// commits.
    #[arg(long, default_value_t = 256)]
    pub connections: usize,
    /// Webhooks of the long run; the default is a million.
    #[arg(long)]
    pub long_run: Option<u64>,
    /// Orders of the full database; the default is a million.
    #[arg(long)]
    pub full: Option<u64>,
    /// Keep the results of other scenarios from an earlier run in the same folder.
    #[arg(long)]
    pub keep: bool,
    /// The folder for results and logs.
    #[arg(long, default_value = "target/bench")]
    pub out: PathBuf,
    /// The folder of the documentation: results are written to BENCHMARKS.md and
    /// a chart to images.
    #[arg(long)]
    pub docs: Option<PathBuf>,
}

/// Prints to standard output.
#[expect(clippy::print_stdout, reason = "the command's result")]
pub fn print(text: &str) {
    println!("{text}");
}
