//! [`Engine`]: everything a function needs, built once per cold start; and [`Engine::process_intent`], the main job.

use aws_config::SdkConfig;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

use crate::adapters::action::{Done, Effect};
use crate::attempt::Attempts;
use crate::aws::{self, Lazily};
use crate::breaker::Breaker;
use crate::clock::{Clock, Random};
use crate::config::Config;
use crate::context_mapper::ContextMapper;
use crate::delegations::Delegations;
use crate::error::{Error, Result};
use crate::error_log::ErrorHandler;
use crate::events::EventBus;
use crate::gate::Gatekeeper;
use crate::http::Http;
use crate::identity::Verifier;
use crate::ids::{TaskId, UserId};
use crate::integrations::IntegrationManager;
use crate::intent::{Intent, PluginResult, Written};
use crate::metrics::{self, Metric};
use crate::oauth::OAuth;
use crate::scheduler::{Scheduler, When};
use crate::tables::breakers::BreakersTable;
use crate::tables::delegations::DelegationsTable;
use crate::tables::errors::ErrorsTable;
use crate::tables::fallbacks::FallbacksTable;
use crate::tables::gates::GatesTable;
use crate::tables::idempotency::{IdempotencyKey, IdempotencyTable};
use crate::tables::integrations::{IntegrationsTable, Standing};
use crate::tables::limits::{Limit, LimitsTable};
use crate::tables::mappings::MappingsTable;
use crate::tables::oauth_flows::OAuthFlowsTable;
use crate::tables::tasks::{Status, Task, TasksTable, immediate_sort};
use crate::vault::{SealedVault, Sealer, SecretReader, SecretsManagerVault, TokenVault};

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
    /// Who may act for whom.
    pub delegations: Delegations,
    /// Tasks.
    pub scheduler: Scheduler,
    /// Attempts, immediate and due.
    pub attempts: Attempts,
    /// The error log, and what is to be done when a tool fails.
    pub errors: ErrorHandler,
    /// Which tools rest.
    pub breaker: Breaker,
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
    limits: LimitsTable,
    intents: Limit,
}

impl Engine {
    /// Builds an engine. Nothing is called yet: clients connect and secrets are read at their first use.
    pub fn new(config: &Config, world: World) -> Self {
        let dynamodb = aws_sdk_dynamodb::Client::new(&world.aws);
        let events = event_bus(config, world.aws.clone());
        let tables = &config.tables;
        let limits = LimitsTable::new(dynamodb.clone(), tables.tasks.clone());
        let integrations = connections(config, &world, &dynamodb, &events, &limits);
        let errors = error_handler(config, &world, &dynamodb);
        let World { http, clock, random, .. } = world;
        let delegations = Delegations {
            table: DelegationsTable::new(dynamodb.clone(), tables.integrations.clone()),
            clock: clock.clone(),
        };
        let breaker = Breaker {
            table: BreakersTable::new(dynamodb.clone(), tables.integrations.clone()),
            events: events.clone(),
            clock: clock.clone(),
        };
        let context_mapper = ContextMapper {
            table: MappingsTable::new(dynamodb.clone(), tables.mappings.clone()),
            clock: clock.clone(),
        };
        let tasks = TasksTable::new(dynamodb.clone(), tables.tasks.clone());
        Self {
            scheduler: Scheduler {
                table: tasks.clone(),
                keys: IdempotencyTable::new(dynamodb.clone(), tables.tasks.clone()),
                limits: limits.clone(),
                clock: clock.clone(),
                random: random.clone(),
            },
            attempts: Attempts {
                table: tasks,
                integrations: integrations.clone(),
                breaker: breaker.clone(),
                gatekeeper: Gatekeeper {
                    table: GatesTable::new(dynamodb.clone(), tables.integrations.clone()),
                    clock: clock.clone(),
                },
                context_mapper: context_mapper.clone(),
                errors: errors.clone(),
                events,
                http: http.clone(),
                clock: clock.clone(),
                random: random.clone(),
            },
            integrations,
            delegations,
            errors,
            breaker,
            context_mapper,
            verifier: Verifier::new(config.jwt.clone(), http.clone(), clock.clone()),
            clock,
            random,
            dynamodb,
            http,
            timeout: SignedDuration::try_from(config.timeout).unwrap_or(SignedDuration::from_secs(29)),
            limits,
            intents: Limit { name: "intents", most: config.intents_per_minute, window: Duration::from_secs(60) },
        }
    }

    /// Makes the way to DynamoDB ready, so that the first event need not.
    pub async fn rehearse(&self) {
        aws::rehearse(&self.http, &self.dynamodb).await;
    }

    /// When the function that was started now is killed: after its configured timeout; earlier, when the runtime says so. A
    /// deadline that has passed is none (`cargo lambda watch` sends a duration where Lambda sends an instant).
    pub fn until(&self, deadline_ms: u64) -> Timestamp {
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
        let answered = self.answer_intent(user, intent, key, until).await;
        let outcome = match &answered {
            Ok(result) if result.pending => "pending",
            Ok(result) if result.success => "done",
            Ok(_) => "failed",
            Err(_) => "refused",
        };
        metrics::count(Metric::Intents, intent.adapter.tool.as_str(), outcome, self.clock.now());
        answered
    }

    async fn answer_intent(
        &self,
        user: &UserId,
        intent: &Intent,
        key: Option<&IdempotencyKey>,
        until: Timestamp,
    ) -> Result<PluginResult> {
        // 1. What an earlier request with the same key came to.
        let key = key.filter(|_| intent.action.effect != Effect::Read);
        let wanted = self.scheduler.want(user, self.new_id(intent), key).await?;
        if let Some(task) = wanted.made {
            return self.replay(user, intent, &task).await;
        }
        // 2. Whether the user may ask again so soon, and what connection there is.
        let standing = self.standing(user, intent).await?;
        // 3. Admit, claim, call, finish.
        let ran = self.attempts.immediate(user, intent, standing, &wanted.id, until).await?;
        // 4. What came of it, with the text to show where nothing did.
        let result = match ran.outcome {
            Ok(done) => PluginResult::done(done),
            Err(error) => PluginResult { pending: ran.pending, ..self.failed(user, intent, &error).await },
        };
        Ok(match ran.task {
            Some(task) => result.with_task(task.to_string()),
            None => result,
        })
    }

    /// Reads an intent as an agent writes it: `{"contextKey": "..."}` anywhere in its context stands for the external id the
    /// agent has mapped that key to.
    ///
    /// # Errors
    /// As [`Intent::parse`], [`Intent::saved_as`] and [`ContextMapper::resolved`].
    pub async fn intent(&self, user: &UserId, written: Written) -> Result<Intent> {
        let Written { agent_id, tool, intent, context, save_as } = written;
        let context = self.context_mapper.resolved(user, (&agent_id, &tool), context.unwrap_or_default()).await?;
        Intent::parse(&agent_id, &tool, &intent, Some(context))?.saved_as(save_as)
    }

    /// A dry run of an intent: the request it would send, with its references resolved. It counts as an intent, since what is
    /// looked up is looked up.
    ///
    /// # Errors
    /// [`Error::LimitReached`]; [`Error::Unavailable`] when the store cannot be reached.
    pub async fn rehearse_intent(&self, user: &UserId, intent: &Intent, until: Timestamp) -> Result<PluginResult> {
        let (id, standing) = (self.new_id(intent), self.standing(user, intent).await?);
        Ok(match self.attempts.rehearse(user, intent, (standing, &id), until).await {
            Ok(request) => PluginResult::rehearsed(request),
            Err(error) => self.failed(user, intent, &error).await,
        })
    }

    /// Takes one of the user's intents a minute, and reads at the same time what decides whether the tool may be called.
    async fn standing(&self, user: &UserId, intent: &Intent) -> Result<Standing> {
        let (limit, standing) = futures::join!(
            self.limits.take(user, self.intents, self.clock.now()),
            self.integrations.standing(user, &intent.agent, intent.adapter.tool),
        );
        limit.and(standing)
    }

    /// A new id for the task that journals an intent.
    fn new_id(&self, intent: &Intent) -> TaskId {
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
        when: When,
        key: Option<&IdempotencyKey>,
    ) -> Result<PluginResult> {
        let accepted = self.scheduler.schedule(user, intent, when, key).await;
        let outcome = if accepted.is_ok() { "scheduled" } else { "refused" };
        metrics::count(Metric::Intents, intent.adapter.tool.as_str(), outcome, self.clock.now());
        let accepted = accepted?;
        let result = PluginResult::scheduled(&accepted.id.to_string(), &accepted.at.to_string());
        Ok(PluginResult { replayed: accepted.replayed, ..result })
    }

    /// The result of a request whose task an earlier one with the same key has made.
    async fn replay(&self, user: &UserId, intent: &Intent, task: &Task) -> Result<PluginResult> {
        let id = TaskId { agent: intent.agent.clone(), sort: task.sort.clone() };
        let result = match (task.status, &task.last_error) {
            (Status::Processing, _) => return Err(Error::InProgress),
            (Status::Completed, _) => PluginResult::done(Done {
                message: task.result["message"].as_str().unwrap_or_default().to_owned(),
                data: task.result["data"].clone(),
                external_id: task.external_id.clone(),
                link: task.result["link"].as_str().map(ToOwned::to_owned),
            }),
            (status, Some(error)) => {
                let fallback = self.fallback(user, intent).await;
                PluginResult { pending: status == Status::Unknown, ..PluginResult::failed(error.into(), fallback) }
            }
            (_, None) => PluginResult::scheduled(&id.to_string(), &task.updated_at.to_string()),
        };
        Ok(PluginResult { replayed: true, ..result.with_task(id.to_string()) })
    }

    async fn failed(&self, user: &UserId, intent: &Intent, error: &Error) -> PluginResult {
        let error = error.detail(self.integrations.connect_url(error.tool_to_connect()));
        PluginResult::failed(error, self.fallback(user, intent).await)
    }

    /// The text to show instead. The answer must not depend on a message that could not be read.
    async fn fallback(&self, user: &UserId, intent: &Intent) -> String {
        let conduct = self.errors.conduct(user, intent.adapter, Some(&intent.agent), None).await;
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
    let bus = Lazily::new(move || aws_sdk_eventbridge::Client::new(&aws));
    EventBus::new(bus, config.event_bus.clone())
}

fn error_handler(config: &Config, world: &World, dynamodb: &aws_sdk_dynamodb::Client) -> ErrorHandler {
    ErrorHandler {
        errors: ErrorsTable::new(dynamodb.clone(), config.tables.errors.clone()),
        fallbacks: FallbacksTable::new(dynamodb.clone(), config.tables.fallbacks.clone()),
        clock: world.clock.clone(),
        random: world.random.clone(),
    }
}

/// The connections, with what is theirs alone: the flows, OAuth, the vault.
fn connections(
    config: &Config,
    World { aws, http, clock, random }: &World,
    dynamodb: &aws_sdk_dynamodb::Client,
    events: &EventBus,
    limits: &LimitsTable,
) -> IntegrationManager {
    let for_secrets = aws.clone();
    let secrets_manager = Lazily::new(move || aws_sdk_secretsmanager::Client::new(&for_secrets));
    let secrets = SecretReader::new(secrets_manager.clone());
    let sealer = Sealer::new(config.keyring.clone(), secrets.clone(), random.clone());
    let table = &config.tables.integrations;
    IntegrationManager {
        table: IntegrationsTable::new(dynamodb.clone(), table.clone()),
        flows: OAuthFlowsTable::new(dynamodb.clone(), table.clone()),
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
        connect_page: config.connect_page.clone(),
        limits: limits.clone(),
        authorizes: Limit {
            name: "authorizes",
            most: config.authorizes_per_hour,
            window: Duration::from_secs(60 * 60),
        },
    }
}
