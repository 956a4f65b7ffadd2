//! Waiting for a condition, never for a length of time.

use std::time::Duration;

use anyhow::bail;
use tokio::time::{Instant, sleep};

/// How often a condition is looked at.
const POLL: Duration = Duration::from_millis(25);

/// Waits until `condition` holds. A condition that cannot be judged right now
/// does not hold yet: what it asks may itself be the one that is broken.
pub async fn until(
    what: &str,
    patience: Duration,
    mut condition: impl AsyncFnMut() -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    let deadline = Instant::now() + patience;
    loop {
        let verdict = tokio::time::timeout_at(deadline, condition()).await;
        let why = match verdict {
            Ok(Ok(true)) => return Ok(()),
            Ok(Ok(false)) => String::new(),
            Ok(Err(error)) => format!(": {error:#}"),
            Err(_elapsed) => ": no answer".to_owned(),
        };
        if Instant::now() >= deadline {
            bail!(
                "gave up after {} s waiting until {what}{why}",
                patience.as_secs()
            );
        }
        sleep(POLL).await;
    }
}
