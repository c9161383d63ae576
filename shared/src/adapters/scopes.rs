//! OAuth scopes that an action needs.

/// Groups of scopes. Each group must be granted by at least one of its scopes; the least powerful one comes first.
pub type Scopes = &'static [&'static [&'static str]];

/// Returns the first group of which `granted` contains no scope, as a text for people.
pub(super) fn missing_group(scopes: Scopes, granted: &[String]) -> Option<String> {
    let is_granted = |scope: &&str| granted.iter().any(|grant| grant == scope);
    scopes.iter().find(|group| !group.iter().any(is_granted)).map(|group| group.join(" or "))
}
