//! `Idempotency-Key`: a client that did not receive an answer can repeat the request
//! safely and gets the same answer.

use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use domain::wire::{Order, UpdateOrder};
use platform::db::{Db, WriteTx, now};
use platform::http::error::Error;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::entities::idempotency_key::{ActiveModel, Column, Entity};
use crate::error::OrderError;

/// The time for which an answer is kept.
const LIFETIME: TimeDelta = TimeDelta::hours(24);

/// The longest key, in bytes.
const MAX_KEY: usize = 255;

/// A request with a key.
#[derive(Debug, Clone)]
pub struct Idempotent {
    key: String,
    request: String,
}

impl Idempotent {
    /// The key in the headers, if there is one, with a digest of the request.
    pub fn from_headers(headers: &HeaderMap, update: &UpdateOrder) -> Result<Option<Self>, Error> {
        let Some(value) = headers.get("idempotency-key") else {
            return Ok(None);
        };
        let key = value
            .to_str()
            .ok()
            .map(str::trim)
            .filter(|key| (1..=MAX_KEY).contains(&key.len()))
            .ok_or_else(|| {
                Error::BadBody(format!(
                    "Idempotency-Key must be 1 to {MAX_KEY} ASCII characters"
                ))
            })?;
        let json = serde_json::to_string(update).map_err(anyhow::Error::new)?;
        Ok(Some(Self {
            key: key.to_owned(),
            request: STANDARD.encode(Sha256::digest(json)),
        }))
    }

    /// The answer to an earlier request with the same key. The order must be locked.
    pub async fn answer(&self, tx: &WriteTx, order_id: Uuid) -> Result<Option<Order>, OrderError> {
        let known = Entity::find_by_id((order_id, self.key.clone()))
            .one(tx)
            .await?;
        match known {
            None => Ok(None),
            Some(known) if known.request != self.request => Err(OrderError::KeyReused),
            Some(known) => Ok(Some(
                serde_json::from_str(&known.response).map_err(anyhow::Error::new)?,
            )),
        }
    }

    /// Stores the answer, in the same transaction as the edit.
    pub async fn store_answer(&self, tx: &WriteTx, order: &Order) -> Result<(), OrderError> {
        let row = ActiveModel {
            order_id: Set(order.id),
            key: Set(self.key.clone()),
            request: Set(self.request.clone()),
            response: Set(serde_json::to_string(order).map_err(anyhow::Error::new)?),
            created_at: Set(now()),
        };
        Entity::insert(row).exec_without_returning(tx).await?;
        Ok(())
    }
}

/// Deletes answers that are older than their lifetime.
pub async fn forget_old(db: &Db) -> Result<u64, DbErr> {
    let tx = db.begin_write().await?;
    let result = Entity::delete_many()
        .filter(Column::CreatedAt.lt(now() - LIFETIME))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(result.rows_affected)
}
