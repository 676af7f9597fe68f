//! Jobs and their runs. Stores that keep none leave this part out: see [`crate::jobs_conformance!`].

use std::sync::Arc;

use super::fixture::{Fixture, NOON, accept, finish, replies, silence, undelivered};
use crate::id::{AgentId, JobId, PersonId};
use crate::message::InboundMessage;
use crate::ports::{
    Accepted, Finish, JobLimits, Jobs, Origin, Ran, Receipt, Run, RunDelivery, Settlement, Store,
};
use crate::schedule::{Context, Job, When};
use crate::testing::group_message;
use crate::time::Timestamp;

/// What a backend that keeps jobs gives to the suite.
pub trait JobsFixture: Fixture {
    /// Opens the store as [`Fixture::open`] does, and gives it as a keeper of jobs besides.
    fn open_jobs(&mut self) -> (Arc<dyn Store>, Arc<dyn Jobs>);
}

/// Runs the part of the suite that is about jobs, as [`crate::store_conformance!`] does with the rest.
#[macro_export]
macro_rules! jobs_conformance {
    ($fixture:expr) => {
        $crate::store_conformance! { $fixture =>
            jobs_survive_a_restart_in_the_order_in_which_they_are_due
            nobody_has_more_jobs_than_the_limits_allow
            a_run_is_one_however_often_it_is_begun_and_tells_what_became_of_it
            a_delivery_that_was_given_up_keeps_the_job_and_tells_why
        }
    };
}

const MOST: JobLimits = JobLimits { each: 2, all: 3 };

fn job(id: &str, author: Option<&str>, next_at: Option<i64>) -> Job {
    Job {
        id: JobId::new(id),
        name: "晨会提醒 ⏰".to_owned(),
        agent: AgentId::new("main"),
        prompt: "写一句晨会提醒".to_owned(),
        when: When::Cron {
            expr: "0 9 * * 1-5".to_owned(),
        },
        zone: "Asia/Shanghai".to_owned(),
        context: Context::Isolated,
        destination: Origin::of(&group_message("m", "lin", "")),
        author: author.map(PersonId::new),
        once: false,
        created_at: NOON,
        next_at: next_at.map(after_noon),
    }
}

fn after_noon(milliseconds: i64) -> Timestamp {
    Timestamp(NOON.0 + milliseconds)
}

async fn ids(jobs: &Arc<dyn Jobs>) -> Vec<String> {
    let kept = jobs.jobs().await.expect("jobs works");
    kept.iter().map(|job| job.id.to_string()).collect()
}

async fn keep(jobs: &Arc<dyn Jobs>, job: Job) -> bool {
    jobs.keep(job, MOST).await.expect("keep works")
}

async fn runs(jobs: &Arc<dyn Jobs>) -> Vec<Run> {
    jobs.runs(None, 9).await.expect("runs works")
}

/// Ends the message of a run with an answer; tells when.
async fn answer(store: &Arc<dyn Store>, message: &InboundMessage) -> Timestamp {
    let unfinished = store.unfinished(crate::id::Sequence(0), 9).await;
    let unfinished = unfinished.expect("unfinished works");
    let finished = Finish {
        replies: replies(message, &["早上好"]),
        ..silence(unfinished[0].sequence, after_noon(60_000))
    };
    let at = finished.at;
    finish(store, finished).await;
    at
}

async fn settle(store: &Arc<dyn Store>, settlement: Settlement) {
    let waiting = undelivered(store).await;
    let settled = store.settle(waiting[0].id, settlement, NOON).await;
    settled.expect("settle works");
}

/// The one that is due next comes first, those that are switched off last; what is kept is kept to the letter.
pub async fn jobs_survive_a_restart_in_the_order_in_which_they_are_due(
    fixture: &mut impl JobsFixture,
) {
    let (store, jobs) = fixture.open_jobs();
    for (id, author, next) in [
        ("off", Some("lin"), None),
        ("late", None, Some(90)),
        ("soon", Some("lin"), Some(10)),
    ] {
        assert!(keep(&jobs, job(id, author, next)).await);
    }
    drop((store, jobs));
    let (_store, jobs) = fixture.open_jobs();
    assert_eq!(ids(&jobs).await, ["soon", "late", "off"]);
    let next = jobs.next_due().await.expect("next_due works");
    assert_eq!(next, Some(after_noon(10)));
    let due = jobs.due(after_noon(10), 8).await.expect("due works");
    assert_eq!(due, [job("soon", Some("lin"), Some(10))]);
    // The group's id is as the platform wrote it (A31).
    assert_eq!(due[0].destination.conversation.id.as_str(), "cidGroup+/=");
    for was_there in [true, false] {
        let forgotten = jobs.forget(JobId::new("soon")).await;
        assert_eq!(forgotten.expect("forget works"), was_there);
    }
    assert_eq!(ids(&jobs).await, ["late", "off"]);
}

/// One author, and all together; what is there already may change.
pub async fn nobody_has_more_jobs_than_the_limits_allow(fixture: &mut impl JobsFixture) {
    let (_store, jobs) = fixture.open_jobs();
    for id in ["1", "2"] {
        assert!(keep(&jobs, job(id, Some("lin"), Some(1))).await);
    }
    let third = job("3", Some("lin"), Some(1));
    assert!(!keep(&jobs, third).await, "of one person");
    let changed = job("2", Some("lin"), None);
    assert!(keep(&jobs, changed.clone()).await, "it is there");
    let kept = jobs.jobs().await.expect("jobs works");
    assert_eq!(kept.last(), Some(&changed));
    assert!(keep(&jobs, job("3", None, Some(1))).await);
    assert!(!keep(&jobs, job("4", None, Some(1))).await, "of all");
}

/// It follows its message: what became of the answer is what became of the run; and a job for once goes with its receipt.
pub async fn a_run_is_one_however_often_it_is_begun_and_tells_what_became_of_it(
    fixture: &mut impl JobsFixture,
) {
    let (store, jobs) = fixture.open_jobs();
    let once = Job {
        once: true,
        ..job("j", None, Some(10))
    };
    assert!(keep(&jobs, once.clone()).await);
    let message = once.message("10", "09:00".to_owned(), false, NOON);
    let ran = |next: Option<i64>| Ran {
        job: once.id.clone(),
        name: once.name.clone(),
        message: message.id.clone(),
        due_at: after_noon(10),
        at: NOON,
        moves: Some((after_noon(10), next.map(Timestamp))),
    };
    // A crash between the two comes to the same.
    accept(&store, message.clone()).await;
    let again = store.accept(message.clone(), NOON).await;
    assert_eq!(again.expect("accept works"), Accepted::Duplicate);
    for next in [None, Some(99)] {
        jobs.ran(ran(next)).await.expect("ran works");
    }
    let next = jobs.next_due().await.expect("next_due works");
    assert_eq!(next, None, "moved once");
    let expected = |ended, delivery| Run {
        job: once.id.clone(),
        name: once.name.clone(),
        message: message.id.clone(),
        due_at: after_noon(10),
        started_at: NOON,
        ended,
        delivery,
    };
    assert_eq!(runs(&jobs).await, [expected(None, RunDelivery::Nothing)]);
    let at = answer(&store, &message).await;
    let ended = Some(("answer".to_owned(), at));
    let pending = RunDelivery::Pending { reason: None };
    assert_eq!(runs(&jobs).await, [expected(ended.clone(), pending)]);
    let swept = jobs.sweep().await.expect("sweep works");
    assert_eq!(swept, 0, "it has not arrived");
    let receipt = Receipt {
        transport: "group_send".to_owned(),
        key: None,
    };
    settle(&store, Settlement::Delivered(receipt)).await;
    let delivered = expected(ended, RunDelivery::Delivered);
    assert_eq!(runs(&jobs).await, [delivered]);
    assert_eq!(jobs.sweep().await.expect("sweep works"), 1);
    assert_eq!(ids(&jobs).await, Vec::<String>::new());
    assert_eq!(runs(&jobs).await.len(), 1, "its run is still known");
    let of_another = jobs.runs(Some(JobId::new("x")), 9).await;
    assert_eq!(of_another.expect("runs works"), []);
    let pruned = store.prune(Timestamp(at.0 + 1)).await;
    pruned.expect("prune works");
    assert_eq!(runs(&jobs).await, []);
}

/// So that somebody can see it.
pub async fn a_delivery_that_was_given_up_keeps_the_job_and_tells_why(
    fixture: &mut impl JobsFixture,
) {
    let (store, jobs) = fixture.open_jobs();
    let once = Job {
        once: true,
        ..job("j", None, None)
    };
    assert!(keep(&jobs, once.clone()).await);
    let message = once.message("10", "09:00".to_owned(), false, NOON);
    accept(&store, message.clone()).await;
    let ran = Ran {
        job: once.id.clone(),
        name: once.name,
        message: message.id.clone(),
        due_at: NOON,
        at: NOON,
        moves: None,
    };
    jobs.ran(ran).await.expect("ran works");
    answer(&store, &message).await;
    let reason = "机器人不在群里".to_owned();
    let failed = Settlement::Failed {
        reason: reason.clone(),
    };
    settle(&store, failed).await;
    let of_it = jobs.runs(Some(once.id), 9).await.expect("runs works");
    assert_eq!(of_it[0].delivery, RunDelivery::Failed { reason });
    assert_eq!(jobs.sweep().await.expect("sweep works"), 0);
}
