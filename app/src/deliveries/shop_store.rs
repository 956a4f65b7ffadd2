//! The state of the dialog with the shops.

use domain::channels::shop::ShopDomain;
use leptos::prelude::request_animation_frame;
use leptos::task::spawn_local;

use super::reason;
use super::shop_list::Listed;
use super::store::DeliveryStore;
use crate::api;
use crate::components::keys::focus;
use crate::reactive::{RwSignal, StoredValue};

/// The id of the button that closes the dialog.
pub const CLOSE: &str = "shops-close";

/// The id of the button that loads the list again.
pub const AGAIN: &str = "shops-again";

/// The id of the button that keeps a shop.
pub const KEEP: &str = "shops-keep";

/// The id of the button that asks whether to remove a shop.
pub fn remove_id(shop: &ShopDomain) -> String {
    format!("remove-{shop}")
}

/// The state of the dialog; cheap to copy.
#[derive(Clone, Copy)]
pub struct ShopStore {
    /// The list.
    pub listed: RwSignal<Listed>,
    /// The shop whose removal is to be confirmed.
    pub asked: RwSignal<Option<ShopDomain>>,
    /// A removal is in progress.
    pub removing: RwSignal<bool>,
    deliveries: StoredValue<DeliveryStore>,
}

impl ShopStore {
    /// An empty state; the list is not loaded yet.
    pub fn new(deliveries: DeliveryStore) -> Self {
        Self {
            listed: RwSignal::new(Listed::Nothing),
            asked: RwSignal::new(None),
            removing: RwSignal::new(false),
            deliveries: StoredValue::new(deliveries),
        }
    }

    /// Loads the list.
    pub fn load(self) {
        self.listed.set(Listed::Nothing);
        spawn_local(async move {
            let answer = api::shops().await;
            // Another answer came first, or the page is gone.
            let is_awaited = |listed: &Listed| matches!(listed, Listed::Nothing);
            if self.listed.try_with_untracked(is_awaited) != Some(true) {
                return;
            }
            match answer {
                Ok(list) => self.listed.set(Listed::Shops(list.data)),
                Err(problem) => {
                    self.listed.set(Listed::Failed(problem));
                    request_animation_frame(|| focus(AGAIN));
                }
            }
        });
    }

    /// Asks whether to remove a shop.
    pub fn ask(self, shop: ShopDomain) {
        self.asked.set(Some(shop));
        request_animation_frame(|| focus(KEEP));
    }

    /// Keeps the shop; the focus returns to its button.
    pub fn keep(self) {
        if let Some(shop) = self.asked.get_untracked() {
            self.asked.set(None);
            request_animation_frame(move || focus(&remove_id(&shop)));
        }
    }

    /// Removes a shop. The buttons are disabled until the answer, so there is one removal
    /// at a time.
    pub fn remove(self, shop: ShopDomain) {
        if self.removing.get_untracked() {
            return;
        }
        self.removing.set(true);
        spawn_local(async move {
            let answer = api::remove_shop(&shop).await;
            let is_shown = self.removing.try_set(false).is_none();
            if !is_shown {
                return;
            }
            let deliveries = self.deliveries.get_value();
            let toasts = deliveries.toasts;
            if let Err(problem) = answer {
                toasts.error(format!("{shop} was not removed. {}", reason(problem)));
                request_animation_frame(|| focus(KEEP));
                return;
            }
            toasts.success(format!("{shop} is being removed"));
            self.asked.set(None);
            self.listed.update(|listed| listed.forget(&shop));
            // The button that had it is gone.
            request_animation_frame(|| focus(CLOSE));
            deliveries.hint();
        });
    }
}
