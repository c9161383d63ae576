//! [`BudgetHolder`]: the one for whom the limits of a time count.

use super::{Creator, UserId};
use crate::keys::encode;

/// The one for whom every limit of a time counts: a user, or a service that acts for one. Each service has limits of its own for each user, so
/// that it cannot use up those of the user. Several users give it no more for one of them, and each has consented.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BudgetHolder {
    user: UserId,
    service: Option<String>,
}

impl BudgetHolder {
    /// Returns the holder for what a caller requests: the user without a creator.
    pub fn new(user: &UserId, created_by: Option<&Creator>) -> Self {
        Self { user: user.clone(), service: created_by.and_then(Creator::service).map(ToOwned::to_owned) }
    }

    /// Returns the user's component of a key.
    pub(crate) fn user_key(&self) -> String {
        self.user.stored_key()
    }

    /// Returns the service's component of a key.
    pub(crate) fn service_key(&self) -> Option<String> {
        self.service.as_deref().map(encode)
    }
}
