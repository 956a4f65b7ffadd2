//! The table of the dashboard's pages. The server's routes, the bundles and the navigation
//! are all derived from it, so that they cannot differ.

/// A page of the dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The list of orders.
    Orders,
    /// The list of deliveries.
    Deliveries,
}

impl Page {
    /// Every page, in the order of the navigation.
    pub const ALL: [Self; 2] = [Self::Orders, Self::Deliveries];

    /// Its path.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Orders => "/dashboard",
            Self::Deliveries => "/dashboard/deliveries",
        }
    }

    /// The bundle with its code: a program in `frontend/src/bin`. Each page has its own, so
    /// that a visitor does not wait for the code of other pages.
    pub const fn bundle(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Deliveries => "deliveries",
        }
    }

    /// Its name in the navigation.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Orders => "Orders",
            Self::Deliveries => "Deliveries",
        }
    }

    /// The page at a path, with or without a slash at its end.
    pub fn at(path: &str) -> Option<Self> {
        let path = path.trim_end_matches('/');
        Self::ALL.into_iter().find(|page| page.path() == path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_found_at_its_own_path_and_has_a_bundle_of_its_own() {
        for page in Page::ALL {
            assert_eq!(Page::at(page.path()), Some(page));
            assert_eq!(Page::at(&format!("{}/", page.path())), Some(page));
            let same = Page::ALL.map(Page::bundle).into_iter();
            assert_eq!(same.filter(|bundle| *bundle == page.bundle()).count(), 1);
        }
        assert_eq!(Page::at("/dashboard/elsewhere"), None);
    }
}
