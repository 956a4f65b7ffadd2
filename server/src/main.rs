//! The `orchestrator` command: loads `.env`, and runs the command line.

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

/// mimalloc, because requests make many small allocations that another thread frees.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    // `.env` in the working directory sets variables that the environment does not set.
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
