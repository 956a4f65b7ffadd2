//! `simulate`: sends a server signed webhooks of a simulated shop.

use anyhow::bail;
use clap::Args;
use simulator::{DEFAULT_SHOP, Options, Report, Sender};

use super::process::stop_requested;

#[derive(Debug, Args)]
pub(super) struct SimulateArgs {
    /// The server to send to.
    #[arg(long, default_value = "http://127.0.0.1:9000")]
    url: String,
    /// The secret to sign with; the first of a list.
    #[arg(long, env = "SHOPIFY_WEBHOOK_SECRET", hide_env_values = true)]
    secret: String,
    /// Webhooks per second.
    #[arg(long, default_value_t = 5.0)]
    rate: f64,
    /// Stop after this many webhooks; without it, continue until interrupted.
    #[arg(long)]
    count: Option<u64>,
    /// Share of deliveries sent twice, 0 to 1.
    #[arg(long, default_value_t = 0.0)]
    duplicates: f64,
    /// Share of deliveries sent out of order, 0 to 1.
    #[arg(long, default_value_t = 0.0)]
    shuffle: f64,
    /// The same seed sends the same webhooks.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The shop to send as.
    #[arg(long, default_value = DEFAULT_SHOP)]
    shop: String,
}

pub(super) async fn simulate(args: SimulateArgs) -> anyhow::Result<()> {
    for (name, share) in [("duplicates", args.duplicates), ("shuffle", args.shuffle)] {
        if !(0.0..=1.0).contains(&share) {
            bail!("--{name} must be 0 to 1");
        }
    }
    if !(args.rate > 0.0 && args.rate.is_finite()) {
        bail!("--rate must be above 0");
    }
    let secret = args.secret.split(',').next().unwrap_or_default().trim();
    if secret.is_empty() {
        bail!("--secret is empty");
    }
    let sender = Sender::connect(&args.url, secret.as_bytes())?;
    let options = Options {
        rate: args.rate,
        count: args.count,
        duplicates: args.duplicates,
        shuffle: args.shuffle,
        seed: args.seed,
        shop: args.shop,
    };
    let report = simulator::run(&options, &sender, stop_requested()).await;
    print(&report);
    if report.failed > 0 {
        bail!("{} deliveries could not be sent", report.failed);
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command's result")]
fn print(report: &Report) {
    println!(
        "sent {}  accepted {}  duplicate {}  ignored {}  rejected {}  failed {}",
        report.sent,
        report.accepted,
        report.duplicate,
        report.ignored,
        report.rejected,
        report.failed
    );
}
