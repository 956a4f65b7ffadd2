//! Page sizes: rules that are the same for every paged list.

use domain::wire::MAX_PAGE;

use super::error::{Error, Result};

/// The requested page size, or `default`.
///
/// # Errors
///
/// [`Error::BadQuery`] outside 1 to [`MAX_PAGE`].
pub fn limit(requested: Option<u64>, default: u64) -> Result<u64> {
    let limit = requested.unwrap_or(default);
    if (1..=MAX_PAGE).contains(&limit) {
        Ok(limit)
    } else {
        Err(Error::BadQuery(format!("limit must be 1 to {MAX_PAGE}")))
    }
}

/// Truncates rows of which one more than `limit` was read; `true` if there are more.
pub fn cut<T>(rows: &mut Vec<T>, limit: u64) -> bool {
    let has_more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    has_more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_row_beyond_the_limit_means_that_there_are_more() {
        let mut rows = vec![1, 2, 3];
        assert!(cut(&mut rows, 2));
        assert_eq!(rows, [1, 2]);
        assert!(!cut(&mut rows, 2));
    }
}
