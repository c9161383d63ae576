//! `/api/plugin-engine/files`: registers an upload, lists, reads and deletes files.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(files::route).await
}
