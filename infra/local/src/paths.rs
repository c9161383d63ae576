//! The folder `.local/`: the stack's files between its runs. It is not committed.

use engine::clock::Random;
use sandbox::Sandbox;
use serde_json::json;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::failure::{Context as _, Failure, Result};

/// Returns the root of the workspace. The runner is always run from the checkout it was built in.
pub fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// Returns a path in `.local/` and creates the folder if necessary.
///
/// # Errors
/// If `.local/` cannot be created.
pub fn local_path(name: &str) -> Result<PathBuf> {
    let folder = workspace().join(".local");
    fs::create_dir_all(&folder).context(folder.display())?;
    Ok(folder.join(name))
}

/// Locks a file in `.local/` until the returned file is dropped or the process ends.
///
/// # Errors
/// `taken`, if another process holds the lock.
pub fn lock(name: &str, taken: impl FnOnce() -> Failure) -> Result<File> {
    let path = local_path(name)?;
    let file = File::create(&path).context(path.display())?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(taken()),
        Err(fs::TryLockError::Error(error)) => Err(error).context(path.display()),
    }
}

/// Returns the issuer's key. It is created by the first run, so that tokens stay valid after a restart.
///
/// # Errors
/// If the file can be neither read nor created.
pub fn issuer_key() -> Result<Vec<u8>> {
    read_or_create("issuer.pk8", Sandbox::generate_issuer_key)
}

/// Returns the keyring that encrypts tokens. It is created by the first run, so that stored connections work after a restart.
///
/// # Errors
/// If the file can be neither read nor created.
pub fn keyring() -> Result<String> {
    String::from_utf8(read_or_create("keyring.json", || generate_keyring().into_bytes())?)
        .context(".local/keyring.json")
}

/// Generates a keyring with one key.
pub fn generate_keyring() -> String {
    let material: [u8; 32] = Random::system().bytes();
    let hex: String = material.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({ "current": "k1", "k1": hex }).to_string()
}

/// Reads a file in `.local/`, or creates it.
fn read_or_create(name: &str, create: impl FnOnce() -> Vec<u8>) -> Result<Vec<u8>> {
    let path = local_path(name)?;
    match fs::read(&path) {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let bytes = create();
            write_private(&path, &bytes).context(path.display())?;
            Ok(bytes)
        }
        Err(error) => Err(error).context(path.display()),
    }
}

/// Writes a file atomically, readable by its owner only.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_locked(path, bytes).map(drop)
}

/// As [`write_private`]. The file is locked until the returned value is dropped or the process ends.
pub(crate) fn write_locked(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let draft = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.lock()?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(draft, path)?;
    Ok(file)
}
