//! One request to the REST API, whichever way it is sent.

use std::fmt::Display;

use domain::wire::Problem;
use serde::Serialize;

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Causes something.
    Post,
    /// Changes something.
    Put,
    /// Removes something.
    Delete,
}

/// A request to the REST API.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Path and query, such as `/orders?limit=50`.
    pub url: String,
    /// Headers beside those that every request has.
    pub headers: Vec<(&'static str, String)>,
    /// The body as JSON.
    pub body: Option<String>,
}

impl Request {
    /// A request without a body.
    pub(super) const fn new(method: Method, url: String) -> Self {
        Self {
            method,
            url,
            headers: Vec::new(),
            body: None,
        }
    }

    /// Adds a body.
    pub(super) fn with_body(mut self, body: &impl Serialize) -> Self {
        self.body = serde_json::to_string(body).ok();
        self
    }

    /// Adds a header.
    pub(super) fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// An answer to a request.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub text: String,
}

/// The text of an answer that is no error. Of no type, so that it is compiled once.
pub(super) fn text_of(answer: Result<Answer, String>) -> Result<String, Problem> {
    let Answer { status, text } = answer.map_err(unreachable_problem)?;
    if (200..300).contains(&status) {
        return Ok(text);
    }
    Err(serde_json::from_str(&text).unwrap_or_else(|_| Problem {
        status,
        ..unreachable_problem(format!("unexpected answer, status {status}"))
    }))
}

/// A problem that never reached a server, or not one of ours.
pub fn unreachable_problem(detail: impl Display) -> Problem {
    Problem {
        kind: "/problems/unreachable".to_owned(),
        title: "The server could not be reached".to_owned(),
        status: 0,
        detail: Some(detail.to_string()),
        current: None,
        conflicts: Vec::new(),
        errors: Vec::new(),
        delivery_id: None,
    }
}
