//! On the server, requests go to the REST API's own router, in the same process and on
//! behalf of the visitor: what the API checks is checked for pages as well.

use std::sync::Arc;

use async_trait::async_trait;
use leptos::context::use_context;

use super::request::{Answer, Request};

/// Answers requests in this process. The server brings it.
#[async_trait]
pub trait Service: Send + Sync {
    /// Answers a request; the error says why there is no answer.
    async fn send(&self, request: Request) -> Result<Answer, String>;
}

/// What the server provides to a page as it renders.
#[derive(Clone)]
pub struct PageContext {
    /// Answers the page's requests on behalf of the visitor.
    pub api: Arc<dyn Service>,
    /// The data is made up.
    pub demo: bool,
}

/// Sends a request; the error says why there is no answer.
pub(super) async fn send(request: Request) -> Result<Answer, String> {
    let Some(context) = use_context::<PageContext>() else {
        return Err("the page has no context".to_owned());
    };
    context.api.send(request).await
}

pub(super) fn is_demo() -> bool {
    use_context::<PageContext>().is_some_and(|context| context.demo)
}
