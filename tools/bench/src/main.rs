//! The `bench` command.

use bench::cli::Cli;
use clap::Parser;

fn main() -> anyhow::Result<()> {
    Cli::parse().run()
}
