//! A row of the table of shops whose webhooks are accepted.

#![allow(
    missing_docs,
    reason = "the macro's generated items and columns named as in the schema"
)]

use sea_orm::entity::prelude::*;

/// Table `shops`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "shops")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub source: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub domain: String,
    pub first_seen_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
