//! The resources.

use mcp_protocol::{Error, Resource, ResourceContents, ResourceData, ResourceTemplate, Result};
use serde_json::json;

use crate::tools::PNG;

/// The resources.
pub(crate) fn all() -> Vec<Resource> {
    let resource = |name: &str, mime_type: &str| Resource {
        uri: format!("test://{name}"),
        name: name.to_owned(),
        title: None,
        description: Some("A resource for testing".to_owned()),
        mime_type: Some(mime_type.to_owned()),
        size: None,
    };
    vec![
        resource("static-text", "text/plain"),
        resource("static-binary", "image/png"),
        resource("watched-resource", "text/plain"),
    ]
}

/// The resource templates.
pub(crate) fn templates() -> Vec<ResourceTemplate> {
    vec![ResourceTemplate {
        uri_template: "test://template/{id}/data".to_owned(),
        name: "template".to_owned(),
        title: None,
        description: Some("A family of resources for testing".to_owned()),
        mime_type: Some("application/json".to_owned()),
    }]
}

/// The contents of a resource.
pub(crate) fn read(uri: &str) -> Result<ResourceContents> {
    let id = uri.strip_prefix("test://template/").and_then(|uri| uri.strip_suffix("/data"));
    let (mime_type, data) = match (uri, id) {
        ("test://static-text", _) => {
            ("text/plain", ResourceData::Text("The content of the static text resource.".to_owned()))
        }
        ("test://static-binary", _) => ("image/png", ResourceData::Blob(PNG.to_owned())),
        ("test://watched-resource", _) => ("text/plain", ResourceData::Text("Watched resource content".to_owned())),
        (_, Some(id)) if !id.is_empty() && !id.contains('/') => {
            let text = json!({ "id": id, "templateTest": true, "data": format!("Data for ID: {id}") }).to_string();
            ("application/json", ResourceData::Text(text))
        }
        _ => return Err(Error::ResourceNotFound { uri: uri.to_owned() }),
    };
    Ok(ResourceContents { uri: uri.to_owned(), mime_type: Some(mime_type.to_owned()), data })
}
