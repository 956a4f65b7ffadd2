//! The database schema for `PostgreSQL` and `SQLite`, one file per change.
//!
//! Migrations only add, except for indexes, because an old and a new server must be
//! able to run at the same time during an upgrade.

pub use sea_orm_migration::{MigratorTrait, prelude::*};

mod m0001_deliveries;
mod m0002_orders;
mod m0003_order_events;
mod m0004_order_figures;
mod m0005_idempotency_keys;
mod m0006_vacuum_orders;
mod m0007_compress_payloads;
mod m0008_fewer_indexes;
mod m0009_shops;
mod m0010_order_keys;

/// Every migration, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_deliveries::Migration),
            Box::new(m0002_orders::Migration),
            Box::new(m0003_order_events::Migration),
            Box::new(m0004_order_figures::Migration),
            Box::new(m0005_idempotency_keys::Migration),
            Box::new(m0006_vacuum_orders::Migration),
            Box::new(m0007_compress_payloads::Migration),
            Box::new(m0008_fewer_indexes::Migration),
            Box::new(m0009_shops::Migration),
            Box::new(m0010_order_keys::Migration),
        ]
    }
}

/// Runs statements one after the other, without changing them.
async fn execute_all(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    for statement in statements {
        connection.execute_unprepared(statement).await?;
    }
    Ok(())
}
