//! In the browser, requests are sent over HTTP.

use gloo_net::http::RequestBuilder;
use send_wrapper::SendWrapper;

use super::request::{Answer, Method, Request};

/// Sends a request; the error says why there is no answer.
pub(super) async fn send(request: Request) -> Result<Answer, String> {
    // The browser has one thread; Leptos asks for `Send` all the same.
    SendWrapper::new(async move {
        let text = |error: gloo_net::Error| error.to_string();
        let response = build(request).map_err(text)?.send().await.map_err(text)?;
        Ok(Answer {
            status: response.status(),
            text: response.text().await.map_err(text)?,
        })
    })
    .await
}

fn build(request: Request) -> Result<gloo_net::http::Request, gloo_net::Error> {
    let url = request.url.as_str();
    let mut builder = match request.method {
        Method::Get => RequestBuilder::new(url).method(gloo_net::http::Method::GET),
        Method::Post => RequestBuilder::new(url).method(gloo_net::http::Method::POST),
        Method::Put => RequestBuilder::new(url).method(gloo_net::http::Method::PUT),
        Method::Delete => RequestBuilder::new(url).method(gloo_net::http::Method::DELETE),
    };
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    match request.body {
        Some(body) => builder
            .header("content-type", "application/json")
            .body(body),
        None => builder.build(),
    }
}
