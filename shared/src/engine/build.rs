//! The composition root: an engine from its configuration and environment.

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use jiff::SignedDuration;
use std::time::Duration;

use super::{Engine, Environment};
use crate::adapters::LookupCache;
use crate::attempt::Attempts;
use crate::aws::LazyClient;
use crate::circuit_breaker::CircuitBreaker;
use crate::config::Config;
use crate::context_mapper::ContextMapper;
use crate::cooldown::Cooldowns;
use crate::delegations::Delegations;
use crate::error_log::ErrorHandler;
use crate::events::EventBus;
use crate::identity::Verifier;
use crate::integrations::IntegrationManager;
use crate::oauth::OAuth;
use crate::scheduler::{DueQueue, Scheduler};
use crate::tables::errors::ErrorItems;
use crate::tables::fallbacks::FallbackItems;
use crate::tables::integrations::{
    CircuitBreakerItems, ConnectionItems, CooldownItems, DelegationItems, OAuthFlowItems,
};
use crate::tables::mappings::MappingItems;
use crate::tables::tasks::{IdempotencyItems, Limit, LimitItems, TaskItems};
use crate::vault::{ColumnCipher, EncryptedColumnVault, SecretReader, SecretsManagerVault, TokenVault};

/// The function timeout if the configured one is out of range.
const DEFAULT_TIMEOUT: SignedDuration = SignedDuration::from_secs(29);

impl Engine {
    /// Builds an engine. Nothing is called yet: clients connect and secrets are read at their first use.
    pub fn new(config: &Config, environment: Environment) -> Self {
        let dynamodb = Client::new(&environment.aws);
        let events = event_bus(config, environment.aws.clone());
        let tables = &config.tables;
        let limits = LimitItems::new(dynamodb.clone(), tables.tasks.clone());
        let tasks = TaskItems::new(dynamodb.clone(), tables.tasks.clone());
        let integrations = integration_manager(config, &environment, &dynamodb, &events, &limits);
        let errors = error_handler(config, &environment, &dynamodb);
        let Environment { http, clock, random, .. } = environment;
        let circuit_breaker = CircuitBreaker {
            items: CircuitBreakerItems::new(dynamodb.clone(), tables.integrations.clone()),
            events: events.clone(),
            clock: clock.clone(),
        };
        let cooldowns = Cooldowns {
            items: CooldownItems::new(dynamodb.clone(), tables.integrations.clone()),
            clock: clock.clone(),
        };
        let context_mapper =
            ContextMapper { table: MappingItems::new(dynamodb.clone(), tables.mappings.clone()), clock: clock.clone() };
        Self {
            scheduler: Scheduler {
                tasks: tasks.clone(),
                idempotency: IdempotencyItems::new(dynamodb.clone(), tables.tasks.clone()),
                limits: limits.clone(),
                clock: clock.clone(),
                random: random.clone(),
            },
            due_queue: DueQueue { tasks: tasks.clone(), events: events.clone() },
            attempts: Attempts {
                tasks,
                integrations: integrations.clone(),
                circuit_breaker: circuit_breaker.clone(),
                cooldowns,
                context_mapper: context_mapper.clone(),
                errors: errors.clone(),
                events,
                http: http.clone(),
                lookups: LookupCache::default(),
                clock: clock.clone(),
                random: random.clone(),
            },
            integrations,
            delegations: Delegations {
                items: DelegationItems::new(dynamodb.clone(), tables.integrations.clone()),
                clock: clock.clone(),
            },
            errors,
            circuit_breaker,
            context_mapper,
            verifier: Verifier::new(config.jwt.clone(), http.clone(), clock.clone()),
            clock,
            random,
            dynamodb,
            http,
            timeout: SignedDuration::try_from(config.timeout).unwrap_or(DEFAULT_TIMEOUT),
            limits,
            intent_limit: Limit { name: "intents", max: config.intents_per_minute, window: Duration::from_secs(60) },
        }
    }
}

fn event_bus(config: &Config, aws: SdkConfig) -> EventBus {
    let client = LazyClient::new(move || aws_sdk_eventbridge::Client::new(&aws));
    EventBus::new(client, config.event_bus.clone())
}

fn error_handler(config: &Config, environment: &Environment, dynamodb: &Client) -> ErrorHandler {
    ErrorHandler {
        errors: ErrorItems::new(dynamodb.clone(), config.tables.errors.clone()),
        fallbacks: FallbackItems::new(dynamodb.clone(), config.tables.fallbacks.clone()),
        clock: environment.clock.clone(),
        random: environment.random.clone(),
    }
}

/// The integration manager, with the services that only connections use: OAuth flows, OAuth clients, the vault.
fn integration_manager(
    config: &Config,
    Environment { aws, http, clock, random }: &Environment,
    dynamodb: &Client,
    events: &EventBus,
    limits: &LimitItems,
) -> IntegrationManager {
    let secrets_config = aws.clone();
    let secrets_manager = LazyClient::new(move || aws_sdk_secretsmanager::Client::new(&secrets_config));
    let secrets = SecretReader::new(secrets_manager.clone());
    let cipher = ColumnCipher::new(config.keyring.clone(), secrets.clone(), random.clone());
    let table = &config.tables.integrations;
    IntegrationManager {
        connections: ConnectionItems::new(dynamodb.clone(), table.clone()),
        flows: OAuthFlowItems::new(dynamodb.clone(), table.clone()),
        oauth: OAuth::new(config, http.clone(), secrets),
        vault: TokenVault::new(
            config.vault,
            EncryptedColumnVault::new(cipher.clone()),
            SecretsManagerVault::new(secrets_manager, &config.stage),
        ),
        cipher,
        events: events.clone(),
        clock: clock.clone(),
        random: random.clone(),
        frontend_url: config.frontend_url.clone(),
        connect_page: config.connect_page.clone(),
        limits: limits.clone(),
        authorize_limit: Limit {
            name: "authorizes",
            max: config.authorizes_per_hour,
            window: Duration::from_secs(60 * 60),
        },
    }
}
