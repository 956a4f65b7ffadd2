//! `GET /deliveries/stats`: how many deliveries are pending, and how many are dead and
//! need a person.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::wire::DeliveryStats;
use platform::db::Db;
use platform::http::error::Result;
use platform::http::problem::ProblemResponse;
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::entity::{Column, DeliveryState, Entity};
use crate::handle::Inbox;

/// `GET /deliveries/stats`: pending and dead deliveries, each counted up to
/// 10,000. A count of 10,000 means "10,000 or more".
#[utoipa::path(get, path = "/deliveries/stats", tag = "deliveries", operation_id = "delivery_stats", responses(
    (status = 200, body = DeliveryStats, description = "The counts, at most 10,000 each, which means \"10,000 or more\""),
    (status = 503, response = ProblemResponse)
))]
pub async fn handler(State(inbox): State<Inbox>) -> Result<Json<DeliveryStats>> {
    Ok(Json(count(&inbox.0.db).await?))
}

/// The answer of `GET /deliveries/stats`.
pub async fn count(db: &Db) -> Result<DeliveryStats, DbErr> {
    let pending = count_in_state(db, DeliveryState::Pending).await?;
    let dead = count_in_state(db, DeliveryState::Dead).await?;
    // Ids are ordered by time, so this is the first entry of an index.
    let oldest_pending_at: Option<DateTime<Utc>> = Entity::find()
        .select_only()
        .column(Column::ReceivedAt)
        .filter(Column::State.eq(DeliveryState::Pending))
        .order_by_asc(Column::Id)
        .into_tuple()
        .one(db.read())
        .await?;
    Ok(DeliveryStats {
        pending,
        dead,
        oldest_pending_at,
    })
}

/// The number of deliveries in a state that still have a payload, without which they can
/// neither be processed nor retried; pending ones always have it. The limit keeps the
/// cost the same for ten thousand rows and for ten million: the index `deliveries_state`
/// is read only that far.
async fn count_in_state(db: &Db, state: DeliveryState) -> Result<u64, DbErr> {
    let mut query = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::State.eq(state));
    if state != DeliveryState::Pending {
        query = query.filter(Column::PayloadPrunedAt.is_null());
    }
    query.limit(DeliveryStats::MAX_COUNT).count(db.read()).await
}
