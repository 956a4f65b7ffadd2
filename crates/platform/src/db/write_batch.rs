//! Several writes in one round trip.
//!
//! `PostgreSQL` receives them as one statement. Its parts do not see each other's
//! changes, so they must be about different rows. `SQLite` needs no round trips, and
//! receives them one after the other.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};

use super::bulk::{Bulk, Rows};
use super::write_tx::WriteTx;

/// Writes that are carried out together.
#[derive(Debug)]
pub struct WriteBatch {
    backend: DbBackend,
    writes: Vec<Write>,
}

/// One write.
#[derive(Debug)]
struct Write {
    sql: String,
    values: Vec<Value>,
}

/// Identifies a write of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteId(usize);

/// How many rows each write of a batch wrote.
#[derive(Debug)]
pub struct RowCounts(Vec<u64>);

impl WriteBatch {
    /// An empty batch.
    pub const fn new(backend: DbBackend) -> Self {
        Self {
            backend,
            writes: Vec::new(),
        }
    }

    /// Adds a statement that returns nothing.
    pub fn add(&mut self, write: impl FnOnce(&mut Bulk) -> String) -> WriteId {
        let values = self.writes.iter().map(|part| part.values.len());
        let mut bulk = match self.backend {
            DbBackend::Sqlite => Bulk::new(self.backend),
            _ => Bulk::with_offset(self.backend, values.sum()),
        };
        let sql = write(&mut bulk);
        let values = bulk.into_values();
        self.writes.push(Write { sql, values });
        WriteId(self.writes.len() - 1)
    }

    /// Adds an `INSERT` of rows. `then` follows it, such as an `ON CONFLICT` clause.
    pub fn insert(&mut self, table: &str, rows: Rows, then: &str) -> WriteId {
        self.add(|bulk| bulk.insert_into(table, rows, then))
    }

    /// Executes all writes.
    pub async fn execute(mut self, tx: &WriteTx) -> Result<RowCounts, DbErr> {
        let mut written = Vec::with_capacity(self.writes.len());
        if self.backend == DbBackend::Sqlite || self.writes.len() < 2 {
            for Write { sql, values } in self.writes {
                let statement = Statement::from_sql_and_values(self.backend, sql, values);
                written.push(tx.execute_raw(statement).await?.rows_affected());
            }
            return Ok(RowCounts(written));
        }
        let counted = tx.query_one_raw(self.statement()).await?;
        let counted = counted.ok_or_else(|| DbErr::RecordNotFound("counts".into()))?;
        for part in 0..self.writes.len() {
            let rows: i64 = counted.try_get_by_index(part)?;
            written.push(rows.unsigned_abs());
        }
        Ok(RowCounts(written))
    }

    /// All writes as one statement. They are executed in the order in which they are
    /// counted, so all transactions lock rows in the same order.
    fn statement(&mut self) -> Statement {
        let (mut parts, mut counts, mut values) = (Vec::new(), Vec::new(), Vec::new());
        for (number, part) in self.writes.iter_mut().enumerate() {
            parts.push(format!("part_{number} AS ({} RETURNING 1)", part.sql));
            counts.push(format!("(SELECT COUNT(*) FROM part_{number})"));
            values.append(&mut part.values);
        }
        let sql = format!("WITH {} SELECT {}", parts.join(", "), counts.join(", "));
        Statement::from_sql_and_values(self.backend, sql, values)
    }
}

impl RowCounts {
    /// Whether a write wrote this many rows.
    pub fn is(&self, write: WriteId, rows: usize) -> bool {
        let written = self.0.get(write.0).copied().map(usize::try_from);
        written == Some(Ok(rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postgres_gets_one_statement_whose_values_are_numbered_throughout() {
        let mut writes = WriteBatch::new(DbBackend::Postgres);
        writes.insert("a", Rows::default().with("id", [1_i64]), "");
        writes.add(|bulk| format!("UPDATE b SET x = {}", bulk.bind(2_i64)));
        let statement = writes.statement();
        assert_eq!(
            statement.sql,
            "WITH part_0 AS (INSERT INTO a (id) SELECT id FROM UNNEST($1::int8[]) AS rows (id) \
             WHERE TRUE  RETURNING 1), part_1 AS (UPDATE b SET x = $2 RETURNING 1) \
             SELECT (SELECT COUNT(*) FROM part_0), (SELECT COUNT(*) FROM part_1)"
        );
        assert_eq!(statement.values.map(|values| values.0.len()), Some(2));
    }
}
