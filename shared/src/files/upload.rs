//! The registration of a file, before its upload.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::time::Duration;

use super::{Files, upload_key};
use crate::adapters::files::MAX_FILE_BYTES;
use crate::aws::{Link, UploadTerms};
use crate::error::{Checks, Error, Result};
use crate::ids::{Creator, FileId};
use crate::permissions::Caller;
use crate::tables::tasks::{FILE_RETENTION, FileRow, Limit};
use crate::validate::{check_content_type, check_filename};

/// Files that a user may register in a day. A file lives a day, so this limits the living ones too: to twice as many at the edge of two
/// days, with one counter and no set of all files.
pub(super) const FILE_LIMIT: Limit =
    Limit { name: "files", max: 1000, things: "files a day", window: Duration::from_secs(24 * 60 * 60) };

/// A file to be uploaded, as a request declares it.
#[derive(Clone, Debug)]
pub struct NewUpload {
    /// The name, without a path.
    pub filename: String,
    /// The media type.
    pub content_type: String,
    /// The number of bytes.
    pub size: u64,
    /// The SHA-256 of the bytes, in hexadecimal digits or base64.
    pub sha256: Option<String>,
}

/// A file that is declared and not stored.
#[derive(Clone, Debug)]
pub(super) struct DeclaredFile {
    pub(super) filename: String,
    pub(super) content_type: String,
    pub(super) size: u64,
    pub(super) sha256: Option<String>,
}

impl NewUpload {
    /// Checks what is declared.
    ///
    /// # Errors
    /// [`Error::Invalid`] or [`Error::Fields`].
    pub fn check(&self) -> Result<()> {
        self.clone().declared().map(drop)
    }

    fn declared(self) -> Result<DeclaredFile> {
        let Self { filename, content_type, size, sha256 } = self;
        let mut checks = Checks::default();
        checks.pass(check_filename("filename", &filename));
        checks.pass(check_content_type("contentType", &content_type));
        if !(1..=MAX_FILE_BYTES).contains(&size) {
            let reason =
                format!("must be the number of bytes, between 1 and {MAX_FILE_BYTES} (100 MiB), for example 1024");
            checks.pass::<()>(Err(Error::invalid("size", reason)));
        }
        let sha256 = checks.pass(sha256.as_deref().map(parse_sha256).transpose());
        checks.finish(|| Some(DeclaredFile { filename, content_type, size, sha256: sha256? }))
    }
}

impl Files {
    /// Registers a file, and returns the link that uploads it.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::Fields`]; [`Error::LimitReached`].
    pub async fn register(&self, caller: &Caller, new: NewUpload) -> Result<(FileRow, Link)> {
        let declared = new.declared()?;
        self.limits.consume(&caller.budget_holder(), FILE_LIMIT, self.clock.now()).await?;
        let row = self.new_row(caller.creator(), declared);
        let terms = UploadTerms { length: row.size, content_type: &row.content_type, sha256: row.sha256.as_deref() };
        let upload = self.bucket.upload_link(&upload_key(&row.id), terms).await?;
        self.rows.insert(&caller.user, &row).await?;
        Ok((row, upload))
    }

    pub(super) fn new_row(&self, created_by: Option<Creator>, declared: DeclaredFile) -> FileRow {
        let now = self.clock.now();
        let DeclaredFile { filename, content_type, size, sha256 } = declared;
        let (id, ttl) = (FileId::new(&self.random.ulid(now)), (now + FILE_RETENTION).as_second());
        FileRow { id, filename, content_type, size, sha256, created_by, ttl }
    }
}

/// Returns a SHA-256 in base64, as S3 takes it.
fn parse_sha256(text: &str) -> Result<String> {
    let is_hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let hash: Option<Vec<u8>> = match is_hex {
        true => (0..64).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect(),
        false => STANDARD.decode(format!("{}=", text.trim_end_matches('='))).ok(),
    };
    hash.filter(|hash| hash.len() == 32).map(|hash| STANDARD.encode(hash)).ok_or_else(|| {
        Error::invalid(
            "sha256",
            "must be a SHA-256 in 64 hexadecimal digits or in base64, for example that of sha256sum",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256_is_taken_in_both_forms() {
        let base64 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        for text in [base64, base64.trim_end_matches('='), hex, &hex.to_uppercase()] {
            assert_eq!(parse_sha256(text).unwrap(), base64, "{text}");
        }
        for text in ["", "e3b0", &hex[1..], &format!("{hex}0"), &"+1".repeat(32), &"é".repeat(32), &base64[1..]] {
            assert!(parse_sha256(text).is_err(), "{text}");
        }
    }
}
