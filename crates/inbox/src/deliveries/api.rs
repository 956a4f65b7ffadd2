//! The REST API of the inbox, through which people look at deliveries and retry dead
//! ones.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::channels::shop;
use domain::wire::{
    DEFAULT_PAGE, DeliveryDetail, DeliveryFilter, DeliveryPage, DeliverySummary, Retried,
    RetryRequest,
};
use platform::db::{Db, now};
use platform::http::error::{Error, Result};
use platform::http::json::JsonObject;
use platform::http::paging;
use platform::http::problem::ProblemResponse;
use platform::http::query::QueryString;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, FromQueryResult, Iterable, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::entity::{Column, DeliveryState, Entity, Model};
use super::stats;
use crate::error::InboxError;
use crate::handle::Inbox;

/// The largest body of a retry request, in bytes.
const MAX_BODY: usize = 16 * 1024;

/// Dead deliveries made pending again by one statement.
const RETRY_BATCH: u64 = 500;

/// The longest `q`, `shop` or `topic`, in characters.
const MAX_TEXT: usize = 255;

/// The inbox endpoints.
pub fn routes() -> OpenApiRouter<Inbox> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(retry_all))
        .routes(routes!(stats::handler))
        .routes(routes!(show))
        .routes(routes!(retry_one))
        .layer(DefaultBodyLimit::max(MAX_BODY))
}

/// The query string of a list, before validation.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    /// Deliveries per page.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u64>,
    /// `nextCursor` of the previous page.
    cursor: Option<Uuid>,
    /// Only these states, comma-separated.
    #[param(style = Form, explode = false, value_type = Option<Vec<domain::wire::DeliveryState>>)]
    state: Option<String>,
    /// Only this topic.
    #[param(max_length = 255, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*$")]
    topic: Option<String>,
    /// Only this shop.
    #[param(max_length = 255, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*$")]
    shop: Option<String>,
    /// A webhook id, or the id of a delivery or an order.
    #[param(max_length = 255, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*$")]
    q: Option<String>,
}

/// `GET /deliveries`, newest first. The cursor is the last delivery's id: ids
/// are ordered by time.
#[utoipa::path(get, path = "/deliveries", tag = "deliveries", operation_id = "list_deliveries", params(ListParams), responses(
    (status = 200, body = DeliveryPage, description = "A page"),
    (status = 400, response = ProblemResponse), (status = 503, response = ProblemResponse)
))]
pub async fn list(
    State(inbox): State<Inbox>,
    QueryString(params): QueryString<ListParams>,
) -> Result<Json<DeliveryPage>> {
    Ok(Json(page(&inbox.0.db, params).await?))
}

/// One page of deliveries, newest first.
async fn page(db: &Db, params: ListParams) -> Result<DeliveryPage> {
    let limit = paging::limit(params.limit, DEFAULT_PAGE)?;
    let mut filter = matching(&DeliveryFilter {
        topic: params.topic,
        shop: params.shop,
        q: params.q,
    })?;
    if let Some(states) = &params.state {
        filter = filter.add(Column::State.is_in(self::states(states)?));
    }
    if let Some(cursor) = params.cursor {
        filter = filter.add(Column::Id.lt(cursor));
    }
    let mut data = summaries(db, filter, limit + 1).await?;
    let has_more = paging::cut(&mut data, limit);
    Ok(DeliveryPage {
        next_cursor: data
            .last()
            .filter(|_| has_more)
            .map(|last| last.id.to_string()),
        has_more,
        data,
    })
}

/// `GET /deliveries/{id}`, with the raw payload.
#[utoipa::path(get, path = "/deliveries/{id}", tag = "deliveries", operation_id = "show_delivery", params(("id" = Uuid, Path, description = "The delivery")), responses(
    (status = 200, body = DeliveryDetail, description = "The delivery"),
    (status = 404, response = ProblemResponse), (status = 503, response = ProblemResponse)
))]
pub async fn show(
    State(inbox): State<Inbox>,
    id: std::result::Result<Path<Uuid>, PathRejection>,
) -> Result<Json<DeliveryDetail>> {
    let Path(id) = id.map_err(|_| InboxError::DeliveryNotFound)?;
    let row = Entity::find_by_id(id).one(inbox.0.db.read()).await?;
    Ok(Json(detail(row.ok_or(InboxError::DeliveryNotFound)?)))
}

/// `POST /deliveries/{id}/retry`: gives a dead delivery three more attempts.
#[utoipa::path(post, path = "/deliveries/{id}/retry", tag = "deliveries", params(("id" = Uuid, Path, description = "The delivery")), responses(
    (status = 200, body = Retried, description = "It is pending again"),
    (status = 404, response = ProblemResponse), (status = 409, response = ProblemResponse), (status = 503, response = ProblemResponse)
))]
pub async fn retry_one(
    State(inbox): State<Inbox>,
    id: std::result::Result<Path<Uuid>, PathRejection>,
) -> Result<Json<Retried>> {
    let Path(id) = id.map_err(|_| InboxError::DeliveryNotFound)?;
    let row = Entity::find_by_id(id).one(inbox.0.db.read()).await?;
    let row = row.ok_or(InboxError::DeliveryNotFound)?;
    let retried = make_pending(&inbox.0.db, vec![id]).await?;
    if retried == 0 {
        let state = name(row.state);
        return Err(InboxError::NotRetryable {
            state: if row.payload_pruned_at.is_some() {
                format!("{state}, and its payload was dropped")
            } else {
                state
            },
        }
        .into());
    }
    Ok(Json(Retried { retried }))
}

/// `POST /deliveries/retry`: gives all dead deliveries that match three more attempts.
#[utoipa::path(post, path = "/deliveries/retry", tag = "deliveries", request_body = RetryRequest, responses(
    (status = 200, body = Retried, description = "They are pending again"),
    (status = 400, response = ProblemResponse), (status = 413, response = ProblemResponse), (status = 415, response = ProblemResponse), (status = 422, response = ProblemResponse), (status = 503, response = ProblemResponse)
))]
pub async fn retry_all(
    State(inbox): State<Inbox>,
    JsonObject(request): JsonObject<RetryRequest>,
) -> Result<Json<Retried>> {
    // A delivery without its payload cannot be retried.
    let dead = matching(&request.filter)?
        .add(Column::State.eq(DeliveryState::Dead))
        .add(Column::PayloadPrunedAt.is_null());
    let mut retried = 0;
    loop {
        let batch: Vec<Uuid> = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(dead.clone())
            .order_by_asc(Column::Id)
            .limit(RETRY_BATCH)
            .into_tuple()
            .all(inbox.0.db.read())
            .await?;
        let full = batch.len() as u64 == RETRY_BATCH;
        retried += make_pending(&inbox.0.db, batch).await?;
        if !full {
            return Ok(Json(Retried { retried }));
        }
    }
}

/// Makes dead deliveries pending and due now, without attempts. Their last error stays
/// until the next attempt.
async fn make_pending(db: &Db, ids: Vec<Uuid>) -> Result<u64, DbErr> {
    if ids.is_empty() {
        return Ok(0);
    }
    let tx = db.begin_write().await?;
    let result = Entity::update_many()
        .col_expr(Column::State, Expr::value(DeliveryState::Pending))
        .col_expr(Column::Attempts, Expr::value(0))
        .col_expr(Column::DueAt, Expr::value(now()))
        .col_expr(
            Column::RetryAt,
            Expr::value(None::<chrono::DateTime<chrono::Utc>>),
        )
        .col_expr(
            Column::FinishedAt,
            Expr::value(None::<chrono::DateTime<chrono::Utc>>),
        )
        .filter(Column::Id.is_in(ids))
        .filter(Column::State.eq(DeliveryState::Dead))
        .filter(Column::PayloadPrunedAt.is_null())
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(result.rows_affected)
}

fn matching(filter: &DeliveryFilter) -> Result<Condition> {
    let mut condition = Condition::all();
    for (name, text) in [
        ("topic", &filter.topic),
        ("shop", &filter.shop),
        ("q", &filter.q),
    ] {
        let Some(text) = text else { continue };
        if text.chars().count() > MAX_TEXT || text.chars().any(char::is_control) {
            return Err(Error::BadQuery(format!(
                "{name} must be at most {MAX_TEXT} characters, none of them control characters"
            )));
        }
        condition = match name {
            "topic" => condition.add(Column::Topic.eq(text)),
            "shop" => condition.add(Column::Shop.eq(shop::normal(text))),
            // A webhook's id, or the id of a delivery or of an order.
            _ => condition.add(match text.parse::<Uuid>() {
                Ok(id) => Condition::any()
                    .add(Column::WebhookId.eq(text))
                    .add(Column::Id.eq(id))
                    .add(Column::OrderId.eq(id)),
                Err(_) => Condition::any().add(Column::WebhookId.eq(text)),
            }),
        };
    }
    Ok(condition)
}

fn states(list: &str) -> Result<Vec<DeliveryState>> {
    let known = || {
        DeliveryState::iter()
            .map(name)
            .collect::<Vec<_>>()
            .join(", ")
    };
    list.split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(|text| {
            DeliveryState::iter()
                .find(|state| name(*state) == text)
                .ok_or_else(|| Error::BadQuery(format!("state must be one of {}", known())))
        })
        .collect()
}

/// The wire spelling of a state.
fn name(state: DeliveryState) -> String {
    sea_orm::ActiveEnum::to_value(&state)
}

/// A row without the payload, which may be large.
#[derive(FromQueryResult)]
struct Summary {
    id: Uuid,
    source: String,
    shop: String,
    webhook_id: String,
    topic: String,
    triggered_at: Option<chrono::DateTime<chrono::Utc>>,
    received_at: chrono::DateTime<chrono::Utc>,
    state: DeliveryState,
    attempts: i32,
    due_at: Option<chrono::DateTime<chrono::Utc>>,
    error: Option<String>,
    order_id: Option<Uuid>,
    finished_at: Option<chrono::DateTime<chrono::Utc>>,
}

async fn summaries(db: &Db, filter: Condition, limit: u64) -> Result<Vec<DeliverySummary>, DbErr> {
    let columns = Column::iter().filter(|column| {
        !matches!(
            column,
            Column::Payload | Column::PayloadPrunedAt | Column::RetryAt
        )
    });
    let rows: Vec<Summary> = Entity::find()
        .select_only()
        .columns(columns)
        .filter(filter)
        .order_by_desc(Column::Id)
        .limit(limit)
        .into_model()
        .all(db.read())
        .await?;
    Ok(rows.into_iter().map(DeliverySummary::from).collect())
}

impl From<Summary> for DeliverySummary {
    fn from(row: Summary) -> Self {
        Self {
            id: row.id,
            source: row.source,
            shop: row.shop,
            webhook_id: row.webhook_id,
            topic: row.topic,
            triggered_at: row.triggered_at,
            received_at: row.received_at,
            state: name(row.state),
            attempts: row.attempts,
            due_at: row.due_at,
            error: row.error,
            order_id: row.order_id,
            finished_at: row.finished_at,
        }
    }
}

fn detail(row: Model) -> DeliveryDetail {
    let (payload, payload_base64) = match String::from_utf8(row.payload) {
        _ if row.payload_pruned_at.is_some() => (None, None),
        Ok(text) => (Some(text), None),
        Err(error) => (None, Some(STANDARD.encode(error.as_bytes()))),
    };
    DeliveryDetail {
        payload_pruned_at: row.payload_pruned_at,
        payload,
        payload_base64,
        summary: DeliverySummary::from(Summary {
            id: row.id,
            source: row.source,
            shop: row.shop,
            webhook_id: row.webhook_id,
            topic: row.topic,
            triggered_at: row.triggered_at,
            received_at: row.received_at,
            state: row.state,
            attempts: row.attempts,
            due_at: row.due_at,
            error: row.error,
            order_id: row.order_id,
            finished_at: row.finished_at,
        }),
    }
}
