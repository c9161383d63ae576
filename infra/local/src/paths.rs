//! `.local/`: what the stack keeps between its runs. It is never committed.

use engine::clock::Random;
use sandbox::Sandbox;
use serde_json::json;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::failure::{Context as _, Failure, Result};

/// The workspace's root, where cargo is run. The runner is always run from the checkout it was built in.
pub fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// A path under `.local/`, which is made if it is not there.
///
/// # Errors
/// When `.local/` cannot be made.
pub fn local_path(name: &str) -> Result<PathBuf> {
    let folder = workspace().join(".local");
    fs::create_dir_all(&folder).context(folder.display())?;
    Ok(folder.join(name))
}

/// Holds a lock file below `.local/` for as long as the returned file lives; the system lets go of it however the process ends.
///
/// # Errors
/// With `taken`, when another process holds it.
pub fn lock(name: &str, taken: impl FnOnce() -> Failure) -> Result<File> {
    let path = local_path(name)?;
    let file = File::create(&path).context(path.display())?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(taken()),
        Err(fs::TryLockError::Error(error)) => Err(error).context(path.display()),
    }
}

/// The issuer's key, made at the first run, so that tokens outlive a restart.
///
/// # Errors
/// When the file can be neither read nor made.
pub fn issuer_key() -> Result<Vec<u8>> {
    read_or_create("issuer.pk8", Sandbox::generate_issuer_key)
}

/// The keyring that seals tokens, made at the first run, so that stored connections outlive a restart.
///
/// # Errors
/// When the file can be neither read nor made.
pub fn keyring() -> Result<String> {
    String::from_utf8(read_or_create("keyring.json", || generate_keyring().into_bytes())?)
        .context(".local/keyring.json")
}

/// A keyring with one fresh key.
pub fn generate_keyring() -> String {
    let material: [u8; 32] = Random::system().bytes();
    let hex: String = material.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({ "current": "k1", "k1": hex }).to_string()
}

fn read_or_create(name: &str, make: impl FnOnce() -> Vec<u8>) -> Result<Vec<u8>> {
    let path = local_path(name)?;
    match fs::read(&path) {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let bytes = make();
            write_private(&path, &bytes).context(path.display())?;
            Ok(bytes)
        }
        Err(error) => Err(error).context(path.display()),
    }
}

/// Writes a file only its owner may read; whole or not at all.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(draft, path)
}
