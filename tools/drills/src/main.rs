//! The `drills` command.

use std::process::ExitCode;

use clap::Parser;
use drills::command::Cli;

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    Cli::parse().run().await
}
