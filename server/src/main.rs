//! The `orchestrator` command.

use clap::Parser;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // A `.env` beside the process fills in what the environment leaves out.
    dotenvy::dotenv().ok();
    server::cli::Cli::parse().run().await
}
