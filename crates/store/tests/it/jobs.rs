//! Jobs and their runs.

use chela_engine::id::{AgentId, JobId, OutboxId, PersonId, Sequence};
use chela_engine::ports::{
    Accepted, JobLimits, Jobs, Origin, Ran, Receipt, Run, RunDelivery, Settlement, Store,
};
use chela_engine::schedule::{Context, Job, When};
use chela_engine::testing::group_message;
use chela_engine::time::Timestamp;
use chela_store::SqliteStore;

use crate::support::{Folder, NOON, silence};

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
        next_at: next_at.map(|after| Timestamp(NOON.0 + after)),
    }
}

async fn ids(store: &SqliteStore) -> Vec<String> {
    let jobs = store.jobs().await.expect("it works");
    jobs.iter().map(|job| job.id.to_string()).collect()
}

#[tokio::test]
async fn jobs_survive_a_restart_in_the_order_in_which_they_are_due() {
    let folder = Folder::new();
    let store = SqliteStore::open(&folder.database()).unwrap();
    for (id, author, next) in [
        ("off", Some("lin"), None),
        ("late", None, Some(90)),
        ("soon", Some("lin"), Some(10)),
    ] {
        assert!(store.keep(job(id, author, next), MOST).await.unwrap());
    }
    store.close();
    let store = SqliteStore::open(&folder.database()).unwrap();
    assert_eq!(ids(&store).await, ["soon", "late", "off"]);
    assert_eq!(
        store.next_due().await.unwrap(),
        Some(Timestamp(NOON.0 + 10))
    );
    let due = store.due(Timestamp(NOON.0 + 10), 8).await.unwrap();
    assert_eq!(due, [job("soon", Some("lin"), Some(10))]);
    // The group's id is as the platform wrote it (A31).
    assert_eq!(due[0].destination.conversation.id.as_str(), "cidGroup+/=");
    assert!(store.forget(JobId::new("soon")).await.unwrap());
    assert!(!store.forget(JobId::new("soon")).await.unwrap());
    assert_eq!(ids(&store).await, ["late", "off"]);
}

#[tokio::test]
async fn nobody_has_more_jobs_than_the_limits_allow() {
    let folder = Folder::new();
    let store = SqliteStore::open(&folder.database()).unwrap();
    for id in ["1", "2"] {
        assert!(
            store
                .keep(job(id, Some("lin"), Some(1)), MOST)
                .await
                .unwrap()
        );
    }
    let third = job("3", Some("lin"), Some(1));
    assert!(!store.keep(third, MOST).await.unwrap(), "of one person");
    let changed = job("2", Some("lin"), None);
    assert!(
        store.keep(changed.clone(), MOST).await.unwrap(),
        "it is there"
    );
    assert_eq!(store.jobs().await.unwrap().last(), Some(&changed));
    assert!(store.keep(job("3", None, Some(1)), MOST).await.unwrap());
    assert!(
        !store.keep(job("4", None, Some(1)), MOST).await.unwrap(),
        "of all"
    );
}

#[tokio::test]
async fn a_run_is_one_however_often_it_is_begun_and_tells_what_became_of_it() {
    let folder = Folder::new();
    let store = SqliteStore::open(&folder.database()).unwrap();
    let mut once = job("j", None, Some(10));
    once.once = true;
    store.keep(once.clone(), MOST).await.unwrap();
    let message = once.message("10", "09:00".to_owned(), false, NOON);
    let ran = |next: Option<i64>| Ran {
        job: once.id.clone(),
        name: once.name.clone(),
        message: message.id.clone(),
        due_at: Timestamp(NOON.0 + 10),
        at: NOON,
        moves: Some((Timestamp(NOON.0 + 10), next.map(Timestamp))),
    };
    // A crash between the two comes to the same.
    for accepted in [Accepted::New(Sequence(1)), Accepted::Duplicate] {
        assert_eq!(store.accept(message.clone(), NOON).await.unwrap(), accepted);
    }
    store.ran(ran(None)).await.unwrap();
    store.ran(ran(Some(99))).await.unwrap();
    assert_eq!(store.next_due().await.unwrap(), None, "moved once");
    let expected = |ended, delivery| Run {
        job: once.id.clone(),
        name: once.name.clone(),
        message: message.id.clone(),
        due_at: Timestamp(NOON.0 + 10),
        started_at: NOON,
        ended,
        delivery,
    };
    let runs = async |store: &SqliteStore| store.runs(None, 9).await.unwrap();
    assert_eq!(runs(&store).await, [expected(None, RunDelivery::Nothing)]);
    let mut finish = silence(Sequence(1));
    finish.outcome = "answer";
    finish.replies = vec![crate::courier::to_zhou("早上好")];
    let at = finish.at;
    store.finish(finish).await.unwrap();
    let ended = Some(("answer".to_owned(), at));
    let pending = RunDelivery::Pending { reason: None };
    assert_eq!(runs(&store).await, [expected(ended.clone(), pending)]);
    assert_eq!(store.sweep().await.unwrap(), 0, "it has not arrived");
    let delivered = Settlement::Delivered(Receipt {
        transport: "group_send".to_owned(),
        key: None,
    });
    store.settle(OutboxId(1), delivered, NOON).await.unwrap();
    assert_eq!(
        runs(&store).await,
        [expected(ended, RunDelivery::Delivered)]
    );
    assert_eq!(store.sweep().await.unwrap(), 1);
    assert_eq!(ids(&store).await, Vec::<String>::new());
    assert_eq!(runs(&store).await.len(), 1, "its run is still known");
    assert_eq!(store.runs(Some(JobId::new("x")), 9).await.unwrap(), []);
    store.prune(Timestamp(at.0 + 1)).await.unwrap();
    assert_eq!(runs(&store).await, []);
}

#[tokio::test]
async fn a_delivery_that_was_given_up_keeps_the_job_and_tells_why() {
    let folder = Folder::new();
    let store = SqliteStore::open(&folder.database()).unwrap();
    let mut once = job("j", None, None);
    once.once = true;
    store.keep(once.clone(), MOST).await.unwrap();
    let message = once.message("10", "09:00".to_owned(), false, NOON);
    store.accept(message.clone(), NOON).await.unwrap();
    let ran = Ran {
        job: once.id.clone(),
        name: once.name,
        message: message.id,
        due_at: NOON,
        at: NOON,
        moves: None,
    };
    store.ran(ran).await.unwrap();
    let mut finish = silence(Sequence(1));
    finish.outcome = "answer";
    finish.replies = vec![crate::courier::to_zhou("早上好")];
    store.finish(finish).await.unwrap();
    let reason = "机器人不在群里".to_owned();
    let failed = Settlement::Failed {
        reason: reason.clone(),
    };
    store.settle(OutboxId(1), failed, NOON).await.unwrap();
    let runs = store.runs(Some(once.id), 9).await.unwrap();
    assert_eq!(runs[0].delivery, RunDelivery::Failed { reason });
    assert_eq!(store.sweep().await.unwrap(), 0);
}
