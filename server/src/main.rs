//! The `orchestrator` command.

use clap::Parser;
use mimalloc::MiMalloc;

/// Requests are many small allocations, made on one thread and freed on another.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // A `.env` beside the process fills in what the environment leaves out.
    match dotenvy::dotenv() {
        Ok(_) => {}
        Err(error) if error.not_found() => {}
        Err(error) => anyhow::bail!("the .env file cannot be read: {error}"),
    }
    server::cli::Cli::parse().run().await
}
