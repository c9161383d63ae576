//! Settings of the bucket of files.

use url::Url;

use super::{ConfigError, parse_url};

/// The place of files.
#[derive(Clone, Debug)]
pub struct FilesConfig {
    /// `PLUGIN_ENGINE_FILES_BUCKET`: the name of the bucket. Default `plugin-engine-<stage>-files`.
    pub bucket: String,
    /// `AWS_ENDPOINT_URL_S3`, or else `AWS_ENDPOINT_URL`: another server than that of the region.
    pub endpoint: Option<Url>,
}

impl FilesConfig {
    pub(super) fn read(get: &dyn Fn(&str) -> Option<String>, stage: &str) -> Result<Self, ConfigError> {
        const ENDPOINTS: [&str; 2] = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"];
        let bucket = get("PLUGIN_ENGINE_FILES_BUCKET").unwrap_or_else(|| format!("plugin-engine-{stage}-files"));
        let endpoint = ENDPOINTS.into_iter().find_map(|name| Some((name, get(name)?)));
        let endpoint = endpoint.map(|(name, text)| parse_url(name, &text)).transpose()?;
        Ok(Self { bucket, endpoint })
    }
}
