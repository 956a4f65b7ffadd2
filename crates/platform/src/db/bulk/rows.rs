//! Rows for a bulk statement. They are stored by column, because that is how `PostgreSQL`
//! receives them.

use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, EntityTrait, IdenStatic, Iterable, Value,
};

/// Rows for a statement, column by column.
#[derive(Debug, Default)]
pub struct Rows {
    pub(super) columns: Vec<Column>,
}

/// A column with a value for each row.
#[derive(Debug)]
pub(super) struct Column {
    pub name: &'static str,
    pub nullable: bool,
    pub values: Vec<Value>,
}

impl Rows {
    /// Rows of a table. Every model must set the same columns.
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

    /// Adds a nullable column.
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

    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().map(|column| column.name)
    }
}
