//! An attachment of a task or a project: its requested fields, its output, and the place of its content.

use super::prelude::*;

/// The requested fields of an attachment.
pub(super) const FIELDS: &str = "name,size,host,created_at,parent.name,permanent_url,view_url";
/// The requested fields of an attachment that is read.
pub(super) const DETAIL_FIELDS: &str = "name,size,host,created_at,parent.name,permanent_url,view_url,download_url";

/// The origins at which Asana keeps the content of attachments. Its reference shows only that they are not its own.
pub(super) const FILE_ORIGINS: [&str; 3] = [
    "https://asanausercontent.com",
    "https://*.asanausercontent.com",
    "https://asana-user-private-us-east-1.s3.amazonaws.com",
];

/// The host of files that were uploaded to Asana.
const ASANA: &str = "asana";

/// An attachment as Asana returns it; serialized, it is our output.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
pub(super) struct Attachment {
    /// The id (gid).
    #[serde(rename(serialize = "id"))]
    gid: String,
    /// The file's name.
    #[serde(rename(serialize = "filename"))]
    name: Option<String>,
    /// The size in bytes, of a file that Asana hosts.
    pub(super) size: Option<u64>,
    /// The service that hosts the file, for example `asana`, `dropbox` or `gdrive`.
    host: Option<String>,
    /// The time at which it was attached.
    created_at: Option<Instant>,
    /// The task or the project.
    parent: Option<Ref>,
    /// The address at which a person can open it.
    #[serde(rename(serialize = "link"))]
    permanent_url: Option<String>,
    #[serde(skip_serializing)]
    view_url: Option<String>,
    #[serde(skip_serializing)]
    download_url: Option<String>,
}

impl Listed for Attachment {
    const NOUN: &'static str = "attachment";
}

/// Checks that exactly one of the task and the project of an attachment is given.
///
/// # Errors
/// [`Error::Invalid`].
pub(super) fn check_parent(task: Option<&TaskId>, project: Option<&ProjectId>) -> Result<()> {
    match task.is_some() != project.is_some() {
        true => Ok(()),
        false => Err(Error::invalid("taskId", "exactly one of taskId and projectId is required")),
    }
}

/// Returns the task or the project of an attachment.
///
/// # Errors
/// No such project, or a failure of the look-up.
pub(super) async fn parent(api: &Api<'_>, task: Option<&TaskId>, project: Option<&ProjectId>) -> Result<Target> {
    match (task, project) {
        (Some(task), _) => Ok(task.target()),
        (None, Some(project)) => project.target(api, "projectId", None).await,
        (None, None) => Err(Error::Missing(vec!["context.taskId".to_owned()])),
    }
}

impl Attachment {
    /// True if Asana hosts the file.
    pub(super) fn is_hosted(&self) -> bool {
        self.host.as_deref().is_none_or(|host| host == ASANA)
    }

    /// Returns the address of the content.
    ///
    /// # Errors
    /// [`Kind::Invalid`] with a link, for a file at another service.
    pub(super) fn address(&self, api: &Api<'_>) -> Result<&str> {
        // The view_url of a hosted file is an address of its content.
        let external = self.view_url.as_ref().filter(|_| !self.is_hosted());
        let link = external.or(self.permanent_url.as_ref());
        let open = link.map_or_else(String::new, |link| format!(": open it at {link}"));
        if !self.is_hosted() {
            let host = self.host.as_deref().unwrap_or("another service");
            return Err(api.error(Kind::Invalid, format!("the file is not in Asana, but in {host}{open}")));
        }
        let missing = || api.error(Kind::Forbidden, format!("Asana does not give the file to this app{open}"));
        self.download_url.as_deref().ok_or_else(missing)
    }
}

impl Record for Attachment {
    fn id(&self) -> &str {
        &self.gid
    }

    fn created_at(&self) -> Option<Instant> {
        self.created_at
    }

    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn link(&self) -> Option<&str> {
        self.permanent_url.as_deref()
    }
}
