//! `shared/docs/threat-model.md` has a row with a test for each of OWASP's ten API risks, and documents the build setting in use.

use crate::pages::tests_in;
use crate::reading::markdown::Page;
use crate::support::text;

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
