//! Who edits: a name from the browser, for the history.

use axum::http::HeaderMap;
use domain::wire::presence::tidy_name;

use crate::store::Actor;

/// The header with the name, percent-encoded since names are not all ASCII.
const EDITOR: &str = "x-editor-name";

/// Whom the history will name. A name that cannot be read is left out rather
/// than refused: an edit is worth more than its signature.
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
    fn history_names_the_editor_if_there_is_a_name() {
        assert_eq!(actor(&HeaderMap::new()).name(), "desk");
        assert_eq!(named("Ada%20Byr%C3%B6n"), "desk:Ada Byrön");
        assert_eq!(named("%20"), "desk");
        assert_eq!(named("%ff"), "desk");
        assert_eq!(named("a%0Ab"), "desk:a b");
    }
}
