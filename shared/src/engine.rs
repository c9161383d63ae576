//! [`Engine`]: everything a function needs, built once per cold start; and [`Engine::process_intent`], the main job.

use aws_config::SdkConfig;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

use crate::adapters::LookupCache;
use crate::adapters::action::{ActionOutput, Effect};
use crate::attempt::Attempts;
use crate::aws::{self, LazyClient};
use crate::circuit_breaker::CircuitBreaker;
use crate::clock::{Clock, Random};
use crate::config::Config;
use crate::context_mapper::ContextMapper;
use crate::cooldown::Cooldowns;
use crate::delegations::Delegations;
use crate::error::{Error, Result};
use crate::error_log::ErrorHandler;
use crate::events::EventBus;
use crate::http::Http;
use crate::identity::Verifier;
use crate::ids::{TaskId, UserId};
use crate::integrations::IntegrationManager;
use crate::intent::{Intent, IntentRequest, PluginResult};
use crate::metrics::{self, Metric};
use crate::oauth::OAuth;
use crate::scheduler::{Schedule, Scheduler};
use crate::tables::circuit_breakers::CircuitBreakerItems;
use crate::tables::cooldowns::CooldownItems;
use crate::tables::delegations::DelegationItems;
use crate::tables::errors::ErrorItems;
use crate::tables::fallbacks::FallbackItems;
use crate::tables::idempotency::{IdempotencyItems, IdempotencyKey};
use crate::tables::integrations::{CallGuards, ConnectionItems};
use crate::tables::limits::{Limit, LimitItems};
use crate::tables::mappings::MappingItems;
use crate::tables::oauth_flows::OAuthFlowItems;
use crate::tables::tasks::{Task, TaskItems, TaskStatus, immediate_sort};
use crate::vault::{ColumnCipher, EncryptedColumnVault, SecretReader, SecretsManagerVault, TokenVault};

/// What an engine is built on: the outside world, which a test or a simulation replaces.
#[derive(Clone, Debug)]
pub struct Environment {
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
    /// Who may act for whom.
    pub delegations: Delegations,
    /// Tasks.
    pub scheduler: Scheduler,
    /// Attempts, immediate and due.
    pub attempts: Attempts,
    /// The error log, and what is to be done when a tool fails.
    pub errors: ErrorHandler,
    /// Which tools rest.
    pub circuit_breaker: CircuitBreaker,
    /// Context mappings.
    pub context_mapper: ContextMapper,
    /// Verifies callers' tokens.
    pub verifier: Verifier,
    /// The time.
    pub clock: Clock,
    random: Random,
    dynamodb: aws_sdk_dynamodb::Client,
    http: Http,
    /// The function's own timeout.
    timeout: SignedDuration,
    limits: LimitItems,
    intent_limit: Limit,
}

impl Engine {
    /// Builds an engine. Nothing is called yet: clients connect and secrets are read at their first use.
    pub fn new(config: &Config, world: Environment) -> Self {
        let dynamodb = aws_sdk_dynamodb::Client::new(&world.aws);
        let events = event_bus(config, world.aws.clone());
        let tables = &config.tables;
        let limits = LimitItems::new(dynamodb.clone(), tables.tasks.clone());
        let integrations = integration_manager(config, &world, &dynamodb, &events, &limits);
        let errors = error_handler(config, &world, &dynamodb);
        let Environment { http, clock, random, .. } = world;
        let delegations = Delegations {
            items: DelegationItems::new(dynamodb.clone(), tables.integrations.clone()),
            clock: clock.clone(),
        };
        let circuit_breaker = CircuitBreaker {
            items: CircuitBreakerItems::new(dynamodb.clone(), tables.integrations.clone()),
            events: events.clone(),
            clock: clock.clone(),
        };
        let context_mapper =
            ContextMapper { table: MappingItems::new(dynamodb.clone(), tables.mappings.clone()), clock: clock.clone() };
        let tasks = TaskItems::new(dynamodb.clone(), tables.tasks.clone());
        Self {
            scheduler: Scheduler {
                tasks: tasks.clone(),
                idempotency: IdempotencyItems::new(dynamodb.clone(), tables.tasks.clone()),
                limits: limits.clone(),
                clock: clock.clone(),
                random: random.clone(),
            },
            attempts: Attempts {
                tasks,
                integrations: integrations.clone(),
                circuit_breaker: circuit_breaker.clone(),
                cooldowns: Cooldowns {
                    items: CooldownItems::new(dynamodb.clone(), tables.integrations.clone()),
                    clock: clock.clone(),
                },
                context_mapper: context_mapper.clone(),
                errors: errors.clone(),
                events,
                http: http.clone(),
                lookups: LookupCache::default(),
                clock: clock.clone(),
                random: random.clone(),
            },
            integrations,
            delegations,
            errors,
            circuit_breaker,
            context_mapper,
            verifier: Verifier::new(config.jwt.clone(), http.clone(), clock.clone()),
            clock,
            random,
            dynamodb,
            http,
            timeout: SignedDuration::try_from(config.timeout).unwrap_or(SignedDuration::from_secs(29)),
            limits,
            intent_limit: Limit { name: "intents", max: config.intents_per_minute, window: Duration::from_secs(60) },
        }
    }

    /// Makes the way to DynamoDB ready, so that the first event need not.
    pub async fn prewarm(&self) {
        aws::prewarm(&self.http, &self.dynamodb).await;
    }

    /// When the function that was started now is killed: after its configured timeout; earlier, when the runtime says so. A
    /// deadline that has passed is none (`cargo lambda watch` sends a duration where Lambda sends an instant).
    pub fn deadline(&self, deadline_ms: u64) -> Timestamp {
        let now = self.clock.now();
        let configured = now + self.timeout;
        let told = i64::try_from(deadline_ms).ok().and_then(|at| Timestamp::from_millisecond(at).ok());
        told.filter(|told| *told > now).map_or(configured, |told| told.min(configured))
    }

    /// Runs an intent now. What the tool says of it, good or bad, is the result. With a key that was sent before, the result
    /// is that of the first request; reads are not journaled and simply done again.
    ///
    /// # Errors
    /// [`Error::LimitReached`]; [`Error::KeyReused`], [`Error::InProgress`]; [`Error::Unavailable`] when the store cannot be
    /// reached or too little time is left. Nothing was called then.
    pub async fn process_intent(
        &self,
        user: &UserId,
        intent: &Intent,
        key: Option<&IdempotencyKey>,
        until: Timestamp,
    ) -> Result<PluginResult> {
        let answered = self.execute_intent(user, intent, key, until).await;
        let outcome = match &answered {
            Ok(result) if result.pending => "pending",
            Ok(result) if result.success => "done",
            Ok(_) => "failed",
            Err(_) => "refused",
        };
        metrics::count(Metric::Intents, intent.adapter.tool.as_str(), outcome, self.clock.now());
        answered
    }

    async fn execute_intent(
        &self,
        user: &UserId,
        intent: &Intent,
        key: Option<&IdempotencyKey>,
        until: Timestamp,
    ) -> Result<PluginResult> {
        // 1. What an earlier request with the same key came to.
        let key = key.filter(|_| intent.action.effect != Effect::Read);
        let wanted = self.scheduler.reserve(user, self.new_task_id(intent), key).await?;
        if let Some(task) = wanted.existing {
            return self.replay_result(user, intent, &task).await;
        }
        // 2. Whether the user may ask again so soon, and what connection there is.
        let standing = self.load_guards(user, intent).await?;
        // 3. Admit, claim, call, finish.
        let ran = self.attempts.run_immediate(user, intent, standing, &wanted.task_id, until).await?;
        // 4. What came of it, with the text to show where nothing did.
        let result = match ran.result {
            Ok(done) => PluginResult::completed(done),
            Err(error) => PluginResult { pending: ran.pending, ..self.failure_result(user, intent, &error).await },
        };
        Ok(match ran.task_id {
            Some(task) => result.with_task_id(task.to_string()),
            None => result,
        })
    }

    /// Reads an intent as an agent writes it: `{"contextKey": "..."}` anywhere in its context stands for the external id the
    /// agent has mapped that key to.
    ///
    /// # Errors
    /// As [`Intent::parse`], [`Intent::saved_as`] and [`ContextMapper::resolved`].
    pub async fn parse_intent(&self, user: &UserId, written: IntentRequest) -> Result<Intent> {
        let IntentRequest { agent_id, tool, intent, context, save_as } = written;
        let context = self.context_mapper.resolve(user, &agent_id, &tool, context.unwrap_or_default()).await?;
        Intent::parse(&agent_id, &tool, &intent, Some(context))?.with_save_as(save_as)
    }

    /// A dry run of an intent: the request it would send, with its references resolved. It counts as an intent, since what is
    /// looked up is looked up.
    ///
    /// # Errors
    /// [`Error::LimitReached`]; [`Error::Unavailable`] when the store cannot be reached.
    pub async fn dry_run_intent(&self, user: &UserId, intent: &Intent, until: Timestamp) -> Result<PluginResult> {
        let (id, standing) = (self.new_task_id(intent), self.load_guards(user, intent).await?);
        Ok(match self.attempts.dry_run(user, intent, (standing, &id), until).await {
            Ok(request) => PluginResult::dry_run(request),
            Err(error) => self.failure_result(user, intent, &error).await,
        })
    }

    /// Takes one of the user's intents a minute, and reads at the same time what decides whether the tool may be called.
    async fn load_guards(&self, user: &UserId, intent: &Intent) -> Result<CallGuards> {
        let (limit, standing) = futures::join!(
            self.limits.consume(user, self.intent_limit, self.clock.now()),
            self.integrations.load_guards(user, &intent.agent, intent.adapter.tool),
        );
        limit.and(standing)
    }

    /// A new id for the task that journals an intent.
    fn new_task_id(&self, intent: &Intent) -> TaskId {
        TaskId { agent: intent.agent.clone(), sort: immediate_sort(&self.random.ulid(self.clock.now())) }
    }

    /// Accepts an intent for later.
    ///
    /// # Errors
    /// As [`Scheduler::schedule`].
    pub async fn schedule_intent(
        &self,
        user: &UserId,
        intent: &Intent,
        when: Schedule,
        key: Option<&IdempotencyKey>,
    ) -> Result<PluginResult> {
        let accepted = self.scheduler.schedule(user, intent, when, key).await;
        let outcome = if accepted.is_ok() { "scheduled" } else { "refused" };
        metrics::count(Metric::Intents, intent.adapter.tool.as_str(), outcome, self.clock.now());
        let accepted = accepted?;
        let result = PluginResult::scheduled(&accepted.task_id.to_string(), &accepted.execute_at.to_string());
        Ok(PluginResult { replayed: accepted.replayed, ..result })
    }

    /// The result of a request whose task an earlier one with the same key has made.
    async fn replay_result(&self, user: &UserId, intent: &Intent, task: &Task) -> Result<PluginResult> {
        let id = TaskId { agent: intent.agent.clone(), sort: task.sort.clone() };
        let result = match (task.status, &task.last_error) {
            (TaskStatus::Processing, _) => return Err(Error::IdempotencyInProgress),
            (TaskStatus::Completed, _) => PluginResult::completed(ActionOutput {
                message: task.result["message"].as_str().unwrap_or_default().to_owned(),
                data: task.result["data"].clone(),
                external_id: task.external_id.clone(),
                link: task.result["link"].as_str().map(ToOwned::to_owned),
            }),
            (status, Some(error)) => {
                let fallback = self.fallback_message(user, intent).await;
                PluginResult { pending: status == TaskStatus::Unknown, ..PluginResult::failed(error.into(), fallback) }
            }
            (_, None) => PluginResult::scheduled(&id.to_string(), &task.updated_at.to_string()),
        };
        Ok(PluginResult { replayed: true, ..result.with_task_id(id.to_string()) })
    }

    async fn failure_result(&self, user: &UserId, intent: &Intent, error: &Error) -> PluginResult {
        let error = error.detail(self.integrations.connect_url(error.tool_to_connect()));
        PluginResult::failed(error, self.fallback_message(user, intent).await)
    }

    /// The text to show instead. The answer must not depend on a message that could not be read.
    async fn fallback_message(&self, user: &UserId, intent: &Intent) -> String {
        let conduct = self.errors.failure_policy(user, intent.adapter, Some(&intent.agent), None).await;
        match conduct {
            Ok(conduct) => conduct.message,
            Err(error) => {
                tracing::error!(?error, "a fallback message could not be read");
                intent.adapter.fallback.to_owned()
            }
        }
    }
}

fn event_bus(config: &Config, aws: SdkConfig) -> EventBus {
    let bus = LazyClient::new(move || aws_sdk_eventbridge::Client::new(&aws));
    EventBus::new(bus, config.event_bus.clone())
}

fn error_handler(config: &Config, world: &Environment, dynamodb: &aws_sdk_dynamodb::Client) -> ErrorHandler {
    ErrorHandler {
        errors: ErrorItems::new(dynamodb.clone(), config.tables.errors.clone()),
        fallbacks: FallbackItems::new(dynamodb.clone(), config.tables.fallbacks.clone()),
        clock: world.clock.clone(),
        random: world.random.clone(),
    }
}

/// The connections, with what is theirs alone: the flows, OAuth, the vault.
fn integration_manager(
    config: &Config,
    Environment { aws, http, clock, random }: &Environment,
    dynamodb: &aws_sdk_dynamodb::Client,
    events: &EventBus,
    limits: &LimitItems,
) -> IntegrationManager {
    let for_secrets = aws.clone();
    let secrets_manager = LazyClient::new(move || aws_sdk_secretsmanager::Client::new(&for_secrets));
    let secrets = SecretReader::new(secrets_manager.clone());
    let sealer = ColumnCipher::new(config.keyring.clone(), secrets.clone(), random.clone());
    let table = &config.tables.integrations;
    IntegrationManager {
        connections: ConnectionItems::new(dynamodb.clone(), table.clone()),
        flows: OAuthFlowItems::new(dynamodb.clone(), table.clone()),
        oauth: OAuth::new(config, http.clone(), secrets),
        vault: TokenVault::new(
            config.vault,
            EncryptedColumnVault::new(sealer.clone()),
            SecretsManagerVault::new(secrets_manager, &config.stage),
        ),
        cipher: sealer,
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
