//! `GET /deliveries/stats`: whether anything waits, or needs a person.

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
use crate::Inbox;

/// `GET /deliveries/stats`: pending and dead deliveries, each counted up to
/// 10,000. A count of 10,000 means "10,000 or more".
#[utoipa::path(get, path = "/deliveries/stats", tag = "deliveries", operation_id = "delivery_stats", responses(
    (status = 200, body = DeliveryStats, description = "The counts, 10,000 at most: that many means \"or more\""),
    (status = 503, response = ProblemResponse)
))]
pub async fn handler(State(inbox): State<Inbox>) -> Result<Json<DeliveryStats>> {
    Ok(Json(count(&inbox.0.db).await?))
}

/// What `GET /deliveries/stats` answers.
pub async fn count(db: &Db) -> Result<DeliveryStats, DbErr> {
    let pending = in_state(db, DeliveryState::Pending).await?;
    let dead = in_state(db, DeliveryState::Dead).await?;
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

/// How many are in a state, and still have the payload it takes to do anything
/// about them, which what is pending always has. The limit keeps the cost the same for ten thousand
/// rows and for ten million: index `deliveries_state` is read that far.
async fn in_state(db: &Db, state: DeliveryState) -> Result<u64, DbErr> {
    let mut query = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::State.eq(state));
    if state != DeliveryState::Pending {
        query = query.filter(Column::PayloadPrunedAt.is_null());
    }
    query.limit(DeliveryStats::MAX_COUNT).count(db.read()).await
}
