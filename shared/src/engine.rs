//! [`Engine`]: everything a function needs, built once per cold start; and [`Engine::process_intent`], the main job.

use aws_config::SdkConfig;
use jiff::Timestamp;
use std::time::Duration;

use crate::adapters;
use crate::attempt::Attempts;
use crate::breaker::Breaker;
use crate::clock::{Clock, Random};
use crate::config::Config;
use crate::context_mapper::ContextMapper;
use crate::error::Result;
use crate::error_log::ErrorHandler;
use crate::events::EventBus;
use crate::http::Http;
use crate::identity::Verifier;
use crate::ids::UserId;
use crate::integrations::IntegrationManager;
use crate::intent::{Intent, PluginResult};
use crate::oauth::OAuth;
use crate::scheduler::Scheduler;
use crate::tables::breakers::BreakersTable;
use crate::tables::errors::ErrorsTable;
use crate::tables::fallbacks::FallbacksTable;
use crate::tables::integrations::IntegrationsTable;
use crate::tables::limits::{Limit, LimitsTable};
use crate::tables::mappings::MappingsTable;
use crate::tables::oauth_flows::OAuthFlowsTable;
use crate::tables::tasks::TasksTable;
use crate::vault::{SealedVault, Sealer, SecretReader, SecretsManagerVault, TokenVault};

/// What is kept of a function's timeout for writing how an attempt ended.
const STORE_BUDGET: Duration = Duration::from_secs(5);
/// No action takes longer, however long its function may run.
const LONGEST_CALL: Duration = Duration::from_secs(45);

/// What an engine is built on: the outside world, which a test or a simulation replaces.
#[derive(Clone, Debug)]
pub struct World {
    /// The AWS clients' configuration.
    pub aws: SdkConfig,
    /// The way out to providers and key sets.
    pub http: Http,
    /// The time.
    pub clock: Clock,
    /// Ids, secrets, jitter.
    pub random: Random,
}

/// The plugin engine.
#[derive(Debug)]
pub struct Engine {
    /// Connections.
    pub integrations: IntegrationManager,
    /// Tasks.
    pub scheduler: Scheduler,
    /// Attempts, immediate and due.
    pub attempts: Attempts,
    /// The error log and fallback messages.
    pub errors: ErrorHandler,
    /// Context mappings.
    pub context_mapper: ContextMapper,
    /// Verifies callers' tokens.
    pub verifier: Verifier,
    /// The time.
    pub clock: Clock,
    limits: LimitsTable,
    intents: Limit,
}

impl Engine {
    /// Builds an engine. Nothing is called yet: clients connect and secrets are read at their first use.
    pub fn new(config: &Config, world: World) -> Self {
        let World { aws, http, clock, random } = world;
        let dynamodb = aws_sdk_dynamodb::Client::new(&aws);
        let secrets_manager = aws_sdk_secretsmanager::Client::new(&aws);
        let events = EventBus::new(aws_sdk_eventbridge::Client::new(&aws), config.event_bus.clone());
        let secrets = SecretReader::new(secrets_manager.clone());
        let sealer = Sealer::new(config.keyring.clone(), secrets.clone(), random.clone());
        let tables = &config.tables;
        let integrations = IntegrationManager {
            table: IntegrationsTable::new(dynamodb.clone(), tables.integrations.clone()),
            flows: OAuthFlowsTable::new(dynamodb.clone(), tables.integrations.clone()),
            oauth: OAuth::new(config, http.clone(), secrets),
            vault: TokenVault::new(
                config.vault,
                SealedVault::new(sealer.clone()),
                SecretsManagerVault::new(secrets_manager, &config.stage),
            ),
            sealer,
            events: events.clone(),
            clock: clock.clone(),
            random: random.clone(),
            frontend_url: config.frontend_url.clone(),
        };
        let errors = ErrorHandler {
            errors: ErrorsTable::new(dynamodb.clone(), tables.errors.clone()),
            fallbacks: FallbacksTable::new(dynamodb.clone(), tables.fallbacks.clone()),
            clock: clock.clone(),
            random: random.clone(),
        };
        let breaker = Breaker {
            table: BreakersTable::new(dynamodb.clone(), tables.integrations.clone()),
            events: events.clone(),
            clock: clock.clone(),
        };
        let tasks = TasksTable::new(dynamodb.clone(), tables.tasks.clone());
        Self {
            scheduler: Scheduler { table: tasks.clone(), clock: clock.clone(), random: random.clone() },
            attempts: Attempts {
                table: tasks,
                integrations: integrations.clone(),
                breaker,
                errors: errors.clone(),
                events,
                http: http.clone(),
                clock: clock.clone(),
                random,
                call_limit: config.timeout.saturating_sub(STORE_BUDGET).min(LONGEST_CALL),
            },
            integrations,
            errors,
            context_mapper: ContextMapper {
                table: MappingsTable::new(dynamodb.clone(), tables.mappings.clone()),
                clock: clock.clone(),
            },
            verifier: Verifier::new(config.jwt.clone(), http, clock.clone()),
            clock,
            limits: LimitsTable::new(dynamodb, tables.tasks.clone()),
            intents: Limit { name: "intents", most: config.intents_per_minute, window: Duration::from_secs(60) },
        }
    }

    /// Every tool with its actions, as the tool list shows them.
    pub fn tools(&self) -> Vec<serde_json::Value> {
        adapters::ALL.iter().map(|adapter| adapter.metadata()).collect()
    }

    /// Runs an intent now. What the tool says of it, good or bad, is the result.
    ///
    /// # Errors
    /// [`crate::error::Error::LimitReached`]; [`crate::error::Error::Unavailable`] when the store cannot be reached, and
    /// then nothing was called.
    pub async fn process_intent(&self, user: &UserId, intent: &Intent) -> Result<PluginResult> {
        let tool = intent.adapter.tool;
        // 1. Whether the user may ask again so soon, and at the same time what connection there is.
        let (limit, read) = futures::join!(
            self.limits.take(user, self.intents, self.clock.now()),
            self.integrations.get_with_failures(user, &intent.agent, tool),
        );
        limit?;
        let (integration, failures) = read?;
        // 2. Whether the tool rests; the token, refreshed if it is about to end; the scopes.
        let access = match self.attempts.admit_immediate(user, intent, integration, failures).await {
            Ok(access) => access,
            Err(error) => return self.failed(user, intent, &error).await,
        };
        // 3. Claim, call, finish.
        let (task, outcome) = self.attempts.immediate(user, intent, access, failures).await?;
        // 4. What came of it, with the text to show where nothing did.
        let result = match outcome {
            Ok(done) => PluginResult::done(done),
            Err(error) => self.failed(user, intent, &error).await?,
        };
        Ok(match task {
            Some(task) => result.with_task(task.to_string()),
            None => result,
        })
    }

    /// Accepts an intent for later.
    ///
    /// # Errors
    /// [`crate::error::Error::Invalid`] for a time that has passed or lies more than a year ahead.
    pub async fn schedule_intent(&self, user: &UserId, intent: &Intent, at: Timestamp) -> Result<PluginResult> {
        let id = self.scheduler.schedule(user, intent, at).await?;
        Ok(PluginResult::scheduled(&id.to_string(), &at.to_string()))
    }

    async fn failed(&self, user: &UserId, intent: &Intent, error: &crate::error::Error) -> Result<PluginResult> {
        // The answer must not depend on a message that could not be read.
        let fallback = self.errors.fallback(user, intent.adapter, Some(&intent.agent), None).await;
        let fallback = fallback.unwrap_or_else(|error| {
            tracing::error!(?error, "a fallback message could not be read");
            intent.adapter.fallback.to_owned()
        });
        Ok(PluginResult::failed(intent.adapter, error, fallback))
    }
}
