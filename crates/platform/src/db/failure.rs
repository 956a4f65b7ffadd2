//! Classifies database errors, because callers try again after an outage or a conflict,
//! but not after a wrong statement.

use sea_orm::sqlx::Error as Sqlx;
use sea_orm::{DbErr, RuntimeErr};

/// The database cannot be reached or cannot write now: the same statement may succeed
/// later.
pub fn is_unavailable(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            match error.as_ref() {
                Sqlx::Io(_) | Sqlx::Tls(_) | Sqlx::PoolTimedOut | Sqlx::PoolClosed => true,
                Sqlx::Database(error) => error.code().is_some_and(|code| is_outage_code(&code)),
                _ => false,
            }
        }
        _ => false,
    }
}

/// The database answered that it accepts no writes now.
pub fn is_refused_write(error: &DbErr) -> bool {
    code(error).is_some_and(|code| {
        if code.len() == 5 {
            matches!(code.as_ref(), "25006" | "53100")
        } else {
            code.parse::<u32>()
                .is_ok_and(|code| matches!(code & 0xff, 8 | 10 | 13))
        }
    })
}

fn code(error: &DbErr) -> Option<std::borrow::Cow<'_, str>> {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) =
        error
    else {
        return None;
    };
    error.as_database_error()?.code()
}

/// Two transactions were in conflict (`PostgreSQL`'s serialization failure or deadlock):
/// the same statement may succeed the next time.
pub fn is_conflict(error: &DbErr) -> bool {
    code(error).is_some_and(|code| matches!(code.as_ref(), "40001" | "40P01"))
}

/// `PostgreSQL`: class 08 (connection), 53 (resources), 57P (shutdown), 25006
/// (read-only), 55P03 (lock timeout), 57014 (cancelled), 58030 (I/O error).
/// `SQLite`: BUSY 5, READONLY 8, IOERR 10, FULL 13, CANTOPEN 14, and the extended codes
/// that contain them in their low byte.
fn is_outage_code(code: &str) -> bool {
    if code.len() == 5 {
        return ["08", "53", "57P", "25006", "55P03", "57014", "58030"]
            .iter()
            .any(|class| code.starts_with(class));
    }
    code.parse::<u32>()
        .is_ok_and(|code| matches!(code & 0xff, 5 | 8 | 10 | 13 | 14))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outages_are_distinguished_from_wrong_statements() {
        for outage in ["08006", "53300", "57P01", "25006", "13", "5", "266"] {
            assert!(is_outage_code(outage), "{outage}");
        }
        for fault in ["23505", "42P01", "1", "2067"] {
            assert!(!is_outage_code(fault), "{fault}");
        }
    }
}
