//! The simulated shop's products, customers, locations and shipping methods.
//!
//! All of it is invented: e-mail and web addresses use domains reserved for examples, phone
//! numbers use ranges reserved for fiction.

use crate::money::Currency;

/// The shop that is simulated when no other is given.
pub const DEFAULT_SHOP: &str = "fern-and-kettle-demo.myshopify.com";

/// One variant of a product: title, variant, SKU, vendor, price in US cents, weight in grams.
pub(crate) struct Product {
    pub title: &'static str,
    pub variant: Option<&'static str>,
    pub sku: Option<&'static str>,
    pub vendor: Option<&'static str>,
    pub cents: i64,
    pub grams: u32,
}

const fn product(
    title: &'static str,
    variant: Option<&'static str>,
    sku: Option<&'static str>,
    vendor: Option<&'static str>,
    cents: i64,
    grams: u32,
) -> Product {
    Product {
        title,
        variant,
        sku,
        vendor,
        cents,
        grams,
    }
}

const FERN: Option<&str> = Some("Fern & Kettle");
const MOOR: Option<&str> = Some("Moorland Textiles");

/// Some variants lack a SKU, a vendor or a variant title, as in real shops.
// One product a line, as a table.
#[rustfmt::skip]
pub(crate) const PRODUCTS: [Product; 14] = [
    product("Gooseneck Kettle 0.9 L", Some("Matte black"), Some("FK-KET-09-BLK"), FERN, 8_900, 1_150),
    product("Gooseneck Kettle 0.9 L", Some("Brushed steel"), Some("FK-KET-09-STL"), FERN, 8_400, 1_150),
    product("Stoneware Teapot", Some("Moss / 600 ml"), Some("FK-POT-600-MOS"), FERN, 5_650, 870),
    product("Pour-over Dripper", Some("Size 02"), Some("FK-DRP-02"), FERN, 2_450, 320),
    product("Paper Filters, 100 pieces", None, Some("FK-FLT-100"), FERN, 795, 140),
    product("Sencha, First Harvest", Some("100 g"), Some("TEA-SEN-100"), Some("Hillside Growers"), 1_875, 110),
    product("Earl Grey Blend", Some("250 g"), Some("TEA-EGB-250"), Some("Hillside Growers"), 1_620, 260),
    product("Wool Blanket", Some("Heather / 140 × 200 cm"), Some("MT-BLK-140-HEA"), MOOR, 14_900, 1_900),
    product("Linen Tea Towel", Some("Set of 3"), Some("MT-TWL-3"), MOOR, 2_890, 280),
    product("Cotton Apron", Some("Charcoal / One size"), Some("MT-APR-CHA"), MOOR, 4_250, 410),
    product("Hand-thrown Mug", Some("Speckled white"), None, None, 2_299, 390),
    product("Cast-iron Trivet", None, Some("FK-TRV-18"), FERN, 3_199, 1_020),
    product("Travel Tumbler 350 ml", Some("Rust red"), Some("FK-TMB-350-RED"), FERN, 3_450, 300),
    product("Gift Wrapping", None, Some("SRV-WRAP"), None, 495, 20),
];

#[rustfmt::skip]
pub(crate) const FIRST_NAMES: [&str; 16] = [
    "Maren", "Tobias", "Priya", "Elliot", "Yuki", "Solène", "Dario", "Ingrid", "Kwame", "Noor",
    "Hannah", "Marcus", "Aiko", "Leonie", "Rafael", "Bridget",
];
#[rustfmt::skip]
pub(crate) const LAST_NAMES: [&str; 16] = [
    "Okafor", "Lindqvist", "Harlow", "Menon", "Castellan", "Brandt", "Tanabe", "Whitcombe",
    "Duarte", "Falk", "Ashdown", "Moreau", "Pemberton", "Ueda", "Vance", "Kowalczyk",
];
pub(crate) const MAIL_DOMAINS: [&str; 4] = [
    "example.com",
    "mail.example.com",
    "post.example",
    "inbox.example",
];

/// A location that customers order from, with its currency and sales tax.
pub(crate) struct Location {
    pub street: &'static str,
    pub city: &'static str,
    pub zip: &'static str,
    pub province: Option<(&'static str, &'static str)>,
    pub country: (&'static str, &'static str),
    pub coordinates: (f64, f64),
    pub phone: Option<&'static str>,
    pub locale: &'static str,
    pub currency: Currency,
    pub tax: &'static str,
    /// In hundredths of a percent, so that tax is exact: 825 is 8.25 %.
    pub tax_basis_points: i64,
}

const US: (&str, &str) = ("United States", "US");

#[rustfmt::skip]
pub(crate) const LOCATIONS: [Location; 9] = [
    Location { street: "Alder Row", city: "Portland", zip: "97205", province: Some(("Oregon", "OR")), country: US, coordinates: (45.52, -122.68), phone: Some("+1 503 555 01"), locale: "en-US", currency: Currency::USD, tax: "Oregon State Tax", tax_basis_points: 0 },
    Location { street: "Quarry Hill Road", city: "Austin", zip: "78704", province: Some(("Texas", "TX")), country: US, coordinates: (30.24, -97.77), phone: Some("+1 512 555 01"), locale: "en-US", currency: Currency::USD, tax: "Texas State Tax", tax_basis_points: 825 },
    Location { street: "Lakeview Terrace", city: "Madison", zip: "53703", province: Some(("Wisconsin", "WI")), country: US, coordinates: (43.07, -89.38), phone: Some("+1 608 555 01"), locale: "en-US", currency: Currency::USD, tax: "Wisconsin State Tax", tax_basis_points: 550 },
    Location { street: "Old Ferry Lane", city: "Brooklyn", zip: "11201", province: Some(("New York", "NY")), country: US, coordinates: (40.69, -73.99), phone: Some("+1 718 555 01"), locale: "en-US", currency: Currency::USD, tax: "New York State Tax", tax_basis_points: 888 },
    Location { street: "Lindenhof", city: "Hamburg", zip: "20359", province: None, country: ("Germany", "DE"), coordinates: (53.55, 9.96), phone: None, locale: "de-DE", currency: Currency::EUR, tax: "MwSt", tax_basis_points: 1_900 },
    Location { street: "Rue des Tilleuls", city: "Nantes", zip: "44000", province: None, country: ("France", "FR"), coordinates: (47.21, -1.55), phone: None, locale: "fr-FR", currency: Currency::EUR, tax: "TVA", tax_basis_points: 2_000 },
    Location { street: "Millstone Close", city: "Bristol", zip: "BS1 4QA", province: Some(("England", "ENG")), country: ("United Kingdom", "GB"), coordinates: (51.45, -2.59), phone: Some("+44 117 496 00"), locale: "en-GB", currency: Currency::GBP, tax: "GB VAT", tax_basis_points: 2_000 },
    Location { street: "Harbour Steps", city: "Edinburgh", zip: "EH6 6QQ", province: Some(("Scotland", "SCT")), country: ("United Kingdom", "GB"), coordinates: (55.98, -3.17), phone: Some("+44 131 496 00"), locale: "en-GB", currency: Currency::GBP, tax: "GB VAT", tax_basis_points: 2_000 },
    Location { street: "Sakuradai", city: "Yokohama-shi", zip: "227-0038", province: Some(("Kanagawa", "JP-14")), country: ("Japan", "JP"), coordinates: (35.55, 139.49), phone: None, locale: "ja-JP", currency: Currency::JPY, tax: "JCT", tax_basis_points: 1_000 },
];

/// Carriers by name, with the URL that a tracking number is appended to.
pub(crate) const CARRIERS: [(&str, &str); 4] = [
    ("Plover Parcel", "https://track.plover.example/parcels/"),
    (
        "Northline Express",
        "https://northline.example/follow?number=",
    ),
    ("Harbour Post", "https://www.harbourpost.example/tracking/"),
    ("Swiftcourier", "https://swiftcourier.example/t/"),
];

/// Shipping methods by title, with their price in US cents.
pub(crate) const SHIPPING: [(&str, i64); 3] =
    [("Standard", 690), ("Express", 1_850), ("Free shipping", 0)];

/// Discount codes with their discount in percent.
pub(crate) const DISCOUNTS: [(&str, i64); 3] =
    [("WELCOME10", 10), ("TEATIME15", 15), ("LASTCUP20", 20)];

pub(crate) const CANCEL_REASONS: [&str; 5] =
    ["customer", "inventory", "fraud", "declined", "other"];

pub(crate) const NOTES: [&str; 3] = [
    "Please leave it with the neighbour at number 4.",
    "A birthday present: no invoice in the parcel, please.",
    "Ring twice, the bell is quiet.",
];

pub(crate) const USER_AGENTS: [&str; 3] = [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36",
];
