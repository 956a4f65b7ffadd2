//! Reads the name of the person who edits, which the browser sends for the history.

use axum::http::HeaderMap;
use domain::wire::presence::tidy_name;

use crate::store::Actor;

/// The header with the name, percent-encoded because names are not always ASCII.
const EDITOR: &str = "x-editor-name";

/// The actor that the history names. A name that cannot be decoded is left out: the edit
/// is worth more than the name.
pub fn actor(headers: &HeaderMap) -> Actor {
    let name = headers.get(EDITOR).and_then(|name| name.to_str().ok());
    let name = name.and_then(|name| {
        percent_encoding::percent_decode_str(name)
            .decode_utf8()
            .ok()
    });
    Actor::Person(
        name.filter(|name| !name.trim().is_empty())
            .map(|name| tidy_name(&name)),
    )
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn named(value: &'static str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(EDITOR, HeaderValue::from_static(value));
        actor(&headers).name()
    }

    #[test]
    fn the_actor_has_the_name_from_the_header_if_it_can_be_decoded() {
        assert_eq!(actor(&HeaderMap::new()).name(), "desk");
        assert_eq!(named("Ada%20Byr%C3%B6n"), "desk:Ada Byrön");
        assert_eq!(named("%20"), "desk");
        assert_eq!(named("%ff"), "desk");
        assert_eq!(named("a%0Ab"), "desk:a b");
    }
}
