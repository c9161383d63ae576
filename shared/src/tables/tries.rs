//! The tries of one call. The SDK repeats a call whose response was lost, and the repetition meets the effect of the call itself:
//! the condition of a write does not hold any more, and a deletion finds nothing.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::FinalizerInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Observes the tries of one call.
#[derive(Clone, Debug, Default)]
pub(super) struct Tries(Arc<AtomicBool>);

impl Tries {
    /// True if a try that failed may have been applied: it had no response, or a 5xx. After a status 500 "the operation may have
    /// succeeded or failed"; a 4xx, such as a throttled call or a condition that does not hold, was not applied.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>
    pub(super) fn may_have_been_applied(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Intercept for Tries {
    fn name(&self) -> &'static str {
        "Tries"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let failed = context.output_or_error().is_none_or(|result| result.is_err());
        let was_refused = context.response().is_some_and(|response| response.status().is_client_error());
        if failed && !was_refused {
            self.0.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}
