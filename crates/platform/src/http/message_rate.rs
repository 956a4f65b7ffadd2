//! Limits how many messages a client may send over a WebSocket (a leaky bucket). Each
//! message is handled by its own task, so a client that sends as fast as it can would use
//! all processors. If a client sends too many, the server stops reading from it for a
//! while, and TCP flow control slows it down.

use std::time::{Duration, Instant};

/// Messages at once: many times what a page sends when it opens.
const BURST: f64 = 120.0;

/// Messages per second in the long run. A page sends three while its user scrolls, and a
/// heartbeat every ten seconds.
const PER_SECOND: f64 = 10.0;

/// Counts the messages of one connection. WebSocket frames are counted (RFC 6455,
/// 5.2): a message has at least one, and so has a ping.
#[derive(Debug)]
pub struct MessageRate {
    frames: Frames,
    /// Messages counted, minus those that have leaked since.
    level: f64,
    at: Instant,
}

impl Default for MessageRate {
    /// No message was counted yet.
    fn default() -> Self {
        Self {
            frames: Frames::default(),
            level: 0.0,
            at: Instant::now(),
        }
    }
}

impl MessageRate {
    /// Counts the messages in bytes that were read.
    pub fn count(&mut self, bytes: &[u8]) {
        self.leak();
        self.level += f64::from(self.frames.count(bytes));
    }

    /// How long to stop reading; `None` if more messages may come.
    pub fn pause(&mut self) -> Option<Duration> {
        self.leak();
        let excess = self.level - BURST;
        (excess > 0.0).then(|| Duration::from_secs_f64(excess / PER_SECOND))
    }

    fn leak(&mut self) {
        let now = Instant::now();
        let leaked = (now - self.at).as_secs_f64() * PER_SECOND;
        self.level = (self.level - leaked).max(0.0);
        self.at = now;
    }
}

/// The position in a stream of frames.
#[derive(Debug, Default)]
struct Frames {
    /// The bytes of a head that is not complete yet.
    head: Vec<u8>,
    /// Bytes of the current frame's content that have not arrived yet.
    content: u64,
}

impl Frames {
    /// The number of frames that begin in `bytes`, the next part of the stream.
    fn count(&mut self, mut bytes: &[u8]) -> u32 {
        let mut begun = 0;
        while !bytes.is_empty() {
            let content = usize::try_from(self.content).unwrap_or(usize::MAX);
            let passed = content.min(bytes.len());
            self.content -= passed as u64;
            bytes = &bytes[passed..];
            let Some((first, rest)) = bytes.split_first() else {
                break;
            };
            if self.head.is_empty() {
                begun += 1;
            }
            self.head.push(*first);
            bytes = rest;
            if let Some(content) = content_length(&self.head) {
                self.content = content;
                self.head.clear();
            }
        }
        begun
    }
}

/// The length of a frame's content; `None` until its head is complete.
fn content_length(head: &[u8]) -> Option<u64> {
    let second = head.get(1)?;
    let length = second & 0x7f;
    let extended = match length {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    if head.len() < 2 + extended + mask {
        return None;
    }
    let bytes = head[2..2 + extended].iter();
    Some(match extended {
        0 => u64::from(length),
        _ => bytes.fold(0, |value, byte| value << 8 | u64::from(*byte)),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A frame as a client sends it.
    fn frame(content: usize) -> Vec<u8> {
        let mut frame = vec![0x81];
        match content {
            0..=125 => frame.push(0x80 | u8::try_from(content).unwrap()),
            126..=65_535 => {
                frame.push(0xfe);
                frame.extend(u16::try_from(content).unwrap().to_be_bytes());
            }
            _ => {
                frame.push(0xff);
                frame.extend((content as u64).to_be_bytes());
            }
        }
        frame.extend([1, 2, 3, 4]);
        frame.extend(vec![0x81; content]);
        frame
    }

    proptest! {
        #[test]
        fn frames_are_counted_however_the_stream_is_split(
            contents in prop::collection::vec(prop_oneof![0_usize..200, 65_000_usize..66_000], 0..20),
            cut in 1_usize..5_000,
        ) {
            let stream: Vec<u8> = contents.iter().flat_map(|content| frame(*content)).collect();
            let mut frames = Frames::default();
            let counted: u32 = stream.chunks(cut).map(|chunk| frames.count(chunk)).sum();
            prop_assert_eq!(counted as usize, contents.len());
        }
    }

    #[test]
    fn a_burst_is_read_at_once_and_more_messages_cause_a_pause() {
        let mut messages = MessageRate::default();
        for _ in 0..100 {
            messages.count(&frame(10));
        }
        assert_eq!(messages.pause(), None);
        for _ in 0..200 {
            messages.count(&frame(10));
        }
        let pause = messages.pause().unwrap();
        assert!(pause > Duration::from_secs(15), "{pause:?}");
    }
}
