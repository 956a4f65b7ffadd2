//! Websocket frames (RFC 6455), as far as these clients need them: they send short
//! masked frames and receive complete unmasked ones.

/// The first byte of a text frame: final, opcode 1.
const TEXT: u8 = 0x81;

/// The opcode of a close frame.
pub const CLOSE: u8 = 0x8;

/// Writes a text frame, masked as RFC 6455 requires of a client. The mask is zero,
/// because there is no proxy here that it must protect.
pub fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(TEXT);
    match u16::try_from(text.len()) {
        Ok(length @ 0..=125) => out.push(0x80 | length.to_le_bytes()[0]),
        Ok(length) => {
            out.push(0x80 | 0x7e);
            out.extend_from_slice(&length.to_be_bytes());
        }
        Err(_) => {
            out.push(0x80 | 0x7f);
            out.extend_from_slice(&(text.len() as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(text.as_bytes());
}

/// A complete frame.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The kind of frame.
    pub opcode: u8,
    /// The content.
    pub payload: &'a [u8],
}

/// Reads the first frame in `received`; returns it with its length in bytes, or
/// `None` while it is incomplete.
pub fn read(received: &[u8]) -> Option<(Frame<'_>, usize)> {
    let &[first, second, ..] = received else {
        return None;
    };
    let (length, start) = match second & 0x7f {
        0x7e => (u16::from_be_bytes(bytes(received)?).into(), 4),
        0x7f => (u64::from_be_bytes(bytes(received)?), 10),
        short => (short.into(), 2),
    };
    let end = usize::try_from(length).ok()?.checked_add(start)?;
    let payload = received.get(start..end)?;
    let opcode = first & 0x0f;
    Some((Frame { opcode, payload }, end))
}

fn bytes<const N: usize>(received: &[u8]) -> Option<[u8; N]> {
    received.get(2..2 + N)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame as a server sends it.
    fn unmasked(text: &str) -> Vec<u8> {
        let mut frame = Vec::new();
        write_text(text, &mut frame);
        let mask = frame.len() - text.len() - 4;
        frame.drain(mask..mask + 4);
        frame[1] &= 0x7f;
        frame
    }

    #[test]
    fn frames_of_every_length_are_read_when_complete() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let text = "x".repeat(length);
            let mut received = unmasked(&text);
            let whole = received.len();
            assert_eq!(read(&received[..whole - 1]), None, "{length}");
            received.extend_from_slice(b"next");
            let (frame, taken) = read(&received).unwrap();
            assert_eq!((frame.opcode, taken), (1, whole), "{length}");
            assert_eq!(frame.payload, text.as_bytes());
        }
    }

    #[test]
    fn frames_of_a_client_are_masked() {
        let mut frame = Vec::new();
        write_text("3", &mut frame);
        assert_eq!(frame, [0x81, 0x81, 0, 0, 0, 0, b'3']);
    }
}
