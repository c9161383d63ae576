//! The schemas of the tables, for the local stack and the tests; the SAM template declares the same, and a test compares them.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, LocalSecondaryIndex, Projection,
    ProjectionType, ScalarAttributeType,
};

use crate::aws;
use crate::config::TableNames;
use crate::error::{Error, Result};

/// The schema of one table: `pk` and `sk`, and at most one index.
#[derive(Clone, Copy, Debug)]
pub struct TableSchema {
    /// The table's short name, as in the configuration.
    pub table: &'static str,
    /// The table's index, if it has one.
    pub index: Option<IndexSchema>,
}

/// The schema of an index.
#[derive(Clone, Copy, Debug)]
pub struct IndexSchema {
    /// The name.
    pub name: &'static str,
    /// The partition key of a global index; a local one shares the table's.
    pub partition: Option<&'static str>,
    /// The sort key.
    pub sort: &'static str,
    /// The attributes besides the keys.
    pub projection: IndexProjection,
}

/// The attributes of an index besides the keys.
#[derive(Clone, Copy, Debug)]
pub enum IndexProjection {
    /// No attributes.
    KeysOnly,
    /// These attributes.
    Include(&'static [&'static str]),
    /// All attributes.
    All,
}

/// The five tables.
pub const TABLE_SCHEMAS: [TableSchema; 5] = [
    TableSchema {
        table: "integrations",
        index: Some(IndexSchema {
            name: "maintenance",
            partition: Some("maintenanceShard"),
            sort: "maintenanceAt",
            projection: IndexProjection::KeysOnly,
        }),
    },
    TableSchema {
        table: "tasks",
        index: Some(IndexSchema {
            name: "due",
            partition: Some("dueShard"),
            sort: "dueAt",
            projection: IndexProjection::KeysOnly,
        }),
    },
    TableSchema {
        table: "errors",
        index: Some(IndexSchema {
            name: "byAgent",
            partition: None,
            sort: "agentAt",
            projection: IndexProjection::All,
        }),
    },
    TableSchema { table: "fallbacks", index: None },
    TableSchema {
        table: "mappings",
        index: Some(IndexSchema {
            name: "byExternalId",
            partition: None,
            sort: "externalId",
            projection: IndexProjection::Include(&["expiresAt", "createdAt"]),
        }),
    },
];

/// Creates the tables that do not exist yet. Deployed tables come from the template instead.
///
/// # Errors
/// [`Error::Unavailable`] or [`Error::Internal`] when DynamoDB rejects the request.
pub async fn create_missing(client: &Client, names: &TableNames) -> Result<()> {
    for schema in TABLE_SCHEMAS {
        let name = match schema.table {
            "integrations" => &names.integrations,
            "tasks" => &names.tasks,
            "errors" => &names.errors,
            "fallbacks" => &names.fallbacks,
            _ => &names.mappings,
        };
        create_table(client, name, schema).await?;
    }
    Ok(())
}

async fn create_table(client: &Client, name: &str, schema: TableSchema) -> Result<()> {
    let mut table = client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(Some(key_schema("pk", "sk")?))
        .attribute_definitions(attribute_definition("pk")?)
        .attribute_definitions(attribute_definition("sk")?);
    if let Some(index) = schema.index {
        let projection = projection(index.projection);
        table = table.attribute_definitions(attribute_definition(index.sort)?);
        table = match index.partition {
            Some(partition) => table.attribute_definitions(attribute_definition(partition)?).global_secondary_indexes(
                GlobalSecondaryIndex::builder()
                    .index_name(index.name)
                    .set_key_schema(Some(key_schema(partition, index.sort)?))
                    .projection(projection)
                    .build()
                    .map_err(Error::internal)?,
            ),
            None => table.local_secondary_indexes(
                LocalSecondaryIndex::builder()
                    .index_name(index.name)
                    .set_key_schema(Some(key_schema("pk", index.sort)?))
                    .projection(projection)
                    .build()
                    .map_err(Error::internal)?,
            ),
        };
    }
    match table.send().await {
        Ok(_) => Ok(()),
        Err(error) if aws::has_code(&error, "ResourceInUseException") => Ok(()),
        Err(error) => Err(aws::failure(error)),
    }
}

fn key_schema(partition: &str, sort: &str) -> Result<Vec<KeySchemaElement>> {
    [(partition, KeyType::Hash), (sort, KeyType::Range)]
        .into_iter()
        .map(|(name, kind)| {
            KeySchemaElement::builder().attribute_name(name).key_type(kind).build().map_err(Error::internal)
        })
        .collect()
}

fn attribute_definition(name: &str) -> Result<AttributeDefinition> {
    let attribute = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
    attribute.build().map_err(Error::internal)
}

fn projection(attributes: IndexProjection) -> Projection {
    let (kind, names) = match attributes {
        IndexProjection::KeysOnly => (ProjectionType::KeysOnly, None),
        IndexProjection::All => (ProjectionType::All, None),
        IndexProjection::Include(names) => {
            (ProjectionType::Include, Some(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>()))
        }
    };
    Projection::builder().projection_type(kind).set_non_key_attributes(names).build()
}
