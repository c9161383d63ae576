//! `shared/docs/threat-model.md` has a row with a test for each of OWASP's ten API risks, and documents the build setting in use.

use crate::pages::tests_in;
use crate::support::text;

fn page() -> String {
    text("shared/docs/threat-model.md")
}

#[test]
fn every_owasp_risk_has_a_control_and_a_test() {
    let page = page();
    for risk in 1..=10 {
        let row = page.lines().find(|line| line.starts_with(&format!("| API{risk} ")));
        let row = row.unwrap_or_else(|| panic!("API{risk} has no row"));
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        assert!(cells.len() == 3 && cells[1].len() > 20 && !tests_in(cells[2]).is_empty(), "{row}");
    }
}

#[test]
fn the_documented_build_setting_is_in_use() {
    let setting = "AWS_LC_SYS_NO_JITTER_ENTROPY = \"1\"";
    assert!(text(".cargo/config.toml").contains(setting));
    assert!(page().contains(&setting.replace(" = ", "=").replace('"', "")));
}
