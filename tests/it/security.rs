//! `shared/docs/threat-model.md` names a test for each asset, attacker and OWASP API risk, and documents the build setting in use.
//! Secrets are in memory as a type that wipes itself.

use crate::pages::tests_in;
use crate::reading::markdown::Page;
use crate::reading::rust;
use crate::support::{sources, text};
use syn::visit::Visit;

const PAGE: &str = "shared/docs/threat-model.md";

#[test]
fn every_owasp_risk_has_a_control_and_a_test() {
    let page = Page::read(PAGE);
    let rows = page.table("OWASP API Security Top 10 (2023)");
    assert_eq!(rows.len(), 10);
    for (row, number) in rows.iter().zip(1..) {
        let [risk, control, shown_by] = row.as_slice() else { panic!("three cells: {row:?}") };
        assert!(risk.source.starts_with(&format!("API{number} ")), "row {number} is {}", risk.source);
        assert!(control.source.len() > 20 && !tests_in([shown_by]).is_empty(), "{row:?}");
    }
}

#[test]
fn the_documented_build_setting_is_in_use() {
    let setting = "AWS_LC_SYS_NO_JITTER_ENTROPY = \"1\"";
    assert!(text(".cargo/config.toml").contains(setting));
    assert!(text(PAGE).contains(&setting.replace(" = ", "=").replace('"', "")));
}

#[test]
fn every_asset_and_attacker_has_a_test() {
    let page = Page::read(PAGE);
    for (heading, rows) in [("Assets", 5), ("Attackers", 9)] {
        let table = page.table(heading);
        assert_eq!(table.len(), rows, "{heading}");
        for row in table {
            assert!(!tests_in(row.last()).is_empty(), "a row without a test: {row:?}");
        }
    }
}

/// Words of a field that holds a secret. Names of rows' fields with encrypted text or a hash are in [`NO_SECRETS`].
const SECRET_WORDS: [&str; 7] =
    ["token", "secret", "verifier", "password", "jwt", "connect_code", "authorization_code"];
const NO_SECRETS: [&str; 6] = [
    // Encrypted in the row.
    "authorization_code",
    "verifier",
    // A hash, a version, names in Secrets Manager, a page's cursor.
    "connect_code_hash",
    "token_version",
    "secrets",
    "next_page_token",
];

/// Types that are not wiped. A `&'static str` is in the program, and no secret.
const PLAIN_TYPES: [&str; 3] = ["String", "Vec", "Bytes"];

/// The fields that hold a secret as plain text.
#[derive(Default)]
struct PlainSecrets(Vec<String>);

impl<'ast> Visit<'ast> for PlainSecrets {
    fn visit_field(&mut self, field: &'ast syn::Field) {
        let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
        let mut types = Names::default();
        types.visit_type(&field.ty);
        let is_secret = SECRET_WORDS.iter().any(|word| name.contains(word)) && !NO_SECRETS.contains(&name.as_str());
        if is_secret && types.0.iter().any(|name| PLAIN_TYPES.contains(&name.as_str())) {
            self.0.push(name);
        }
    }
}

/// Every name in a type.
#[derive(Default)]
struct Names(Vec<String>);

impl<'ast> Visit<'ast> for Names {
    fn visit_ident(&mut self, name: &'ast syn::Ident) {
        self.0.push(name.to_string());
    }
}

fn plain_secrets(path: &str, source: &str) -> Vec<String> {
    let mut found = PlainSecrets::default();
    found.visit_file(&rust::parse(path, source));
    found.0
}

#[test]
fn fields_of_secrets_are_of_a_type_that_wipes_itself() {
    let found: Vec<_> = ["shared/src", "functions"]
        .into_iter()
        .flat_map(sources)
        .filter(|(path, _)| !path.contains("/tests/"))
        .flat_map(|(path, source)| {
            plain_secrets(&path, &source).into_iter().map(move |field| format!("{path}: {field}"))
        })
        .collect();
    assert!(found.is_empty(), "SecretString wipes itself when it is dropped: {found:#?}");
}

#[test]
fn planted_plain_secret_is_reported() {
    let planted = "struct A { access_token: String, refresh: u8, connect_code: Option<String>, token: SecretString }";
    assert_eq!(plain_secrets("a.rs", planted), ["access_token", "connect_code"]);
}
