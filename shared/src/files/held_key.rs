//! The keys of objects that tasks need: the owner, the file and the task, so that a sweep knows each one's row.
//!
//! Every component is base64url or plain, so that a key is the same in a URL and needs no further encoding; the longest one has 770 of
//! the 1,024 bytes that S3 allows. <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::ids::{AgentId, FileId, TaskId, UserId};
use crate::keys::encode;

/// The start of the keys of copies.
pub(super) const HELD_PREFIX: &str = "held/";
/// The start of the keys of payloads.
pub(crate) const PAYLOADS_PREFIX: &str = "contexts/";

/// The key of an object of a task: the copy of a file, or a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldKey {
    /// The owner.
    pub user: UserId,
    /// The task.
    pub task: TaskId,
    /// The file of which it is a copy; `None` for a payload.
    pub file: Option<FileId>,
}

impl HeldKey {
    /// Returns the start of the keys of all copies of a file.
    pub(super) fn prefix(user: &UserId, file: &FileId) -> String {
        format!("{HELD_PREFIX}{}/{file}/", component(user.as_str()))
    }

    /// Returns the key of a task's copy.
    pub(super) fn of_copy(user: &UserId, file: &FileId, task: &TaskId) -> String {
        format!("{}{}", Self::prefix(user, file), task_component(task))
    }

    /// Reads a key; `None` for one that this service did not write.
    pub fn parse(key: &str) -> Option<Self> {
        let (rest, has_file) = match key.strip_prefix(HELD_PREFIX) {
            Some(rest) => (rest, true),
            None => (key.strip_prefix(PAYLOADS_PREFIX)?, false),
        };
        let (user, rest) = rest.split_once('/')?;
        let (file, task) =
            if has_file { rest.split_once('/').map(|(file, task)| (Some(file), task))? } else { (None, rest) };
        let file = match file {
            Some(file) => Some(FileId::parse(file).ok()?),
            None => None,
        };
        let (agent, sort) = task.split_once('.')?;
        let agent = AgentId::parse(&text_of(agent)?).ok()?;
        let user = UserId::from_stored_key(&encode(&text_of(user)?))?;
        Some(Self { user, task: TaskId { agent, sort: sort.replace('.', "#") }, file })
    }
}

/// Returns the key of a task's payload.
pub fn payload_key(user: &UserId, task: &TaskId) -> String {
    format!("{PAYLOADS_PREFIX}{}/{}", component(user.as_str()), task_component(task))
}

fn component(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

fn task_component(task: &TaskId) -> String {
    format!("{}.{}", component(task.agent.as_str()), task.sort.replace('#', "."))
}

fn text_of(component: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(component).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::tasks::{immediate_sort, scheduled_sort};
    use jiff::Timestamp;

    #[test]
    fn keys_round_trip_and_fit() {
        let (file, ulid) = (FileId::parse("file_01J0000000000000000000000A").unwrap(), "01J0000000000000000000000B");
        let long = "語".repeat(85);
        for name in ["u1", "a/b#c.d", "auth0|1", long.as_str()] {
            let user = UserId::verified(name.to_owned());
            let agent = AgentId::parse(name).unwrap();
            for sort in [immediate_sort(ulid), scheduled_sort(Timestamp::UNIX_EPOCH, ulid)] {
                let task = TaskId { agent: agent.clone(), sort };
                let copy = HeldKey::of_copy(&user, &file, &task);
                assert!(copy.len() <= 1024 && copy.starts_with(&HeldKey::prefix(&user, &file)), "{copy}");
                assert!(copy.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte)), "{copy}");
                let parsed = HeldKey { user: user.clone(), task: task.clone(), file: Some(file.clone()) };
                assert_eq!(HeldKey::parse(&copy), Some(parsed.clone()));
                assert_eq!(HeldKey::parse(&payload_key(&user, &task)), Some(HeldKey { file: None, ..parsed }));
            }
        }
        for key in
            ["in/file_01J0000000000000000000000A", "held/x", "held/dQ/file_1/YQ.I.1", "contexts/dQ", "held/dQ//YQ.I.1"]
        {
            assert_eq!(HeldKey::parse(key), None, "{key}");
        }
    }
}
