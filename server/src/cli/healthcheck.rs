//! `healthcheck`: whether a server is alive, for Docker.

use std::time::Duration;

use anyhow::Context;

/// How long a healthy server may take to answer: less than Docker waits (3 s in the
/// Dockerfile).
const TIMEOUT: Duration = Duration::from_secs(2);

pub(super) async fn healthcheck(url: String) -> anyhow::Result<()> {
    let url = format!("{}/healthz", url.trim_end_matches('/'));
    let client = reqwest::Client::builder().timeout(TIMEOUT);
    client
        .build()?
        .get(&url)
        .send()
        .await
        .and_then(reqwest::Response::error_for_status)
        .with_context(|| format!("{url} does not answer as it should"))?;
    Ok(())
}
