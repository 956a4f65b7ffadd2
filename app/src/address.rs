//! The address in the browser. It describes what the page shows, so that a reload, or
//! a colleague who opens it, shows the same.

/// Changes the address without leaving the page or adding to its history.
pub fn replace(path_and_query: &str) {
    #[cfg(feature = "hydrate")]
    if let Ok(history) = leptos::prelude::window().history() {
        // Fails only for pages without an address of their own.
        let state = wasm_bindgen::JsValue::NULL;
        let _ = history.replace_state_with_url(&state, "", Some(path_and_query));
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = path_and_query;
}

/// The path of the page.
pub fn path() -> String {
    #[cfg(feature = "ssr")]
    return url().map(|url| url.path().to_owned()).unwrap_or_default();
    #[cfg(all(feature = "hydrate", not(feature = "ssr")))]
    return leptos::prelude::location().pathname().unwrap_or_default();
    #[cfg(not(any(feature = "hydrate", feature = "ssr")))]
    String::new()
}

/// The address that was asked for.
#[cfg(feature = "ssr")]
fn url() -> Option<leptos_router::location::Url> {
    use leptos_router::location::RequestUrl;

    leptos::prelude::use_context::<RequestUrl>()?.parse().ok()
}

/// Scheme and host of the page, such as `https://desk.example`. The server does not
/// know them: a proxy may stand between it and the browser.
pub fn origin() -> Option<String> {
    #[cfg(feature = "hydrate")]
    return leptos::prelude::location().origin().ok();
    #[cfg(not(feature = "hydrate"))]
    None
}

/// Reads a parameter of the page's query.
pub fn query() -> impl Fn(&str) -> Option<String> {
    #[cfg(feature = "ssr")]
    {
        let url = url();
        move |name| url.as_ref()?.search_params().get(name)
    }
    #[cfg(all(feature = "hydrate", not(feature = "ssr")))]
    {
        let search = leptos::prelude::location().search().unwrap_or_default();
        let query = web_sys::UrlSearchParams::new_with_str(&search).ok();
        // Of several values the last, as on the server.
        move |name| query.as_ref()?.get_all(name).pop().as_string()
    }
    #[cfg(not(any(feature = "hydrate", feature = "ssr")))]
    |_| None
}
