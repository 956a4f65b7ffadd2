//! Many rows in one statement. Its text does not depend on the number of rows, so
//! `PostgreSQL` plans it once: each column is one array, which `UNNEST` turns into rows.
//! sea-orm's typed arrays cannot contain nulls, so a nullable column has a second array
//! that marks its nulls. `SQLite` plans cheaply, and receives plain `VALUES`.

mod rows;

use sea_orm::sea_query::ArrayType;
use sea_orm::{DbBackend, Statement, Value};
use uuid::Uuid;

use rows::Column;
pub use rows::Rows;

/// Builds a statement: collects its values, in the order of their placeholders.
#[derive(Debug)]
pub struct Bulk {
    backend: DbBackend,
    /// Placeholders that the surrounding statement has used already.
    offset: usize,
    values: Vec<Value>,
}

/// The SQL for the arrays of a column.
struct Arrays {
    values: String,
    /// Which values are null; only for a nullable column.
    nulls: Option<String>,
}

/// What to do about rows that another transaction has locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockMode {
    /// Wait until that transaction ends.
    Wait,
    /// Leave them out.
    SkipLocked,
}

impl Bulk {
    /// An empty statement for an engine.
    pub const fn new(backend: DbBackend) -> Self {
        Self::with_offset(backend, 0)
    }

    /// An empty statement that becomes part of another one, which has used `offset`
    /// placeholders before.
    pub const fn with_offset(backend: DbBackend, offset: usize) -> Self {
        Self {
            backend,
            offset,
            values: Vec::new(),
        }
    }

    /// Adds a value; returns its placeholder.
    pub fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.offset + self.values.len())
    }

    /// Joins the query so far with the rows of a table `on` a condition, and locks
    /// these until the transaction ends. They are looked up one by one, in the order
    /// given, even if `PostgreSQL` made its plan when the table was so small that
    /// reading all of it seemed cheaper. On `SQLite`, which needs no row locks,
    /// `CROSS JOIN` keeps the order of the join.
    pub fn lookup(&self, table: &str, on: &str, lock: LockMode) -> String {
        if self.backend == DbBackend::Sqlite {
            return format!("CROSS JOIN {table} ON {on}");
        }
        let lock = match lock {
            LockMode::Wait => "FOR UPDATE",
            LockMode::SkipLocked => "FOR UPDATE SKIP LOCKED",
        };
        format!("CROSS JOIN LATERAL (SELECT * FROM {table} WHERE {on} {lock}) AS {table}")
    }

    /// A condition: the column contains one of these ids, of which there is at least
    /// one. A join would let `PostgreSQL` keep a plan that reads the whole table,
    /// made while the table was small. Bind rows and ids before single values:
    /// `SQLite` numbers each `?` after the largest number used so far.
    pub fn among(&mut self, column: &str, ids: impl IntoIterator<Item = Uuid>) -> String {
        let ids: Vec<Value> = ids.into_iter().map(Into::into).collect();
        if self.backend == DbBackend::Sqlite {
            let placeholders = vec!["?"; ids.len()].join(", ");
            self.values.extend(ids);
            return format!("{column} IN ({placeholders})");
        }
        format!("{column} = ANY({})", self.array(ArrayType::Uuid, ids))
    }

    /// An `UPDATE` that gives every row of `ids` its own values: those of `rows`, in
    /// the same order. `ids` must be sorted. `set` is a further assignment, and `only`
    /// a further condition.
    ///
    /// `PostgreSQL` finds the index of a row's id by `width_bucket`, a binary search,
    /// and not by a join, for the reason given at [`Self::among`].
    pub fn update_each(
        &mut self,
        table: &str,
        ids: Vec<Uuid>,
        rows: Rows,
        set: impl FnOnce(&mut Self) -> String,
        only: &str,
    ) -> String {
        debug_assert!(ids.is_sorted(), "width_bucket is a binary search");
        if self.backend == DbBackend::Sqlite {
            let names: Vec<_> = rows
                .names()
                .map(|name| format!("{name} = each.{name}"))
                .collect();
            let rows = self.rows(rows.with("id", ids));
            let set = set(self);
            return format!(
                "UPDATE {table} SET {}, {set} FROM ({rows}) AS each \
                 WHERE {table}.id = each.id AND {only}",
                names.join(", ")
            );
        }
        let ids = self.array(ArrayType::Uuid, ids.into_iter().map(Into::into).collect());
        let index = format!("[width_bucket({table}.id, {ids})]");
        let mut assignments = Vec::new();
        for column in rows.columns {
            let name = column.name;
            let Some(Arrays { values, nulls }) = self.arrays(column) else {
                continue;
            };
            assignments.push(nulls.map_or_else(
                || format!("{name} = ({values}){index}"),
                |nulls| {
                    format!(
                        "{name} = CASE WHEN ({nulls}){index} THEN NULL ELSE ({values}){index} END"
                    )
                },
            ));
        }
        let set = set(self);
        format!(
            "UPDATE {table} SET {}, {set} WHERE {table}.id = ANY({ids}) AND {only}",
            assignments.join(", ")
        )
    }

    /// Adds rows; returns a query for them, with their column names.
    pub fn rows(&mut self, rows: Rows) -> String {
        if self.backend == DbBackend::Sqlite {
            self.values_list(rows)
        } else {
            self.unnest(rows)
        }
    }

    /// An `INSERT` of rows. `then` follows it: what to do about conflicts, and what to
    /// return.
    pub fn insert(backend: DbBackend, table: &str, rows: Rows, then: &str) -> Statement {
        let mut bulk = Self::new(backend);
        let sql = bulk.insert_into(table, rows, then);
        bulk.statement(&sql)
    }

    /// The SQL of [`Self::insert`], as a part of another statement.
    pub fn insert_into(&mut self, table: &str, rows: Rows, then: &str) -> String {
        let columns = rows.names().collect::<Vec<_>>().join(", ");
        let source = self.rows(rows);
        // Without WHERE, SQLite would parse `ON CONFLICT` as part of a join.
        format!("INSERT INTO {table} ({columns}) {source} WHERE TRUE {then}")
    }

    /// The statement, with the values that were added.
    pub fn statement(self, sql: &str) -> Statement {
        Statement::from_sql_and_values(self.backend, sql, self.values)
    }

    /// The values that were added.
    pub fn into_values(self) -> Vec<Value> {
        self.values
    }

    fn unnest(&mut self, rows: Rows) -> String {
        let (mut selected, mut arrays, mut names) = (Vec::new(), Vec::new(), Vec::new());
        for column in rows.columns {
            let name = column.name;
            let Some(Arrays { values, nulls }) = self.arrays(column) else {
                continue;
            };
            if let Some(nulls) = nulls {
                arrays.push(nulls);
                names.push(format!("{name}_null"));
                selected.push(format!(
                    "CASE WHEN {name}_null THEN NULL ELSE {name} END AS {name}"
                ));
            } else {
                selected.push(name.to_owned());
            }
            arrays.push(values);
            names.push(name.to_owned());
        }
        format!(
            "SELECT {} FROM UNNEST({}) AS rows ({})",
            selected.join(", "),
            arrays.join(", "),
            names.join(", ")
        )
    }

    /// Adds the values of a column; `None` if it has none.
    fn arrays(&mut self, column: Column) -> Option<Arrays> {
        let Column {
            nullable,
            mut values,
            ..
        } = column;
        let element_type = values.first()?.array_type();
        let nulls = nullable.then(|| {
            let nulls = values.iter().map(|value| is_null(value).into()).collect();
            for value in &mut values {
                if is_null(value) {
                    *value = value.dummy_value();
                }
            }
            self.array(ArrayType::Bool, nulls)
        });
        let values = self.array(element_type, values);
        Some(Arrays { values, nulls })
    }

    fn array(&mut self, element_type: ArrayType, values: Vec<Value>) -> String {
        let type_name = match element_type {
            ArrayType::Bool => "bool",
            ArrayType::SmallInt => "int2",
            ArrayType::Int => "int4",
            ArrayType::BigInt => "int8",
            ArrayType::Bytes => "bytea",
            ArrayType::Uuid => "uuid",
            ArrayType::ChronoDateTimeUtc => "timestamptz",
            _ => "text",
        };
        let placeholder = self.bind(Value::Array(element_type, Some(Box::new(values))));
        format!("{placeholder}::{type_name}[]")
    }

    fn values_list(&mut self, rows: Rows) -> String {
        let names: Vec<String> = rows
            .names()
            .enumerate()
            .map(|(index, name)| format!("column{} AS {name}", index + 1))
            .collect();
        let width = rows.columns.len();
        let length = rows.columns.first().map_or(0, |column| column.values.len());
        let mut columns: Vec<_> = rows
            .columns
            .into_iter()
            .map(|column| column.values.into_iter())
            .collect();
        for _ in 0..length {
            self.values
                .extend(columns.iter_mut().filter_map(Iterator::next));
        }
        let row = format!("({})", vec!["?"; width].join(", "));
        format!(
            "SELECT {} FROM (VALUES {})",
            names.join(", "),
            vec![row; length].join(", ")
        )
    }
}

fn is_null(value: &Value) -> bool {
    !value.is_some()
}

#[cfg(test)]
mod tests;
