//! [`Creator`]: the caller who requested a task, where that was not its user.

use serde::{Deserialize, Serialize};

/// The caller who requested a task, where that was not its user. A row stores it as one text, the kind before the id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Creator {
    /// A service that acted for the user with a delegation, by its client id.
    Service(String),
}

/// The kind of a service in a stored text.
const SERVICE: &str = "service#";

impl Creator {
    /// Returns the client id of a service.
    pub fn service(&self) -> Option<&str> {
        match self {
            Self::Service(id) => Some(id),
        }
    }
}

impl From<Creator> for String {
    fn from(creator: Creator) -> Self {
        match creator {
            Creator::Service(id) => format!("{SERVICE}{id}"),
        }
    }
}

impl TryFrom<String> for Creator {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let service = text.strip_prefix(SERVICE).map(|id| Self::Service(id.to_owned()));
        service.ok_or("a creator of an unknown kind")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn creator_round_trips_and_another_kind_is_refused(id in "(?s).{1,40}") {
            let creator = Creator::Service(id.clone());
            prop_assert_eq!(Creator::try_from(String::from(creator.clone())), Ok(creator));
            let ghost = format!("ghost#{id}");
            prop_assert!(Creator::try_from(ghost).is_err());
        }
    }
}
