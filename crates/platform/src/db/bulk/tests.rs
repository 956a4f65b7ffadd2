use super::*;

fn rows() -> Rows {
    Rows::default()
        .with("id", [1_i64, 2])
        .with_nullable("note", [None, Some("x".to_owned())])
}

#[test]
fn postgres_gets_one_array_per_column_and_a_second_one_for_nulls() {
    let mut bulk = Bulk::new(DbBackend::Postgres);
    assert_eq!(
        bulk.rows(rows()),
        "SELECT id, CASE WHEN note_null THEN NULL ELSE note END AS note \
         FROM UNNEST($1::int8[], $2::bool[], $3::text[]) AS rows (id, note_null, note)"
    );
    assert_eq!(bulk.values.len(), 3);
}

#[test]
fn rows_are_found_by_their_ids_without_a_join_on_postgres() {
    let ids = || vec![Uuid::nil(), Uuid::max()];
    let mut bulk = Bulk::new(DbBackend::Postgres);
    assert_eq!(bulk.among("t.id", ids()), "t.id = ANY($1::uuid[])");
    let mut bulk = Bulk::new(DbBackend::Sqlite);
    assert_eq!(bulk.among("t.id", ids()), "t.id IN (?, ?)");
    assert_eq!(bulk.values.len(), 2);

    let values = || {
        let rows = Rows::default().with("a", [1_i64, 2]);
        rows.with_nullable("b", [None, Some("x".to_owned())])
    };
    let mut bulk = Bulk::new(DbBackend::Postgres);
    assert_eq!(
        bulk.update_each("t", ids(), values(), |_| "c = NULL".to_owned(), "TRUE"),
        "UPDATE t SET a = ($2::int8[])[width_bucket(t.id, $1::uuid[])], \
         b = CASE WHEN ($3::bool[])[width_bucket(t.id, $1::uuid[])] THEN NULL \
         ELSE ($4::text[])[width_bucket(t.id, $1::uuid[])] END, c = NULL \
         WHERE t.id = ANY($1::uuid[]) AND TRUE"
    );
    let mut bulk = Bulk::new(DbBackend::Sqlite);
    assert_eq!(
        bulk.update_each("t", ids(), values(), |_| "c = NULL".to_owned(), "TRUE"),
        "UPDATE t SET a = each.a, b = each.b, c = NULL FROM (SELECT column1 AS a, \
         column2 AS b, column3 AS id FROM (VALUES (?, ?, ?), (?, ?, ?))) AS each \
         WHERE t.id = each.id AND TRUE"
    );
}

#[test]
fn locked_rows_are_looked_up_one_by_one() {
    let lookup = |backend, lock| Bulk::new(backend).lookup("t", "t.id = wanted.id", lock);
    assert_eq!(
        lookup(DbBackend::Postgres, LockMode::SkipLocked),
        "CROSS JOIN LATERAL (SELECT * FROM t WHERE t.id = wanted.id FOR UPDATE SKIP LOCKED) AS t"
    );
    assert_eq!(
        lookup(DbBackend::Sqlite, LockMode::SkipLocked),
        "CROSS JOIN t ON t.id = wanted.id"
    );
}

#[test]
fn sqlite_gets_plain_values_row_by_row() {
    let mut bulk = Bulk::new(DbBackend::Sqlite);
    assert_eq!(
        bulk.rows(rows()),
        "SELECT column1 AS id, column2 AS note FROM (VALUES (?, ?), (?, ?))"
    );
    let none: Option<String> = None;
    assert_eq!(
        bulk.values,
        [1_i64.into(), none.into(), 2_i64.into(), "x".into()]
    );
}
