//! The further properties of a result, for the API document.

use utoipa::openapi::schema::{self, KnownFormat, ObjectBuilder, SchemaFormat, Type};

/// The schema of [`PluginResult::metadata`](super::PluginResult::metadata) for the API document.
pub fn metadata_schema() -> schema::Object {
    let text = |description: &str| ObjectBuilder::new().schema_type(Type::String).description(Some(description));
    let dry = ObjectBuilder::new().schema_type(Type::Boolean).description(Some("Nothing was sent."));
    let fields = ObjectBuilder::new()
        .property("taskId", text("The task that journals the intent."))
        .property("account", text("The id of the account that the intent is bound to."))
        .property(
            "executeAt",
            text("The time of the task's first occurrence.")
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))),
        )
        .property("link", text("A link to the created object."))
        .property("dryRun", dry);
    fields.description(Some("Further properties of the result.")).build()
}
