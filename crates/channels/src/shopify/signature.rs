//! Verifies the signatures of webhooks: only Shopify and this server know the secret.
//!
//! Source: Shopify, "Verify webhook deliveries": header
//! `X-Shopify-Hmac-Sha256` is the base64 HMAC-SHA256 of the raw body.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The secrets that are valid now: several of them during a rotation.
#[derive(Clone)]
pub struct WebhookSecrets(Arc<[Hmac<Sha256>]>);

impl WebhookSecrets {
    /// Reads a comma-separated list; `None` when it names no secret.
    pub fn parse(list: &str) -> Option<Self> {
        let keys: Vec<_> = list
            .split(',')
            .map(str::trim)
            .filter(|secret| !secret.is_empty())
            .filter_map(|secret| Hmac::new_from_slice(secret.as_bytes()).ok())
            .collect();
        (!keys.is_empty()).then(|| Self(keys.into()))
    }

    /// Whether `signature` was made over `body` with one of the secrets. Compares in
    /// constant time.
    pub fn verify(&self, body: &[u8], signature: &str) -> bool {
        let Ok(signature) = STANDARD.decode(signature.trim()) else {
            return false;
        };
        // Every key is tried, so that the time does not reveal which one matched.
        self.0.iter().fold(false, |verified, key| {
            let mut mac = key.clone();
            mac.update(body);
            verified | mac.verify_slice(&signature).is_ok()
        })
    }
}

/// Prints the number of secrets, never the secrets.
impl fmt::Debug for WebhookSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookSecrets({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors published with Shopify's own libraries.
    const VECTORS: [(&str, &str, &str); 3] = [
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
    ];

    #[test]
    fn published_vectors_verify() {
        for (secret, body, signature) in VECTORS {
            let secrets = WebhookSecrets::parse(secret).unwrap();
            assert!(secrets.verify(body.as_bytes(), signature), "{secret}");
        }
    }

    #[test]
    fn every_secret_of_a_rotation_is_accepted() {
        let secrets = WebhookSecrets::parse("new-one, hush ,test_secret_key").unwrap();
        for (_, body, signature) in &VECTORS[1..] {
            assert!(secrets.verify(body.as_bytes(), signature));
        }
        let (_, body, signature) = VECTORS[0];
        assert!(!secrets.verify(body.as_bytes(), signature));
    }

    #[test]
    fn one_changed_byte_fails() {
        let (secret, body, signature) = VECTORS[0];
        let secrets = WebhookSecrets::parse(secret).unwrap();
        assert!(!secrets.verify(body.replace("foo", "fop").as_bytes(), signature));
        assert!(!secrets.verify(body.as_bytes(), &signature.replace('R', "r")));
    }

    #[test]
    fn a_malformed_signature_fails() {
        let secrets = WebhookSecrets::parse("hush").unwrap();
        for garbage in ["", "not base64!", "aGVsbG8=", "🦀"] {
            assert!(!secrets.verify(b"{}", garbage));
        }
    }

    #[test]
    fn an_empty_list_contains_no_secret() {
        assert!(WebhookSecrets::parse("").is_none());
        assert!(WebhookSecrets::parse(" , ").is_none());
    }
}
