//! Tests of the settings.

use super::*;

fn read(changes: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let mut variables: BTreeMap<&str, &str> = BTreeMap::from([
        ("PLUGIN_ENGINE_FRONTEND_URL", "http://localhost:3000/integrations"),
        ("PLUGIN_ENGINE_OAUTH_REDIRECT_URI", "http://localhost:9000/api/plugin-engine/oauth/callback"),
        ("PLUGIN_ENGINE_JWT_ISSUER", "https://id.example.com"),
        ("PLUGIN_ENGINE_JWT_AUDIENCE", "plugin-engine"),
        ("PLUGIN_ENGINE_KEYRING_SECRET", "keyring"),
        ("PLUGIN_ENGINE_FLOWS_KEYRING_SECRET", "flows-keyring"),
        ("PLUGIN_ENGINE_CLIENTS_SECRET", "clients"),
    ]);
    variables.extend(changes.iter().copied());
    Config::read(&|name| variables.get(name).map(|value| (*value).to_owned()))
}

#[test]
fn defaults_apply() {
    let config = read(&[]).unwrap();
    assert_eq!(config.tables.tasks, "plugin-engine-local-tasks");
    assert_eq!(config.jwt.algorithms, [Algorithm::RS256]);
    assert_eq!((config.jwt.audiences, config.jwt.client_id_as_audience), (vec!["plugin-engine".to_owned()], false));
    assert_eq!(config.vault, VaultKind::SecretsManager);
}

#[test]
fn flag_must_be_true_or_false() {
    let debug = |text| read(&[("PLUGIN_ENGINE_DEBUG", text)]).map(|config| config.debug);
    assert!(debug("true").unwrap() && !debug("false").unwrap() && !read(&[]).unwrap().debug);
    assert!(debug("yes").is_err());
}

#[test]
fn provider_urls_must_point_to_the_loopback() {
    assert!(read(&[("PLUGIN_ENGINE_PROVIDER_URLS", r#"{"gmail":"http://127.0.0.1:1/gmail"}"#)]).is_ok());
    for url in ["http://10.0.0.1/", "https://gmail.example.com/", "http://127.0.0.1.example.com/"] {
        let map = format!(r#"{{"gmail":"{url}"}}"#);
        assert!(read(&[("PLUGIN_ENGINE_PROVIDER_URLS", &map)]).is_err(), "{url}");
    }
}

#[test]
fn hs256_cannot_be_combined_with_other_algorithms() {
    let secret = ("PLUGIN_ENGINE_JWT_SECRET", "a-secret");
    assert!(read(&[("PLUGIN_ENGINE_JWT_ALGORITHMS", "HS256"), secret]).is_ok());
    assert!(read(&[("PLUGIN_ENGINE_JWT_ALGORITHMS", "HS256")]).is_err());
    assert!(read(&[("PLUGIN_ENGINE_JWT_ALGORITHMS", "RS256,HS256"), secret]).is_err());
    assert!(read(&[("PLUGIN_ENGINE_JWT_ALGORITHMS", "none")]).is_err());
}
