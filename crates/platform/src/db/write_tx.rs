//! Write transactions.

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};
use tokio::sync::OwnedSemaphorePermit;

use super::refusals::Refusals;

/// A write transaction; rolls back unless committed.
#[derive(Debug)]
pub struct WriteTx {
    tx: DatabaseTransaction,
    refusals: Refusals,
    _turn: Option<OwnedSemaphorePermit>,
}

impl WriteTx {
    pub(super) const fn new(
        tx: DatabaseTransaction,
        refusals: Refusals,
        turn: Option<OwnedSemaphorePermit>,
    ) -> Self {
        Self {
            tx,
            refusals,
            _turn: turn,
        }
    }

    /// Commits.
    pub async fn commit(self) -> Result<(), DbErr> {
        let committed = self.tx.commit().await;
        self.refusals.note(&committed);
        if committed.is_ok() {
            self.refusals.succeeded();
        }
        committed
    }
}

/// Statements are those of the transaction; refusals are noticed.
#[async_trait]
impl ConnectionTrait for WriteTx {
    fn get_database_backend(&self) -> DbBackend {
        self.tx.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let result = self.tx.execute_raw(statement).await;
        self.refusals.note(&result);
        result
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let result = self.tx.execute_unprepared(sql).await;
        self.refusals.note(&result);
        result
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let result = self.tx.query_one_raw(statement).await;
        self.refusals.note(&result);
        result
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let result = self.tx.query_all_raw(statement).await;
        self.refusals.note(&result);
        result
    }
}
