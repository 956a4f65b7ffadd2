//! What every paged list does the same way.

use domain::wire::MAX_PAGE;

use super::error::{Error, Result};

/// The page size asked for, or `default`; refused outside 1 to [`MAX_PAGE`].
pub fn limit(asked: Option<u64>, default: u64) -> Result<u64> {
    let limit = asked.unwrap_or(default);
    if (1..=MAX_PAGE).contains(&limit) {
        Ok(limit)
    } else {
        Err(Error::BadQuery(format!("limit must be 1 to {MAX_PAGE}")))
    }
}

/// Cuts rows that were read one beyond `limit`; `true` when there are more.
pub fn cut<T>(rows: &mut Vec<T>, limit: u64) -> bool {
    let has_more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    has_more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_row_too_many_means_there_are_more() {
        let mut rows = vec![1, 2, 3];
        assert!(cut(&mut rows, 2));
        assert_eq!(rows, [1, 2]);
        assert!(!cut(&mut rows, 2));
    }
}
