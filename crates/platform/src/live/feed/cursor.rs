//! How far a client has read: it has received everything that is visible in a snapshot of
//! the database.
//!
//! Transactions end in another order than they begin, so a single number cannot express a
//! position. A snapshot can: it lists the transactions that were in progress. So a change
//! that commits late is not skipped, and a committed change does not wait for another
//! transaction.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The transactions whose changes are visible: `PostgreSQL`'s `pg_snapshot`, in its text
/// form. `SQLite` has one writer, so the number of its last change is enough; it is
/// written in the same form, as `n:n:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// All transactions below are visible.
    pub xmin: i64,
    /// No transaction from here on is visible.
    pub xmax: i64,
    /// In between, all transactions except these are visible.
    in_progress: Vec<i64>,
}

/// A position in the sequence of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The transaction; always 0 on `SQLite`.
    pub xid: i64,
    /// The number of the change.
    pub seq: i64,
}

/// How far a client has read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The client has received everything that is visible in this snapshot.
    pub covered: Snapshot,
    /// The last page that it read, while it reads a gap of several pages.
    pub page: Option<PageProgress>,
}

/// How far a gap of several pages has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageProgress {
    /// What the client will have received after the last page: everything that was
    /// committed when it read the first one. It may receive changes that are committed
    /// meanwhile twice.
    pub until: Snapshot,
    /// The last change it read.
    pub last: Position,
}

impl Snapshot {
    /// Parses the text form, as strictly as `PostgreSQL` does, because clients send it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let mut number = || parts.next()?.parse::<i64>().ok();
        let (xmin, xmax) = (number()?, number()?);
        let list = parts.next()?;
        let in_progress: Vec<i64> = match list {
            "" => Vec::new(),
            list => list
                .split(',')
                .map(|xid| xid.parse().ok())
                .collect::<Option<_>>()?,
        };
        let ordered = in_progress.is_sorted();
        let within = in_progress.iter().all(|xid| (xmin..xmax).contains(xid));
        let sound = parts.next().is_none() && xmin >= 0 && xmax >= xmin && ordered && within;
        sound.then_some(Self {
            xmin,
            xmax,
            in_progress,
        })
    }
}

impl std::fmt::Display for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:", self.xmin, self.xmax)?;
        for (index, xid) in self.in_progress.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{xid}")?;
        }
        Ok(())
    }
}

impl Cursor {
    /// The cursor of a client that has received everything visible in `snapshot`.
    pub const fn after(snapshot: Snapshot) -> Self {
        Self {
            covered: snapshot,
            page: None,
        }
    }

    /// The form that clients store and send.
    pub fn encode(&self) -> String {
        let text = match &self.page {
            None => self.covered.to_string(),
            Some(PageProgress { until, last }) => {
                format!("{}/{until}/{}/{}", self.covered, last.xid, last.seq)
            }
        };
        URL_SAFE_NO_PAD.encode(text)
    }

    /// Parses a cursor; `None` if the text is not one.
    pub fn decode(text: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let mut parts = text.split('/');
        let covered = Snapshot::parse(parts.next()?)?;
        let Some(until) = parts.next() else {
            return Some(Self::after(covered));
        };
        let page = PageProgress {
            until: Snapshot::parse(until)?,
            last: Position {
                xid: parts.next()?.parse().ok()?,
                seq: parts.next()?.parse().ok()?,
            },
        };
        parts.next().is_none().then_some(Self {
            covered,
            page: Some(page),
        })
    }

    /// The position to continue from, on `PostgreSQL`.
    pub fn position(&self) -> Position {
        let start = Position {
            xid: self.covered.xmin - 1,
            seq: i64::MAX,
        };
        self.page.as_ref().map_or(start, |page| page.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(text: &str) -> Snapshot {
        Snapshot::parse(text).unwrap()
    }

    #[test]
    fn a_cursor_is_the_same_after_encoding_and_decoding() {
        let whole = Cursor::after(snapshot("10:20:10,14,19"));
        assert_eq!(Cursor::decode(&whole.encode()), Some(whole.clone()));
        let part = Cursor {
            page: Some(PageProgress {
                until: snapshot("30:30:"),
                last: Position { xid: 12, seq: 7 },
            }),
            ..whole
        };
        assert_eq!(Cursor::decode(&part.encode()), Some(part));
    }

    #[test]
    fn a_text_that_postgres_would_refuse_is_not_a_cursor() {
        let texts = [
            "",
            "7",
            "7.9",
            "7:9",
            "9:7:",
            "-1:7:",
            "7:9:6",
            "7:9:9",
            "7:9:8,7",
            "7:9:x",
            "7:9::",
            "7:9:/",
            "7:9:/8:9:/1",
            "7:9:/8:9:/1/2/3",
            "7:9:/x/1/2",
        ];
        for text in texts {
            assert_eq!(
                Cursor::decode(&URL_SAFE_NO_PAD.encode(text)),
                None,
                "{text}"
            );
        }
        for garbage in ["!", "zzz", "MQ"] {
            assert_eq!(Cursor::decode(garbage), None, "{garbage}");
        }
    }
}
