//! JSON for reading.

use serde::de::IgnoredAny;

/// JSON, indented, with every name and number exactly as it was sent; `None` if
/// it is not JSON. Parsing and printing would round numbers and sort names.
pub fn pretty(text: &str) -> Option<String> {
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    let mut pretty = String::with_capacity(text.len() * 2);
    let mut depth = 0_usize;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => {
                pretty.push(letter);
                copy_string(&mut letters, &mut pretty);
            }
            '{' | '[' => {
                pretty.push(letter);
                depth += 1;
                while letters.next_if(char::is_ascii_whitespace).is_some() {}
                if !matches!(letters.peek(), Some('}' | ']')) {
                    new_line(&mut pretty, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                if !pretty.ends_with(['{', '[']) {
                    new_line(&mut pretty, depth);
                }
                pretty.push(letter);
            }
            ',' => {
                pretty.push(letter);
                new_line(&mut pretty, depth);
            }
            ':' => pretty.push_str(": "),
            _ if letter.is_ascii_whitespace() => {}
            _ => pretty.push(letter),
        }
    }
    Some(pretty)
}

/// Copies a string up to its closing quote.
fn copy_string(letters: &mut impl Iterator<Item = char>, pretty: &mut String) {
    let mut is_escaped = false;
    for letter in letters {
        pretty.push(letter);
        match letter {
            '"' if !is_escaped => return,
            '\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
}

fn new_line(pretty: &mut String, depth: usize) {
    pretty.push('\n');
    for _ in 0..depth {
        pretty.push_str("  ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_indented_and_otherwise_untouched() {
        let text =
            r#"{"z":1.10,"a":[ ],"b":{"id":12345678901234567890123,"s":"{\"x\", \\"}, "c":[1,2]}"#;
        let lines = [
            "{",
            r#"  "z": 1.10,"#,
            r#"  "a": [],"#,
            r#"  "b": {"#,
            r#"    "id": 12345678901234567890123,"#,
            r#"    "s": "{\"x\", \\""#,
            "  },",
            r#"  "c": ["#,
            "    1,",
            "    2",
            "  ]",
            "}",
        ];
        assert_eq!(pretty(text), Some(lines.join("\n")));
    }

    #[test]
    fn what_is_not_json_is_left_alone() {
        for text in ["", "hello", "{", "<xml/>"] {
            assert_eq!(pretty(text), None, "{text}");
        }
    }
}
