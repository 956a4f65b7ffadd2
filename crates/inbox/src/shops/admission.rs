//! Decides which shops are accepted: those in `SHOPIFY_SHOPS` if that is set, otherwise
//! any shop that sends a signed webhook, but only a limited number of new ones an hour.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::channels::shop::ShopDomain;
use metrics::counter;
use platform::db::Db;
use sea_orm::DbErr;
use tracing::{info, warn};

use super::store;
use crate::error::{InboxError, NotStored};
use crate::metric_names as names;

/// A known shop is looked up again after this time, because another instance may have
/// removed it.
const LIFETIME: Duration = Duration::from_secs(30);

/// The most shops in the cache; others are looked up in the database each time.
const CAPACITY: usize = 10_000;

/// Decides which shops are admitted; cheap to clone.
#[derive(Clone, Debug)]
pub struct ShopAdmission {
    db: Db,
    allowed: Arc<[ShopDomain]>,
    known: Arc<Mutex<HashMap<String, Instant>>>,
}

impl ShopAdmission {
    /// Accepts only the `allowed` shops, or any shop if that list is empty.
    pub fn new(db: Db, allowed: &[ShopDomain]) -> Self {
        Self {
            db,
            allowed: allowed.into(),
            known: Arc::default(),
        }
    }

    /// Accepts or refuses a shop that has sent a signed webhook.
    pub async fn admit(&self, shop: &ShopDomain) -> Result<(), InboxError> {
        if !self.allowed.is_empty() && !self.allowed.contains(shop) {
            warn!(%shop, "a shop that is not in SHOPIFY_SHOPS was refused");
            counter!(names::REFUSED, "what" => "shop").increment(1);
            return Err(InboxError::ShopNotAllowed);
        }
        let seen = self.lock().get(shop.as_str()).copied();
        if seen.is_some_and(|seen| seen.elapsed() < LIFETIME) {
            return Ok(());
        }
        match self.is_known_or_added(shop).await {
            Ok(true) => {
                self.remember(shop);
                Ok(())
            }
            Ok(false) => {
                warn!(%shop, "a new shop was refused: too many came within an hour");
                counter!(names::REFUSED, "what" => "shop").increment(1);
                Err(InboxError::TooManyNewShops)
            }
            // The shop was known a while ago. If the database is unavailable, storing the
            // delivery fails as well, with the right error.
            Err(_) if seen.is_some() => Ok(()),
            Err(error) => Err(NotStored::Database(Arc::new(error)).into()),
        }
    }

    async fn is_known_or_added(&self, shop: &ShopDomain) -> Result<bool, DbErr> {
        if store::is_known(self.db.read_hot(), shop.as_str()).await? {
            return Ok(true);
        }
        let added = store::add(&self.db, shop, self.allowed.is_empty()).await?;
        if added {
            info!(%shop, "a new shop");
        }
        Ok(added)
    }

    fn remember(&self, shop: &ShopDomain) {
        let mut known = self.lock();
        if known.len() >= CAPACITY {
            known.retain(|_, seen| seen.elapsed() < LIFETIME);
        }
        if known.len() < CAPACITY {
            known.insert(shop.as_str().to_owned(), Instant::now());
        }
    }

    /// Drops a shop that is being removed from the cache.
    pub fn forget(&self, name: &str) {
        self.lock().remove(name);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
