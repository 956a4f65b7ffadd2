//! Waiting for a condition instead of a fixed time.

use std::time::Duration;

use anyhow::bail;
use tokio::time::{Instant, sleep};

/// How often a condition is checked.
const POLL_INTERVAL: Duration = Duration::from_millis(25);

/// Waits until `condition` holds; `what` describes it in the error. An error of the
/// condition counts as not holding, because it may use a service that is down.
pub async fn wait_until(
    what: &str,
    timeout: Duration,
    mut condition: impl AsyncFnMut() -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    let deadline = Instant::now() + timeout;
    let mut why = String::new();
    loop {
        let result = tokio::time::timeout_at(deadline, condition()).await;
        why = match result {
            Ok(Ok(true)) => return Ok(()),
            Ok(Ok(false)) => String::new(),
            Ok(Err(error)) => format!(": {error:#}"),
            // The last error explains more than the timeout.
            Err(_elapsed) if !why.is_empty() => why,
            Err(_elapsed) => ": no answer".to_owned(),
        };
        if Instant::now() >= deadline {
            bail!(
                "gave up after {} s waiting until {what}{why}",
                timeout.as_secs()
            );
        }
        sleep(POLL_INTERVAL).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_condition_that_fails_does_not_hold_yet_and_its_error_is_reported() {
        let mut checks = 0;
        let holds = wait_until("it works", Duration::from_secs(5), async || {
            checks += 1;
            anyhow::ensure!(checks > 2, "down");
            Ok(true)
        });
        assert!(holds.await.is_ok());
        let never = wait_until("it works", Duration::ZERO, async || anyhow::bail!("down"));
        let error = never.await.unwrap_err().to_string();
        assert!(error.contains("it works: down"), "{error}");
        let mut failed = false;
        let hangs = wait_until("it works", Duration::from_millis(100), async || {
            anyhow::ensure!(std::mem::replace(&mut failed, true), "down");
            std::future::pending().await
        });
        let error = hangs.await.unwrap_err().to_string();
        assert!(error.contains("it works: down"), "{error}");
    }
}
