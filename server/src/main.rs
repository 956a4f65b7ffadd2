//! The `orchestrator` command.

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

/// Requests are many small allocations, made on one thread and freed on another.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    // A `.env` beside the process fills in what the environment leaves out.
    match dotenvy::dotenv() {
        Ok(_) => {}
        Err(error) if error.not_found() => {}
        Err(error) => {
            eprintln!("Error: the .env file cannot be read: {error}");
            return ExitCode::FAILURE;
        }
    }
    server::cli::Cli::parse().run().await
}
