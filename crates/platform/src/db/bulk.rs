//! Many rows in one statement whose text does not depend on how many they are,
//! so that `PostgreSQL` plans it once: one array a column, unfolded by `UNNEST`.
//! Typed arrays hold no nulls here, so a column that may be null travels with a
//! second array that says where it is. `SQLite`, for which planning is cheap,
//! gets plain `VALUES`.

use sea_orm::sea_query::ArrayType;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, DbBackend, EntityTrait, IdenStatic, Iterable,
    Statement, Value,
};
use uuid::Uuid;

/// Rows on their way into a statement, column by column.
#[derive(Debug, Default)]
pub struct Rows {
    columns: Vec<Column>,
}

#[derive(Debug)]
struct Column {
    name: &'static str,
    nullable: bool,
    values: Vec<Value>,
}

/// A statement in the making: its values, in the order they are named.
#[derive(Debug)]
pub struct Bulk {
    backend: DbBackend,
    /// Values of other statements that are named before these.
    before: usize,
    values: Vec<Value>,
}

/// How the arrays of a column are named.
struct Arrays {
    values: String,
    /// Where there are none.
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

impl Rows {
    /// The rows of a table; every one must set the same columns.
    pub fn of<A: ActiveModelTrait>(models: impl IntoIterator<Item = A>) -> Self {
        let all = || <A::Entity as EntityTrait>::Column::iter();
        let mut columns: Vec<Column> = all()
            .map(|column| Column {
                name: column.as_str(),
                nullable: column.def().is_null(),
                values: Vec::new(),
            })
            .collect();
        for mut model in models {
            for (column, of_model) in columns.iter_mut().zip(all()) {
                if let ActiveValue::Set(value) | ActiveValue::Unchanged(value) =
                    model.take(of_model)
                {
                    column.values.push(value);
                }
            }
        }
        columns.retain(|column| !column.values.is_empty());
        Self { columns }
    }

    /// Adds a column without nulls.
    #[must_use]
    pub fn with<T: Into<Value>>(
        self,
        name: &'static str,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        self.column(name, false, values.into_iter().map(Into::into).collect())
    }

    /// Adds a column that may hold nulls.
    #[must_use]
    pub fn with_nullable<T>(
        self,
        name: &'static str,
        values: impl IntoIterator<Item = Option<T>>,
    ) -> Self
    where
        Option<T>: Into<Value>,
    {
        self.column(name, true, values.into_iter().map(Into::into).collect())
    }

    fn column(mut self, name: &'static str, nullable: bool, values: Vec<Value>) -> Self {
        self.columns.push(Column {
            name,
            nullable,
            values,
        });
        self
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().map(|column| column.name)
    }
}

impl Bulk {
    /// An empty statement for an engine.
    pub const fn new(backend: DbBackend) -> Self {
        Self::behind(backend, 0)
    }

    /// A statement that becomes part of another one, which has named so many
    /// values before.
    pub const fn behind(backend: DbBackend, before: usize) -> Self {
        Self {
            backend,
            before,
            values: Vec::new(),
        }
    }

    /// Takes a value; returns how to name it in the statement.
    pub fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.before + self.values.len())
    }

    /// Joins what comes before with the rows of a table `on` a condition, and
    /// holds these until the transaction ends. They are looked up one by one, in
    /// the order given, even if `PostgreSQL` made its plan when the table was so
    /// small that reading all of it seemed cheaper; to `SQLite`, which has one
    /// writer at a time anyway, `CROSS JOIN` says "in this order".
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

    /// A condition: the column holds one of these ids, of which there is at least
    /// one. Unlike a join it leaves `PostgreSQL` no choice: a plan made while the
    /// table was small would have joined all of it with the ids. Rows and ids come
    /// before values that are bound by themselves: `SQLite` counts `?` from the
    /// first one on.
    pub fn among(&mut self, column: &str, ids: impl IntoIterator<Item = Uuid>) -> String {
        let ids: Vec<Value> = ids.into_iter().map(Into::into).collect();
        if self.backend == DbBackend::Sqlite {
            let places = vec!["?"; ids.len()].join(", ");
            self.values.extend(ids);
            return format!("{column} IN ({places})");
        }
        format!("{column} = ANY({})", self.array(ArrayType::Uuid, ids))
    }

    /// An `UPDATE` that gives every row of `ids`, which ascend, values of its own:
    /// those of `rows`, in the same order. `set` and `only` say what else becomes
    /// of them, and of which of them.
    ///
    /// `PostgreSQL` finds a row's place among the ids by `width_bucket`, which
    /// halves, rather than by a join, for the reason above.
    pub fn update_each(
        &mut self,
        table: &str,
        ids: Vec<Uuid>,
        rows: Rows,
        set: impl FnOnce(&mut Self) -> String,
        only: &str,
    ) -> String {
        debug_assert!(ids.is_sorted(), "places are found by halving");
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
        let place = format!("[width_bucket({table}.id, {ids})]");
        let mut given = Vec::new();
        for column in rows.columns {
            let name = column.name;
            let Some(Arrays { values, nulls }) = self.arrays(column) else {
                continue;
            };
            given.push(nulls.map_or_else(
                || format!("{name} = ({values}){place}"),
                |nulls| {
                    format!(
                        "{name} = CASE WHEN ({nulls}){place} THEN NULL ELSE ({values}){place} END"
                    )
                },
            ));
        }
        let set = set(self);
        format!(
            "UPDATE {table} SET {}, {set} WHERE {table}.id = ANY({ids}) AND {only}",
            given.join(", ")
        )
    }

    /// Takes rows; returns a query that yields them, columns by their names.
    pub fn rows(&mut self, rows: Rows) -> String {
        if self.backend == DbBackend::Sqlite {
            self.values_list(rows)
        } else {
            self.unnest(rows)
        }
    }

    /// An `INSERT` of rows, followed by `then`: what to do about conflicts, and
    /// what to return.
    pub fn insert(backend: DbBackend, table: &str, rows: Rows, then: &str) -> Statement {
        let mut bulk = Self::new(backend);
        let sql = bulk.insert_into(table, rows, then);
        bulk.statement(&sql)
    }

    /// The same, as a part of something else.
    pub fn insert_into(&mut self, table: &str, rows: Rows, then: &str) -> String {
        let columns = rows.names().collect::<Vec<_>>().join(", ");
        let source = self.rows(rows);
        // Without WHERE, `ON` would read as part of a join to SQLite.
        format!("INSERT INTO {table} ({columns}) {source} WHERE TRUE {then}")
    }

    /// The statement, with the values taken.
    pub fn statement(self, sql: &str) -> Statement {
        Statement::from_sql_and_values(self.backend, sql, self.values)
    }

    /// The values taken.
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

    /// Takes the values of a column.
    fn arrays(&mut self, column: Column) -> Option<Arrays> {
        let Column {
            nullable,
            mut values,
            ..
        } = column;
        let of = values.first()?.array_type();
        let nulls = nullable.then(|| {
            let nulls = values.iter().map(|value| is_null(value).into()).collect();
            for value in &mut values {
                if is_null(value) {
                    *value = value.dummy_value();
                }
            }
            self.array(ArrayType::Bool, nulls)
        });
        let values = self.array(of, values);
        Some(Arrays { values, nulls })
    }

    fn array(&mut self, of: ArrayType, values: Vec<Value>) -> String {
        let name = match of {
            ArrayType::Bool => "bool",
            ArrayType::SmallInt => "int2",
            ArrayType::Int => "int4",
            ArrayType::BigInt => "int8",
            ArrayType::Bytes => "bytea",
            ArrayType::Uuid => "uuid",
            ArrayType::ChronoDateTimeUtc => "timestamptz",
            _ => "text",
        };
        let place = self.bind(Value::Array(of, Some(Box::new(values))));
        format!("{place}::{name}[]")
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
