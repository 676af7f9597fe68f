//! The examination that an owner asks for in a chat: the checks that ask DingTalk and models, for one bot, in a few lines.

use std::sync::Arc;
use std::time::Duration;

use chela_engine::id::AccountId;
use chela_engine::ports::Examiner;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::examination::Examination;
use super::finding::{Finding, Outcome};
use super::registry::{Entry, Kind, REGISTRY};
use crate::catalogue::diagnosis::{self, Check};
use crate::cli::entry::{Context, Threads, runtime};

/// How long the whole may take; somebody waits for it.
const PATIENCE: Duration = Duration::from_secs(45);
/// Findings that are told in full.
const TOLD: usize = 8;

/// Examines bots for their owners, one at a time.
pub(in crate::cli) struct Surgery {
    context: Arc<Mutex<Context>>,
}

impl Surgery {
    pub(in crate::cli) fn new(context: &Context) -> Self {
        Self {
            context: Arc::new(Mutex::new(context.copied())),
        }
    }
}

impl Examiner for Surgery {
    fn examine(&self, account: AccountId) -> BoxFuture<'static, String> {
        let context = Arc::clone(&self.context);
        async move {
            let context = context.lock_owned().await;
            let language = context.language;
            let stop = CancellationToken::new();
            let stopped = stop.clone();
            // Ends the thread with the future.
            let _guard = stop.drop_guard();
            let examined = tokio::task::spawn_blocking(move || {
                let runtime = runtime(Threads::One).ok()?;
                let examined = examined(&context, &account);
                runtime.block_on(stopped.run_until_cancelled(examined))
            });
            let report = examined.await.ok().flatten();
            report.unwrap_or_else(|| diagnosis::NOT_EXAMINED.get(language).to_owned())
        }
        .boxed()
    }
}

async fn examined(context: &Context, account: &AccountId) -> String {
    let mut examination = Examination::new(context);
    if let Some(config) = &mut examination.config {
        config.accounts.retain(|bot| bot.id == *account);
    }
    let ends_at = Instant::now() + PATIENCE;
    let mut findings = Vec::new();
    let mut is_whole = true;
    for entry in REGISTRY.iter().filter(|entry| is_live(entry)) {
        match timeout_at(ends_at, (entry.run)(&examination)).await {
            Ok(found) => findings.extend(found),
            Err(_) => {
                is_whole = false;
                break;
            }
        }
    }
    told(context, &findings, is_whole)
}

/// What can change while the gateway runs. Servers of tools are not started for it once more.
fn is_live(entry: &Entry) -> bool {
    let is_more = matches!(
        entry.check,
        Check::Configuration | Check::Disk | Check::Cards | Check::SecondConsumer
    );
    is_more || entry.kind == Kind::Online && entry.check != Check::ToolServers
}

fn told(context: &Context, findings: &[Finding], is_whole: bool) -> String {
    let language = context.language;
    let count =
        |is: fn(&Outcome) -> bool| findings.iter().filter(|found| is(&found.outcome)).count();
    let bad = count(|outcome| matches!(outcome, Outcome::Bad(_)));
    let doubtful = count(|outcome| matches!(outcome, Outcome::Doubtful(_)));
    let good = count(|outcome| matches!(outcome, Outcome::Good(_)));
    let words = diagnosis::examined(good, bad, doubtful);
    let mut lines = vec![words.get(language).to_owned()];
    let mut troubles: Vec<&Finding> = findings.iter().filter(|found| found.is_trouble()).collect();
    // What is broken comes before what is doubtful.
    troubles.sort_by_key(|found| !matches!(found.outcome, Outcome::Bad(_)));
    let more = troubles.len().saturating_sub(TOLD);
    lines.extend(troubles.iter().take(TOLD).map(|found| found.line(language)));
    if more > 0 {
        lines.push(diagnosis::more(more).get(language).to_owned());
    }
    if !is_whole {
        lines.push(diagnosis::NOT_WHOLE.get(language).to_owned());
    }
    lines.join("\n")
}
