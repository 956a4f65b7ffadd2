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
    let mut why = String::new();
    loop {
        let verdict = tokio::time::timeout_at(deadline, condition()).await;
        why = match verdict {
            Ok(Ok(true)) => return Ok(()),
            Ok(Ok(false)) => String::new(),
            Ok(Err(error)) => format!(": {error:#}"),
            // What was wrong the last time says more than that time is up.
            Err(_elapsed) if !why.is_empty() => why,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_condition_that_cannot_be_judged_does_not_hold_yet() {
        let mut looks = 0;
        let held = until("it works", Duration::from_secs(5), async || {
            looks += 1;
            anyhow::ensure!(looks > 2, "away");
            Ok(true)
        });
        assert!(held.await.is_ok());
        let never = until("it works", Duration::ZERO, async || anyhow::bail!("away"));
        let error = never.await.unwrap_err().to_string();
        assert!(error.contains("it works: away"), "{error}");
        let mut asked = false;
        let stuck = until("it works", Duration::from_millis(100), async || {
            anyhow::ensure!(std::mem::replace(&mut asked, true), "away");
            std::future::pending().await
        });
        let error = stuck.await.unwrap_err().to_string();
        assert!(error.contains("it works: away"), "{error}");
    }
}
