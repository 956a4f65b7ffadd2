//! The SQL that lists, adds and removes shops.

use chrono::TimeDelta;
use domain::channels::account::{Channel, ChannelAccount};
use domain::channels::shop::{self, ShopDomain};
use domain::wire::Shop;
use platform::db::{Db, now};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, Func, IntoColumnRef, OnConflict, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, ExprTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Statement,
};

use super::entity::{ActiveModel, Column, Entity};

/// The channel of these rows.
const SHOPIFY: &str = Channel::Shopify.as_str();

/// The most shops in a list.
const MAX_LISTED: u64 = 1_000;

/// The most new shops within [`WINDOW`]. A merchant has only a few shops.
pub const MAX_NEW: u64 = 20;

/// The time within which new shops are counted.
pub const WINDOW: TimeDelta = TimeDelta::hours(1);

/// The key of the advisory lock for adding shops: any number that is the same for every
/// instance.
const ADMISSION_LOCK: i64 = 7_283_401_560;

/// The shops, by name. Invalid names, stored before names were checked, are left out.
pub async fn list(db: &impl ConnectionTrait) -> Result<Vec<Shop>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Source.eq(SHOPIFY))
        .order_by_asc(Column::Domain)
        .limit(MAX_LISTED)
        .all(db)
        .await?;
    let shops = rows.into_iter().filter_map(|row| {
        Some(Shop {
            shop: row.domain.parse().ok()?,
            first_seen_at: row.first_seen_at,
        })
    });
    Ok(shops.collect())
}

/// Whether there is a shop of this name.
pub async fn is_known(db: &impl ConnectionTrait, name: &str) -> Result<bool, DbErr> {
    let key = (SHOPIFY.to_owned(), name.to_owned());
    Ok(Entity::find_by_id(key).one(db).await?.is_some())
}

/// Adds a new shop; with `limited`, only while fewer than [`MAX_NEW`] were added within
/// [`WINDOW`]. `false` if the shop was not added.
pub async fn add(db: &Db, shop: &ShopDomain, limited: bool) -> Result<bool, DbErr> {
    let tx = db.begin_write().await?;
    if tx.get_database_backend() == DbBackend::Postgres {
        // One instance at a time, because the limit is for all of them together.
        tx.execute_raw(Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT pg_advisory_xact_lock($1)",
            [ADMISSION_LOCK.into()],
        ))
        .await?;
    }
    if limited {
        let lately = Entity::find()
            .filter(Column::FirstSeenAt.gt(now() - WINDOW))
            .count(&tx)
            .await?;
        if lately >= MAX_NEW {
            return Ok(false);
        }
    }
    let row = ActiveModel {
        source: Set(SHOPIFY.to_owned()),
        domain: Set(shop.as_str().to_owned()),
        first_seen_at: Set(now()),
    };
    let keep = OnConflict::columns([Column::Source, Column::Domain])
        .do_nothing()
        .to_owned();
    Entity::insert(row)
        .on_conflict(keep)
        .exec_without_returning(&tx)
        .await?;
    tx.commit().await?;
    Ok(true)
}

/// Removes an account from the list.
pub async fn remove(db: &impl ConnectionTrait, account: &ChannelAccount) -> Result<(), DbErr> {
    let key = (account.channel.as_str().to_owned(), account.name.clone());
    Entity::delete_by_id(key).exec(db).await.map(drop)
}

/// The condition that a row belongs to this account, also a row that was stored before the
/// names of shops were normalised.
pub fn is_of(
    channel: impl IntoColumnRef,
    name: impl IntoColumnRef,
    account: &ChannelAccount,
) -> SimpleExpr {
    let spelled = Func::lower(Expr::col(name));
    let spelled = Func::cust("rtrim").arg(spelled).arg(".");
    let is_named = Expr::expr(spelled).eq(shop::normal(&account.name));
    let is_there = Expr::col(channel).eq(account.channel.as_str());
    is_there.and(is_named)
}
