//! The access path of a list: by which index its orders are found, and in which order.

use domain::orders::search;
use domain::orders::status::OrderStatus;
use domain::wire::{OrderQuery, OrderSort};
use platform::db::Db;
use sea_orm::sea_query::{Expr, Func, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, Select};

use super::cursor::{self, PageCursor};
use crate::entities::order::{Column, Entity};

/// How the orders of a list are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AccessPath {
    /// Find them, then sort them. `PostgreSQL` guesses that any beginning of a
    /// word is in one order of fifty, and would rather read a million in order
    /// until it has met fifty that match.
    FindThenSort,
    /// Read in order, and leave out the others.
    ScanInOrder,
    /// Read the orders of this status in order. `PostgreSQL` knows how many there
    /// are, not where: it would rather read all orders until it has met fifty,
    /// past any number of newer ones that have another status.
    ScanStatus(OrderStatus),
}

impl AccessPath {
    /// The access path that reads a list in order.
    pub(super) fn for_list(db: &Db, query: &OrderQuery) -> Self {
        let by_time = matches!(
            query.sort,
            OrderSort::PlacedDescending | OrderSort::PlacedAscending
        );
        let status_alone = OrderQuery {
            status: query.status.clone(),
            sort: query.sort,
            ..OrderQuery::default()
        };
        match query.status[..] {
            [status] if by_time && !db.is_sqlite() && query.list() == status_alone => {
                Self::ScanStatus(status)
            }
            _ => Self::ScanInOrder,
        }
    }
}

/// The orders of a list.
pub(super) fn filter(db: &Db, query: &OrderQuery, path: AccessPath) -> Condition {
    let mut filter = Condition::all();
    if let AccessPath::ScanStatus(status) = path {
        // Were it an equation, `PostgreSQL` would not sort by it any more, and
        // any index by time would do.
        filter = filter.add(Column::Status.between(status.as_str(), status.as_str()));
    } else if !query.status.is_empty() {
        filter = filter.add(Column::Status.is_in(query.status.iter().map(|s| s.as_str())));
    }
    if let Some(shop) = &query.shop {
        filter = filter.add(Column::Shop.eq(shop));
    }
    if let Some(from) = query.placed_from {
        filter = filter.add(Column::PlacedAt.gte(from));
    }
    if let Some(to) = query.placed_to {
        filter = filter.add(Column::PlacedAt.lt(to));
    }
    if let Some(up_to) = query.up_to {
        let id = if query.q.is_some() && path == AccessPath::ScanInOrder {
            // Not by its index: that is in another order.
            unindexed(Column::Id)
        } else {
            Expr::col(Column::Id)
        };
        filter = filter.add(id.lte(up_to));
    }
    if let Some(q) = &query.q {
        filter = filter.add(matches(db, q, path));
    }
    filter
}

/// Every word of the search, the last letters of each left open.
fn matches(db: &Db, q: &str, path: AccessPath) -> SimpleExpr {
    let words = search::words(q);
    if words.is_empty() {
        // Nothing but punctuation: no order has that.
        return Expr::val(1).eq(0);
    }
    if db.is_sqlite() {
        let words: Vec<_> = words.iter().map(|word| format!("\"{word}\"*")).collect();
        let sql = "search_id IN (SELECT rowid FROM orders_search WHERE orders_search MATCH ?)";
        return Expr::cust_with_values(sql, [words.join(" ")]);
    }
    if path == AccessPath::FindThenSort {
        let words: Vec<_> = words.iter().map(|word| format!("{word}:*")).collect();
        let sql = "to_tsvector('simple', search_text) @@ to_tsquery('simple', $1)";
        return Expr::cust_with_values(sql, [words.join(" & ")]);
    }
    // The same, ten times as quick for a row that is read anyway.
    let one = |word: &String| {
        let sql = "' ' || search_text LIKE $1";
        Expr::cust_with_values(sql, [format!("% {word}%")])
    };
    let mut words = words.iter().map(one);
    let first = words.next().unwrap_or_else(|| Expr::val(1).eq(1));
    words.fold(first, ExprTrait::and)
}

/// The list behind `after`, in order.
pub(super) fn list(
    db: &Db,
    query: &OrderQuery,
    path: AccessPath,
    after: Option<PageCursor>,
) -> Select<Entity> {
    let sort = query.sort;
    let column = cursor::column(sort);
    let mut filter = filter(db, query, path);
    if let Some(PageCursor { key, id }) = after {
        // As one row comparison: an index on these columns answers it directly.
        let mut row = vec![Expr::col(column), Expr::col(Column::Id)];
        let mut last = vec![Expr::val(key), Expr::val(id)];
        if let AccessPath::ScanStatus(status) = path {
            row.insert(0, Expr::col(Column::Status));
            last.insert(0, Expr::val(status.as_str()));
        }
        let (row, last) = (Expr::tuple(row), Expr::tuple(last));
        filter = filter.add(if sort.is_descending() {
            row.lt(last)
        } else {
            row.gt(last)
        });
    }
    let key = match path {
        // No index is sorted by this.
        AccessPath::FindThenSort => unindexed(column),
        AccessPath::ScanInOrder | AccessPath::ScanStatus(_) => Expr::col(column),
    };
    let mut list = Entity::find().filter(filter);
    if let AccessPath::ScanStatus(_) = path {
        list = list.order_by(Column::Status, direction(sort));
    }
    list.order_by(key, direction(sort))
        .order_by(Column::Id, direction(sort))
}

/// The column, for which no index is used.
fn unindexed(column: Column) -> SimpleExpr {
    Func::coalesce([Expr::col(column), Expr::col(column)]).into()
}

fn direction(sort: OrderSort) -> sea_orm::Order {
    if sort.is_descending() {
        sea_orm::Order::Desc
    } else {
        sea_orm::Order::Asc
    }
}
