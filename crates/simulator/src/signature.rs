//! The signature of a Shopify webhook.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Returns the value of `X-Shopify-Hmac-Sha256`: base64 of the HMAC-SHA256 of the raw body.
///
/// Only the body is signed, not the headers.
pub fn sign(secret: &[u8], body: &[u8]) -> String {
    // HMAC accepts a key of any length. Should it ever refuse one, the result is an empty
    // signature, which no server accepts.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
        return String::new();
    };
    mac.update(body);
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::sign;

    #[test]
    fn the_signature_matches_the_published_vectors() {
        for (key, body, signature) in [
            (
                "7008c5f4da4718b9b45d26d3fcbbb157",
                r#"{"foo":"bar"}"#,
                "+R9TwYM4mbLTk3hEAOBkpA7zW2lc9vNFmVKs2u2jtyY=",
            ),
            (
                "test_secret_key",
                r#"{"foo": "bar"}"#,
                "B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g=",
            ),
            (
                "hush",
                r#""my secret message""#,
                "hMTq0K2x7oyOjoBwGYeTj5oxfnaVYXzbanUG9aajpKI=",
            ),
        ] {
            assert_eq!(sign(key.as_bytes(), body.as_bytes()), signature);
        }
    }

    #[test]
    fn one_changed_byte_changes_the_signature() {
        assert_ne!(sign(b"key", b"{\"a\":1}"), sign(b"key", b"{\"a\":2}"));
        assert_ne!(sign(b"key", b"{}"), sign(b"kez", b"{}"));
    }
}
