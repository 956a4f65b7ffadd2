//! Write transactions, which record whether the database refuses writes.

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};
use tokio::sync::OwnedSemaphorePermit;

use super::write_health::WriteHealth;

/// A write transaction; rolls back unless committed.
#[derive(Debug)]
pub struct WriteTx {
    tx: DatabaseTransaction,
    write_health: WriteHealth,
    _permit: Option<OwnedSemaphorePermit>,
}

impl WriteTx {
    pub(super) const fn new(
        tx: DatabaseTransaction,
        write_health: WriteHealth,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Self {
        Self {
            tx,
            write_health,
            _permit: permit,
        }
    }

    /// Commits the transaction.
    pub async fn commit(self) -> Result<(), DbErr> {
        let committed = self.tx.commit().await;
        self.write_health.record(&committed);
        if committed.is_ok() {
            self.write_health.record_success();
        }
        committed
    }
}

/// Statements run in the transaction; refused writes are recorded.
#[async_trait]
impl ConnectionTrait for WriteTx {
    fn get_database_backend(&self) -> DbBackend {
        self.tx.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let result = self.tx.execute_raw(statement).await;
        self.write_health.record(&result);
        result
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let result = self.tx.execute_unprepared(sql).await;
        self.write_health.record(&result);
        result
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let result = self.tx.query_one_raw(statement).await;
        self.write_health.record(&result);
        result
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let result = self.tx.query_all_raw(statement).await;
        self.write_health.record(&result);
        result
    }
}
