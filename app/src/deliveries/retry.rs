//! Retrying dead deliveries.

use domain::wire::{DeliveryQuery, Problem, Retried};
use leptos::task::spawn_local;
use uuid::Uuid;

use super::store::DeliveryStore;
use super::{deliveries, reason};
use crate::api;

impl DeliveryStore {
    /// Retries one.
    pub fn retry(self, id: Uuid) {
        self.send(api::retry_delivery(id));
    }

    /// Retries every dead one of the chosen topic and search.
    pub fn retry_matching(self) {
        let filter = self.filter.with_untracked(DeliveryQuery::filter);
        self.send(api::retry_deliveries(filter));
    }

    /// Sends a retry. The buttons are disabled until the answer, so there is one at a time.
    fn send(self, request: impl Future<Output = Result<Retried, Problem>> + 'static) {
        if self.retrying.get_untracked() {
            return;
        }
        self.retrying.set(true);
        spawn_local(async move {
            match request.await {
                Ok(Retried { retried: 0 }) => {
                    self.toasts
                        .success("Nothing to retry: none of them is dead");
                }
                Ok(Retried { retried }) => {
                    let are = if retried == 1 { "is" } else { "are" };
                    self.toasts
                        .success(format!("{} {are} pending again", deliveries(retried)));
                }
                Err(problem) => {
                    self.toasts
                        .error(format!("Nothing was retried. {}", reason(problem)));
                }
            }
            let is_shown = self.retrying.try_set(false).is_none();
            if is_shown {
                self.retries.update(|count| *count += 1);
                self.refresh();
            }
        });
    }
}
