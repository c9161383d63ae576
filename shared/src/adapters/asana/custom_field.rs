//! A custom field: what Asana says of it, and its value at a task or a project.

use serde::Serializer;

use super::directory;
use super::envelope::Envelope;
use super::prelude::*;

/// Maximum number of pages of a project's or a workspace's fields that are read.
const MAX_PAGES: usize = 5;
/// Maximum size of what is cached of one place.
const MAX_CACHED_BYTES: usize = 256 * 1024;

/// The requested fields of a custom field that is shown in a list.
pub(super) const SHOWN: [&str; 3] = ["name", "representation_type", "display_value"];
/// The requested fields of a custom field that can be set.
pub(super) const DEFINED: [&str; 6] =
    ["name", "representation_type", "enum_options.name", "enum_options.enabled", "is_value_read_only", "format"];

/// A custom field of a task or a project, with its value.
// As Asana returns it; serialized, it is our output.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub(super) struct CustomField {
    /// The field's id (gid).
    #[serde(rename(serialize = "id"))]
    gid: String,
    /// The field's name.
    name: Option<String>,
    /// The type: `text`, `number`, `enum`, `multi_enum`, `date`, `people`, `reference`, `formula` or `custom_id`.
    #[serde(rename(serialize = "type"))]
    representation_type: Option<String>,
    /// The value as a text for people.
    #[serde(rename(serialize = "value"))]
    display_value: Option<String>,
    /// The names of the options that can be chosen, where one task or project is read.
    #[serde(rename(serialize = "options"), serialize_with = "write_names")]
    #[schemars(with = "Option<Vec<String>>")]
    enum_options: Option<Vec<EnumOption>>,
}

/// An option of a field.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct EnumOption {
    pub(super) gid: String,
    pub(super) name: Option<String>,
    pub(super) enabled: Option<bool>,
}

/// A custom field that tasks or projects can have.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Definition {
    pub(super) gid: String,
    pub(super) name: Option<String>,
    pub(super) representation_type: Option<String>,
    pub(super) enum_options: Option<Vec<EnumOption>>,
    pub(super) is_value_read_only: Option<bool>,
    pub(super) format: Option<String>,
}

/// The place whose custom fields are meant.
#[derive(Clone, Copy, Debug)]
pub(super) enum FieldPlace<'a> {
    /// The tasks of a project.
    TasksOf(&'a str),
    /// A task, or the subtasks of one.
    Task(&'a str),
    /// A project itself.
    Project(&'a str),
    /// A workspace.
    Workspace(&'a str),
}

/// A field among those of a project.
#[derive(Deserialize)]
struct Setting {
    custom_field: Definition,
}

/// An object with its fields.
#[derive(Deserialize)]
struct Holder {
    custom_fields: Option<Vec<Definition>>,
}

/// Returns the requested fields of an object's custom fields.
pub(super) fn opt_fields(prefix: &str, fields: &[&str]) -> String {
    fields.iter().map(|field| format!("{prefix}.{field}")).collect::<Vec<_>>().join(",")
}

fn write_names<S: Serializer>(options: &Option<Vec<EnumOption>>, serializer: S) -> Result<S::Ok, S::Error> {
    let names = options.iter().flatten().filter(|option| option.is_enabled()).map(EnumOption::name);
    serializer.collect_seq(names)
}

impl EnumOption {
    /// True unless it can no longer be chosen.
    pub(super) fn is_enabled(&self) -> bool {
        self.enabled != Some(false)
    }

    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }
}

impl Definition {
    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    pub(super) fn kind(&self) -> &str {
        self.representation_type.as_deref().unwrap_or_default()
    }

    /// True for a number that is shown as a percentage: 0.25 as 25 %.
    pub(super) fn is_percentage(&self) -> bool {
        self.format.as_deref() == Some("percentage")
    }

    /// True if Asana computes the value, or only its owner may change it.
    pub(super) fn is_read_only(&self) -> bool {
        matches!(self.kind(), "formula" | "custom_id") || self.is_value_read_only == Some(true)
    }
}

impl FieldPlace<'_> {
    fn key(self) -> String {
        match self {
            Self::TasksOf(gid) => format!("fields of tasks {gid}"),
            Self::Task(gid) => format!("fields of task {gid}"),
            Self::Project(gid) => format!("fields of project {gid}"),
            Self::Workspace(gid) => format!("fields of workspace {gid}"),
        }
    }

    /// Returns the fields of the place, and true if they were cached. They are cached for a while.
    ///
    /// # Errors
    /// A failure of a call.
    pub(super) async fn definitions(self, api: &Api<'_>) -> Result<(Vec<Definition>, bool)> {
        let key = self.key();
        // The actions of a burst ask once.
        let _turn = api.lookup_turn(&key).await;
        if let Some(known) = api.get_lookup(&key).and_then(|known| serde_json::from_str(&known).ok()) {
            return Ok((known, true));
        }
        let read = self.read(api).await?;
        let cached = json!(read).to_string();
        if cached.len() <= MAX_CACHED_BYTES {
            api.insert_lookup(&key, &cached);
        }
        Ok((read, false))
    }

    /// Forgets what was cached.
    pub(super) fn forget(self, api: &Api<'_>) {
        api.remove_lookup(&self.key());
    }

    async fn read(self, api: &Api<'_>) -> Result<Vec<Definition>> {
        let of_holder = async |collection: &str, gid: &str| {
            let call = api.get(&["api", "1.0", collection, gid]).lookup();
            let call = call.query("opt_fields", opt_fields("custom_fields", &DEFINED));
            Ok(call.send::<Envelope<Holder>>().await?.data.custom_fields.unwrap_or_default())
        };
        match self {
            // https://developers.asana.com/reference/getcustomfieldsettingsforproject
            Self::TasksOf(gid) => {
                let call = api.get(&["api", "1.0", "projects", gid, "custom_field_settings"]);
                let call = call.query("opt_fields", opt_fields("custom_field", &DEFINED));
                let (settings, _) = directory::read_pages::<Setting>(call, MAX_PAGES).await?;
                Ok(settings.into_iter().map(|setting| setting.custom_field).collect())
            }
            // https://developers.asana.com/reference/gettask
            Self::Task(gid) => of_holder("tasks", gid).await,
            // https://developers.asana.com/reference/getproject
            Self::Project(gid) => of_holder("projects", gid).await,
            // https://developers.asana.com/reference/getcustomfieldsforworkspace
            Self::Workspace(gid) => {
                let call = api.get(&["api", "1.0", "workspaces", gid, "custom_fields"]);
                Ok(directory::read_pages(call.query("opt_fields", DEFINED.join(",")), MAX_PAGES).await?.0)
            }
        }
    }
}
