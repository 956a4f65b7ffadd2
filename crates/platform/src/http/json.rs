//! The extractor for JSON bodies, whose rejections are answered as problems.

use axum::Json;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use domain::wire::Object;
use serde::de::DeserializeOwned;

use super::error::Error;
use super::refusal::Refusal;

/// A body that is a JSON object, with the `Content-Type` of JSON.
#[derive(Debug)]
pub struct JsonObject<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonObject<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        match Json::<Object<T>>::from_request(request, state).await {
            Ok(Json(Object(body))) => Ok(Self(body)),
            Err(rejection) => Err(match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => Refusal::BodyTooLarge.into(),
                StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                    Error::UnsupportedBody("send application/json".to_owned())
                }
                _ => Error::BadBody(rejection.body_text()),
            }),
        }
    }
}
