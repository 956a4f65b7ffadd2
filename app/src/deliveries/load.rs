//! Loading the list: by filter, and further back. The address is kept in step.

use domain::wire::{DeliveryPage, DeliveryQuery, Problem};
use leptos::task::spawn_local;
use uuid::Uuid;

use super::PATH;
use super::store::DeliveryStore;
use crate::{address, api};

impl DeliveryStore {
    /// Shows the deliveries of another filter, newest first.
    pub fn choose(self, change: impl FnOnce(&mut DeliveryQuery)) {
        let mut filter = self.filter.get_untracked();
        change(&mut filter);
        if self.filter.with_untracked(|before| *before != filter) {
            self.filter.set(filter);
            self.remember();
            self.load();
        }
    }

    /// Opens the viewer for a delivery, or closes it.
    pub fn open(self, id: Option<Uuid>) {
        if self.opened.get_untracked() != id {
            self.opened.set(id);
            self.remember();
        }
    }

    /// Loads the newest page of the current filter.
    pub fn load(self) {
        self.fetch(self.filter.get_untracked(), move |answer| match answer {
            Ok(page) => {
                self.problem.set(None);
                self.replace(page);
            }
            Err(problem) => self.problem.set(Some(problem)),
        });
    }

    /// Loads the page after the rows shown.
    pub fn load_older(self) {
        let last = self
            .rows
            .with_untracked(|rows| rows.last().map(|row| row.id));
        let query = DeliveryQuery {
            cursor: last.map(|id| id.to_string()),
            ..self.filter.get_untracked()
        };
        self.fetch(query, move |answer| match answer {
            Ok(page) => self.append(page),
            Err(problem) => self
                .toasts
                .error(format!("Older deliveries did not load. {}.", problem.title)),
        });
    }

    fn fetch(
        self,
        query: DeliveryQuery,
        show: impl FnOnce(Result<DeliveryPage, Problem>) + 'static,
    ) {
        self.work.update_value(|work| work.generation += 1);
        let generation = self.work.get_value().generation;
        self.loading.set(true);
        spawn_local(async move {
            let answer = api::deliveries(query).await;
            // Another list was requested since, or the page was left.
            let work = self.work.try_get_value();
            if work.is_some_and(|work| work.generation == generation) {
                self.loading.set(false);
                show(answer);
            }
        });
    }

    /// Updates the address, so that it can be shared and reloaded.
    fn remember(self) {
        let filter = self.filter.with_untracked(DeliveryQuery::to_query_string);
        address::replace(&address_of(&filter, self.opened.get_untracked()));
    }
}

fn address_of(filter: &str, opened: Option<Uuid>) -> String {
    let opened = opened.map(|id| format!("id={id}"));
    let parts: Vec<_> = [Some(filter), opened.as_deref()]
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect();
    if parts.is_empty() {
        PATH.to_owned()
    } else {
        format!("{PATH}?{}", parts.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_names_the_filter_and_the_open_delivery() {
        assert_eq!(address_of("", None), "/dashboard/deliveries");
        assert_eq!(
            address_of("state=dead", None),
            "/dashboard/deliveries?state=dead"
        );
        assert_eq!(
            address_of("state=dead", Some(Uuid::nil())),
            "/dashboard/deliveries?state=dead&id=00000000-0000-0000-0000-000000000000"
        );
    }
}
