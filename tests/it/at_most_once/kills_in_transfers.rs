//! Processes killed at every call of a mail with a file of 25 MB, and after every megabyte of it.

use super::crashed_processes::LEASE_EXPIRY_SECONDS;
use super::schedule;
use crate::support::builders::{Intent, intent};
use crate::support::responses::TaskStatus;
use crate::support::{EffectKind, TestApp};
use bytes::Bytes;
use engine::http::{Body, Http, Request};
use futures::StreamExt as _;
use sandbox::Fault;
use serde_json::json;
use std::future::pending;
use std::sync::{Arc, LazyLock, Mutex};

const MB: usize = 1_000_000;
const FILE_BYTES: usize = 25 * MB;
const SEND: &str = "/gmail/v1/users/me/drafts/send";

/// The point at which the process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Point {
    /// Before the call of this number.
    Before(usize),
    /// After the response to the call of this number arrived.
    After(usize),
    /// When so many bytes of a body were read for the provider.
    Sent(usize),
}

/// A client whose calls never go on at one point.
#[derive(Clone, Debug, Default)]
struct Killer(Arc<Mutex<Progress>>);

#[derive(Debug, Default)]
struct Progress {
    point: Option<Point>,
    calls: usize,
    /// Bytes of streamed bodies to the provider.
    sent: usize,
    is_dead: bool,
}

impl Killer {
    fn http(&self) -> Http {
        let (killer, client) = (self.clone(), Http::client());
        Http::new(move |request| {
            let (killer, client) = (killer.clone(), client.clone());
            Box::pin(async move {
                let number = killer.count_call();
                killer.pass(Point::Before(number)).await;
                let response = client.send(killer.watch(request)).await;
                killer.pass(Point::After(number)).await;
                response
            })
        })
    }

    /// Starts anew, with the process dying at a point.
    fn set(&self, point: Option<Point>) {
        *self.lock() = Progress { point, ..Progress::default() };
    }

    fn has_killed(&self) -> bool {
        self.lock().is_dead
    }

    fn count_call(&self) -> usize {
        let mut progress = self.lock();
        progress.calls += 1;
        progress.calls
    }

    async fn pass(&self, point: Point) {
        if self.reach(|planned| planned == point) {
            pending::<()>().await;
        }
    }

    /// True once the planned point is reached: nothing goes on then.
    fn reach(&self, is_reached: impl Fn(Point) -> bool) -> bool {
        let mut progress = self.lock();
        progress.is_dead |= progress.point.is_some_and(is_reached);
        progress.is_dead
    }

    /// Counts the bytes of a body that is streamed to a provider.
    fn watch(&self, request: Request) -> Request {
        if !request.body().is_stream() || request.uri().path().starts_with("/s3/") {
            return request;
        }
        let killer = self.clone();
        request.map(|body| {
            let length = body.length();
            let watched = body.into_stream().then(move |chunk| {
                let killer = killer.clone();
                async move {
                    let sent = killer.count_sent(chunk.as_ref().map_or(0, Bytes::len));
                    if killer.reach(|planned| matches!(planned, Point::Sent(bytes) if bytes <= sent)) {
                        pending::<()>().await;
                    }
                    chunk
                }
            });
            Body::stream(length, watched.boxed())
        })
    }

    fn count_sent(&self, bytes: usize) -> usize {
        let mut progress = self.lock();
        progress.sent += bytes;
        progress.sent
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Progress> {
        self.0.lock().unwrap()
    }
}

async fn app_with_file(killer: &Killer) -> (TestApp, Intent) {
    let app = TestApp::start_with_client(&[], killer.http()).await;
    app.connect("u1", "gmail").await;
    let file = app.upload("u1", "scan.pdf", "application/pdf", CONTENT.as_slice()).await;
    let context = json!({ "to": "kim@example.com", "subject": "The scan", "body": "Attached.", "attachments": [{ "file": file }] });
    (app, intent("gmail", "send_email").context(context))
}

/// The content of the file: each place of it differs from its neighbours.
static CONTENT: LazyLock<Vec<u8>> = LazyLock::new(|| (0..FILE_BYTES).map(|at| (at * 31 % 251) as u8).collect());

/// Returns what is wrong with a mail that was to be sent once, with its file.
async fn fault_of(app: &TestApp) -> Option<String> {
    let sent = app.effects(EffectKind::MessageSent);
    if sent.len() != 1 {
        return Some(format!("{} mails were sent", sent.len()));
    }
    let files = files_of(app, &sent.only().id).await;
    let lengths = || files.iter().map(Bytes::len).collect::<Vec<_>>();
    (files != [Bytes::from_static(&CONTENT)]).then(|| format!("the mail has other files: {:?}", lengths()))
}

/// Returns the content of the files of a mail, as Gmail has them.
async fn files_of(app: &TestApp, mail: &str) -> Vec<Bytes> {
    let read = intent("gmail", "get_email").context(json!({ "messageId": mail }));
    let read = app.submit("u1", read).await.succeeded().data().clone();
    let mut files = vec![];
    for attached in read["attachments"].as_array().into_iter().flatten() {
        let context = json!({ "messageId": mail, "attachmentId": attached["id"] });
        let file = app.submit("u1", intent("gmail", "get_attachment").context(context)).await.succeeded();
        let key = format!("in/{}", file.data()["file"].as_str().unwrap());
        files.extend(app.sandbox.sandbox.object(&key));
    }
    files
}

/// Schedules the mail, kills its process at a point, and lets further runs end it.
async fn kill_at(point: Point) {
    let killer = Killer::default();
    let (app, mail) = app_with_file(&killer).await;
    let id = schedule(&app, mail).await;
    app.advance(11);
    killer.set(Some(point));
    app.run_until_killed(app.run_processor(), || killer.has_killed()).await;
    killer.set(None);
    end(&app, &id).await;
    assert_eq!(fault_of(&app).await, None, "{point:?}");
}

/// Runs the processor until the mail's task has ended, and asserts that nothing of it stays.
async fn end(app: &TestApp, id: &str) {
    for _ in 0..3 {
        app.run_processor_after(LEASE_EXPIRY_SECONDS).await;
    }
    app.task(id).await.assert_status(TaskStatus::Completed);
    // A process that dies before it deletes the copy of the file leaves it to the sweep.
    app.advance(3600);
    app.sweep().await;
    let ended = app.effects(EffectKind::MessageSent).len() + app.effects(EffectKind::DraftDeleted).len();
    app.effects(EffectKind::DraftCreated).assert_count(ended);
    assert_eq!(app.sandbox.sandbox.object_keys("held/"), Vec::<String>::new());
}

/// Returns the calls of the mail, and the bytes that they stream to Gmail.
async fn undisturbed() -> (usize, usize) {
    let killer = Killer::default();
    let (app, mail) = app_with_file(&killer).await;
    let id = schedule(&app, mail).await;
    killer.set(None);
    app.run_processor_after(11).await;
    let Progress { calls, sent, .. } = *killer.lock();
    app.task(&id).await.assert_completed().attempts(1);
    assert_eq!(fault_of(&app).await, None);
    (calls, sent)
}

#[tokio::test]
async fn a_kill_at_any_call_of_a_large_mail_neither_doubles_nor_loses_it() {
    let (calls, _) = undisturbed().await;
    assert!(calls >= 3, "the bucket, the draft, the send: {calls}");
    for number in 1..=calls {
        kill_at(Point::Before(number)).await;
        kill_at(Point::After(number)).await;
    }
}

/// Kills after each megabyte of which the number leaves a rest by 3.
async fn kill_after_megabytes(rest: usize) {
    let (_, sent) = undisturbed().await;
    assert!(sent > FILE_BYTES, "{sent}");
    for megabyte in (1..=sent / MB).filter(|megabyte| megabyte % 3 == rest) {
        kill_at(Point::Sent(megabyte * MB)).await;
    }
}

#[tokio::test]
async fn a_kill_after_the_first_megabyte_and_each_third_one_neither_doubles_nor_loses_a_mail() {
    kill_after_megabytes(1).await;
}

#[tokio::test]
async fn a_kill_after_the_second_megabyte_and_each_third_one_neither_doubles_nor_loses_a_mail() {
    kill_after_megabytes(2).await;
}

#[tokio::test]
async fn a_kill_after_each_third_megabyte_neither_doubles_nor_loses_a_mail() {
    kill_after_megabytes(0).await;
}

#[tokio::test]
async fn a_lost_answer_at_the_end_of_a_large_transfer_neither_doubles_nor_loses_a_mail() {
    for path in ["/upload/gmail/v1/users/me/drafts", SEND] {
        let (app, mail) = app_with_file(&Killer::default()).await;
        app.fault(Fault::apply_then_drop("gmail").at_path(path));
        let id = schedule(&app, mail).await;
        app.run_processor_after(11).await;
        assert!(app.faults_occurred(), "{path}");
        end(&app, &id).await;
        assert_eq!(fault_of(&app).await, None, "{path}");
    }
}

#[tokio::test]
async fn the_check_finds_a_doubled_and_a_changed_mail() {
    let (app, mail) = app_with_file(&Killer::default()).await;
    assert_eq!(fault_of(&app).await.as_deref(), Some("0 mails were sent"));
    let mut other = mail.clone();
    other = other.with("attachments", json!([{ "filename": "a.txt", "text": "another file" }]));
    app.submit("u1", other).await.succeeded();
    assert!(fault_of(&app).await.is_some_and(|fault| fault.contains("other files")));
    schedule(&app, mail).await;
    app.run_processor_after(11).await;
    assert_eq!(fault_of(&app).await.as_deref(), Some("2 mails were sent"));
}
