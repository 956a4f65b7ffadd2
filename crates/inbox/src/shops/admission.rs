//! Which shops get in: those in `SHOPIFY_SHOPS` where that is set; else any with
//! its first signed webhook, but only so many new ones an hour.

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

/// A shop that was known is taken for known for this long: another instance may
/// have removed it since.
const REMEMBERED: Duration = Duration::from_secs(30);

/// Shops remembered at most; beyond that the database is asked each time.
const CAPACITY: usize = 10_000;

/// Decides which shops are admitted; cheap to clone.
#[derive(Clone, Debug)]
pub struct ShopAdmission {
    db: Db,
    allowed: Arc<[ShopDomain]>,
    known: Arc<Mutex<HashMap<String, Instant>>>,
}

impl ShopAdmission {
    /// Only those `allowed`, or any if there are none.
    pub fn new(db: Db, allowed: &[ShopDomain]) -> Self {
        Self {
            db,
            allowed: allowed.into(),
            known: Arc::default(),
        }
    }

    /// Lets a shop in whose webhook is signed.
    pub async fn admit(&self, shop: &ShopDomain) -> Result<(), InboxError> {
        if !self.allowed.is_empty() && !self.allowed.contains(shop) {
            warn!(%shop, "a shop that is not in SHOPIFY_SHOPS was refused");
            counter!(names::REFUSED, "what" => "shop").increment(1);
            return Err(InboxError::ShopNotAllowed);
        }
        let seen = self.lock().get(shop.as_str()).copied();
        if seen.is_some_and(|seen| seen.elapsed() < REMEMBERED) {
            return Ok(());
        }
        match self.is_let_in(shop).await {
            Ok(true) => {
                self.remember(shop);
                Ok(())
            }
            Ok(false) => {
                warn!(%shop, "a new shop was refused: too many came within an hour");
                counter!(names::REFUSED, "what" => "shop").increment(1);
                Err(InboxError::TooManyNewShops)
            }
            // It was known a while ago, and the inbox has its own way to fail.
            Err(_) if seen.is_some() => Ok(()),
            Err(error) => Err(NotStored::Database(Arc::new(error)).into()),
        }
    }

    async fn is_let_in(&self, shop: &ShopDomain) -> Result<bool, DbErr> {
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
            known.retain(|_, seen| seen.elapsed() < REMEMBERED);
        }
        if known.len() < CAPACITY {
            known.insert(shop.as_str().to_owned(), Instant::now());
        }
    }

    /// A shop is being removed.
    pub fn forget(&self, name: &str) {
        self.lock().remove(name);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
