//! The tables' shapes, for the local stack and the tests; the SAM template declares the same, and a test compares them.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, LocalSecondaryIndex, Projection,
    ProjectionType, ScalarAttributeType,
};

use crate::aws;
use crate::config::TableNames;
use crate::error::{Error, Result};

/// One table: `pk` and `sk`, and at most one index.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The table's short name, as in the configuration.
    pub table: &'static str,
    /// Its index, if it has one.
    pub index: Option<Index>,
}

/// An index.
#[derive(Clone, Copy, Debug)]
pub struct Index {
    /// Its name.
    pub name: &'static str,
    /// The partition key of a global index; a local one shares the table's.
    pub partition: Option<&'static str>,
    /// The sort key.
    pub sort: &'static str,
    /// What it carries besides the keys.
    pub projection: Carried,
}

/// What an index carries besides the keys.
#[derive(Clone, Copy, Debug)]
pub enum Carried {
    /// Nothing.
    Keys,
    /// These attributes.
    Some(&'static [&'static str]),
    /// Everything.
    All,
}

/// The five tables.
pub const SHAPES: [Shape; 5] = [
    Shape {
        table: "integrations",
        index: Some(Index {
            name: "maintenance",
            partition: Some("maintenanceShard"),
            sort: "maintenanceAt",
            projection: Carried::Keys,
        }),
    },
    Shape {
        table: "tasks",
        index: Some(Index { name: "due", partition: Some("dueShard"), sort: "dueAt", projection: Carried::Keys }),
    },
    Shape {
        table: "errors",
        index: Some(Index { name: "byAgent", partition: None, sort: "agentAt", projection: Carried::All }),
    },
    Shape { table: "fallbacks", index: None },
    Shape {
        table: "mappings",
        index: Some(Index {
            name: "byExternalId",
            partition: None,
            sort: "externalId",
            projection: Carried::Some(&["expiresAt", "createdAt"]),
        }),
    },
];

/// Creates the tables that do not exist yet. Deployed tables come from the template instead.
///
/// # Errors
/// [`Error::Unavailable`] or [`Error::Internal`] when DynamoDB refuses.
pub async fn create_missing(client: &Client, names: &TableNames) -> Result<()> {
    for shape in SHAPES {
        let name = match shape.table {
            "integrations" => &names.integrations,
            "tasks" => &names.tasks,
            "errors" => &names.errors,
            "fallbacks" => &names.fallbacks,
            _ => &names.mappings,
        };
        create(client, name, shape).await?;
    }
    Ok(())
}

async fn create(client: &Client, name: &str, shape: Shape) -> Result<()> {
    let mut table = client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(Some(keys("pk", "sk")?))
        .attribute_definitions(attribute("pk")?)
        .attribute_definitions(attribute("sk")?);
    if let Some(index) = shape.index {
        let projection = projection(index.projection);
        table = table.attribute_definitions(attribute(index.sort)?);
        table = match index.partition {
            Some(partition) => table.attribute_definitions(attribute(partition)?).global_secondary_indexes(
                GlobalSecondaryIndex::builder()
                    .index_name(index.name)
                    .set_key_schema(Some(keys(partition, index.sort)?))
                    .projection(projection)
                    .build()
                    .map_err(Error::internal)?,
            ),
            None => table.local_secondary_indexes(
                LocalSecondaryIndex::builder()
                    .index_name(index.name)
                    .set_key_schema(Some(keys("pk", index.sort)?))
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

fn keys(partition: &str, sort: &str) -> Result<Vec<KeySchemaElement>> {
    [(partition, KeyType::Hash), (sort, KeyType::Range)]
        .into_iter()
        .map(|(name, kind)| {
            KeySchemaElement::builder().attribute_name(name).key_type(kind).build().map_err(Error::internal)
        })
        .collect()
}

fn attribute(name: &str) -> Result<AttributeDefinition> {
    let attribute = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
    attribute.build().map_err(Error::internal)
}

fn projection(carried: Carried) -> Projection {
    let (kind, attributes) = match carried {
        Carried::Keys => (ProjectionType::KeysOnly, None),
        Carried::All => (ProjectionType::All, None),
        Carried::Some(names) => {
            (ProjectionType::Include, Some(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>()))
        }
    };
    Projection::builder().projection_type(kind).set_non_key_attributes(attributes).build()
}
