//! The part of a long list that is loaded: pure rules.
//!
//! The list may have a million rows; a few blocks of them around the view are loaded.
//! Live changes insert rows into blocks and remove them, which shifts all positions
//! behind.

use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::sort_key::SortKey;

/// Rows per request.
pub const BLOCK: usize = 100;

/// Rows kept at most; those furthest from the view are dropped first.
pub const MAX_ROWS: usize = 2_000;

/// Blocks older than this are loaded again when they are shown.
const STALE: TimeDelta = TimeDelta::minutes(5);

/// Blocks not shown for this long are dropped.
const UNSEEN: TimeDelta = TimeDelta::minutes(10);

/// A run of loaded rows.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Block {
    start: usize,
    rows: Vec<SortKey>,
    loaded_at: DateTime<Utc>,
    seen_at: DateTime<Utc>,
}

impl Block {
    fn end(&self) -> usize {
        self.start + self.rows.len()
    }

    fn range(&self) -> Range<usize> {
        self.start..self.end()
    }
}

/// The position at which a row belongs by the order of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortedPosition {
    /// At this position.
    Known(usize),
    /// Among rows that are not loaded.
    Unknown,
}

/// The loaded part of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Window {
    /// Rows in the whole list.
    total: usize,
    /// Largest keys first.
    descending: bool,
    /// By position, never overlapping.
    blocks: Vec<Block>,
}

impl Window {
    /// A list of `total` rows of which the first are loaded.
    pub fn new(total: usize, descending: bool, rows: Vec<SortKey>, now: DateTime<Utc>) -> Self {
        let mut window = Self {
            total: total.max(rows.len()),
            descending,
            blocks: Vec::new(),
        };
        window.put(0, rows, now);
        window
    }

    /// Rows in the whole list.
    pub const fn total(&self) -> usize {
        self.total
    }

    /// Corrects the length of the list.
    pub fn set_total(&mut self, total: usize) {
        self.total = total;
        for block in &mut self.blocks {
            let end = block.end().min(total);
            block.rows.truncate(end.saturating_sub(block.start));
        }
        self.blocks.retain(|block| !block.rows.is_empty());
    }

    /// The row at a position, if loaded.
    pub fn get(&self, position: usize) -> Option<Uuid> {
        let block = self.block_at(position)?;
        Some(block.rows[position - block.start].id)
    }

    /// The position of a row, if loaded.
    pub fn position(&self, id: Uuid) -> Option<usize> {
        self.blocks.iter().find_map(|block| {
            let index = block.rows.iter().position(|row| row.id == id)?;
            Some(block.start + index)
        })
    }

    /// Every loaded row.
    pub fn ids(&self) -> impl Iterator<Item = Uuid> {
        let rows = self.blocks.iter().flat_map(|block| &block.rows);
        rows.map(|row| row.id)
    }

    /// Stores the rows from `start` on, in place of earlier ones.
    pub fn put(&mut self, start: usize, rows: Vec<SortKey>, now: DateTime<Utc>) {
        if rows.is_empty() {
            return;
        }
        let end = start + rows.len();
        let is_new = |key: &SortKey| rows.iter().any(|row| row.id == key.id);
        let mut blocks = Vec::with_capacity(self.blocks.len() + 1);
        for block in self.blocks.drain(..) {
            // Keep the parts of an older block on either side, unless one of their
            // rows moved into the new block: then their positions are wrong.
            let head = start.saturating_sub(block.start).min(block.rows.len());
            let tail = end.saturating_sub(block.start).min(block.rows.len());
            for (offset, part) in [(0, 0..head), (tail, tail..block.rows.len())] {
                let part = &block.rows[part];
                if part.is_empty() || part.iter().any(is_new) {
                    continue;
                }
                blocks.push(Block {
                    start: block.start + offset,
                    rows: part.to_vec(),
                    ..block.clone()
                });
            }
        }
        blocks.push(Block {
            start,
            rows,
            loaded_at: now,
            seen_at: now,
        });
        blocks.sort_by_key(|block| block.start);
        self.blocks = blocks;
        self.total = self.total.max(end);
    }

    /// The rows to request next so that `shown` is loaded and recent; `None` if it is.
    pub fn missing(&self, shown: &Range<usize>, now: DateTime<Utc>) -> Option<Range<usize>> {
        let shown = shown.start.min(self.total)..shown.end.min(self.total);
        let is_recent = |block: &&Block| now - block.loaded_at < STALE;
        let mut wanted = shown.start;
        while let Some(block) = self.block_at(wanted).filter(is_recent) {
            wanted = block.end();
        }
        if wanted >= shown.end {
            return None;
        }
        if let Some(stale) = self.block_at(wanted) {
            return Some(stale.start..stale.end().min(stale.start + BLOCK));
        }
        let before = self.blocks.iter().rev().find(|block| block.end() <= wanted);
        let after = self.blocks.iter().find(|block| block.start > wanted);
        let gap = before.map_or(0, Block::end)..after.map_or(self.total, |block| block.start);
        // Continue the loaded rows if they are near, else surround the view.
        let start = if wanted - gap.start < BLOCK / 2 {
            gap.start
        } else if gap.end < shown.end + BLOCK / 2 {
            gap.end.saturating_sub(BLOCK).max(gap.start)
        } else {
            wanted - BLOCK / 4
        };
        Some(start..gap.end.min(start + BLOCK))
    }

    /// The position at which a row with this key belongs.
    pub fn sorted_position(&self, key: &SortKey) -> SortedPosition {
        let mut loaded_until = 0;
        for block in &self.blocks {
            let index = block.rows.partition_point(|row| self.is_before(row, key));
            if index == 0 && block.start != loaded_until {
                return SortedPosition::Unknown;
            }
            if index < block.rows.len() {
                return SortedPosition::Known(block.start + index);
            }
            loaded_until = block.end();
        }
        if loaded_until == self.total {
            SortedPosition::Known(loaded_until)
        } else {
            SortedPosition::Unknown
        }
    }

    /// Inserts a row where it belongs; the list is one longer even if that position
    /// is not loaded.
    pub fn insert(&mut self, key: SortKey) -> SortedPosition {
        let at = self.sorted_position(&key);
        self.total += 1;
        let after = match at {
            SortedPosition::Known(position) => {
                let holds = |block: &&mut Block| (block.start..=block.end()).contains(&position);
                if let Some(block) = self.blocks.iter_mut().find(holds) {
                    block.rows.insert(position - block.start, key);
                    block.start + 1
                } else {
                    // The first row of an empty list; it is loaded again soon.
                    self.put(position, vec![key], DateTime::<Utc>::MIN_UTC);
                    usize::MAX
                }
            }
            SortedPosition::Unknown => {
                let is_behind = |block: &&Block| {
                    !block
                        .rows
                        .first()
                        .is_some_and(|row| self.is_before(row, &key))
                };
                let behind = self.blocks.iter().find(is_behind);
                behind.map_or(usize::MAX, |block| block.start)
            }
        };
        for block in &mut self.blocks {
            if block.start >= after {
                block.start += 1;
            }
        }
        at
    }

    /// Removes a row; `None` if it is not loaded.
    pub fn remove(&mut self, id: Uuid) -> Option<usize> {
        let position = self.position(id)?;
        self.total -= 1;
        for block in &mut self.blocks {
            if block.range().contains(&position) {
                block.rows.remove(position - block.start);
            } else if block.start > position {
                block.start -= 1;
            }
        }
        self.blocks.retain(|block| !block.rows.is_empty());
        Some(position)
    }

    /// Keeps the blocks in view, and of the others those shown recently and near the
    /// view. True when something was dropped.
    pub fn tidy(&mut self, shown: &Range<usize>, now: DateTime<Utc>) -> bool {
        let before = self.blocks.len();
        for block in &mut self.blocks {
            if block.start < shown.end && shown.start < block.end() {
                block.seen_at = now;
            }
        }
        self.blocks.retain(|block| now - block.seen_at < UNSEEN);
        let distance = |block: &Block| {
            let ahead = block.start.saturating_sub(shown.end);
            ahead.max(shown.start.saturating_sub(block.end()))
        };
        while self
            .blocks
            .iter()
            .map(|block| block.rows.len())
            .sum::<usize>()
            > MAX_ROWS
        {
            let furthest =
                (0..self.blocks.len()).max_by_key(|index| distance(&self.blocks[*index]));
            let Some(index) = furthest.filter(|_| self.blocks.len() > 1) else {
                // A single block is too long: keep the rows around the view.
                self.cut(shown);
                break;
            };
            self.blocks.remove(index);
        }
        self.blocks.len() != before
    }

    /// Cuts the only block down to its rows around `shown`.
    fn cut(&mut self, shown: &Range<usize>) {
        let Some(block) = self.blocks.first_mut() else {
            return;
        };
        let from = shown.start.saturating_sub(MAX_ROWS / 4).max(block.start);
        let to = (shown.end + MAX_ROWS / 4).min(block.end());
        if from < to {
            block.rows = block.rows[from - block.start..to - block.start].to_vec();
            block.start = from;
        }
    }

    fn block_at(&self, position: usize) -> Option<&Block> {
        let block = self.blocks.iter();
        block.rev().find(|block| block.range().contains(&position))
    }

    fn is_before(&self, row: &SortKey, key: &SortKey) -> bool {
        if self.descending {
            row > key
        } else {
            row < key
        }
    }
}

#[cfg(test)]
#[path = "window/tests.rs"]
mod tests;
