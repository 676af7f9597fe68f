//! Calls of the Open API: tokens, limits, and what is known about a call that failed.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use dingtalk::api::{Content, SendByWebhook, SendToGroup, SendToPeople, SentToPeople};
use dingtalk::id::{ConversationId, CorpId, RobotCode, UserId};
use dingtalk::{CallObserver, Client, Credentials, Error, ErrorKind, SessionWebhook};
use dingtalk_emulator::{App, Emulator, Fault, World};
use futures_util::future::join_all;
use tokio::time::Instant;

use crate::support::{PERSON, client, client_of, platform, requests};

const BATCH_SEND: &str = "/v1.0/robot/oToMessages/batchSend";
const ACCESS_TOKEN: &str = "/v1.0/oauth2/accessToken";
const COLLEAGUE: &str = "manager7675";

fn text(text: &str) -> Content {
    Content::Text {
        text: text.to_owned(),
    }
}

fn robot(emulator: &Emulator) -> RobotCode {
    RobotCode::new(emulator.app().robot_code.as_str())
}

async fn send(emulator: &Emulator, client: &Client) -> Result<SentToPeople, Error> {
    let request = SendToPeople {
        robot: robot(emulator),
        people: vec![UserId::new(COLLEAGUE)],
        content: text("你好"),
    };
    client.send(request).await
}

/// How many messages of the robot the colleague sees.
fn shown(emulator: &Emulator) -> usize {
    let chat = emulator.direct(PERSON).expect("she exists");
    emulator.answers(&chat).len()
}

#[tokio::test(start_paused = true)]
async fn two_hundred_sends_at_once_are_never_refused_and_share_one_token() {
    let emulator = platform().await;
    let client = client(&emulator);
    let began = Instant::now();
    for sent in join_all((0..200).map(|_| send(&emulator, &client))).await {
        let key = sent.expect("it is taken");
        key.reached(&UserId::new(COLLEAGUE)).expect("she has it");
    }
    let counters = emulator.counters();
    assert!(counters.refused.is_empty(), "{:?}", counters.refused);
    assert!(counters.peak_per_second[BATCH_SEND] <= 20);
    assert!(
        began.elapsed() < Duration::from_secs(11),
        "no slower than it must be"
    );
    assert_eq!(requests(&emulator, ACCESS_TOKEN), 1);
    assert_eq!(shown(&emulator), 200);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_died_early_is_fetched_once_for_fifty_calls() {
    let emulator = platform().await;
    let client = client(&emulator);
    send(&emulator, &client).await.expect("it is taken");
    // Once forgotten by the platform, once expired there long before we would have renewed it.
    let deaths: [fn(&Emulator); 2] = [Emulator::invalidate_tokens, |emulator| {
        emulator.advance(Duration::from_secs(7_201));
    }];
    for (index, die) in deaths.into_iter().enumerate() {
        die(&emulator);
        for sent in join_all((0..50).map(|_| send(&emulator, &client))).await {
            sent.expect("the call is repeated with the new token");
        }
        assert_eq!(requests(&emulator, ACCESS_TOKEN), index + 2);
    }
    assert_eq!(
        shown(&emulator),
        101,
        "a call with a dead token was not executed"
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_before_it_dies_and_kept_when_that_fails() {
    let emulator = platform().await;
    let client = client(&emulator);
    send(&emulator, &client).await.expect("it is taken");
    tokio::time::sleep(Duration::from_secs(7_200 - 4 * 60)).await;
    emulator.fault(Fault::status(503).on(ACCESS_TOKEN));
    send(&emulator, &client)
        .await
        .expect("the old token is still good");
    tokio::time::sleep(Duration::from_secs(3 * 60)).await;
    send(&emulator, &client).await.expect("it is taken");
    tokio::time::sleep(Duration::from_secs(5 * 60)).await;
    send(&emulator, &client).await.expect("it is taken");
    assert_eq!(requests(&emulator, ACCESS_TOKEN), 3);
    assert!(
        !emulator
            .counters()
            .refused
            .contains_key("InvalidAuthentication")
    );
}

#[tokio::test(start_paused = true)]
async fn fifty_calls_share_the_failure_of_a_token_too() {
    let emulator = platform().await;
    let client = client(&emulator);
    emulator.fault(Fault::stall().on(ACCESS_TOKEN).always());
    let began = Instant::now();
    for sent in join_all((0..50).map(|_| send(&emulator, &client))).await {
        let error = sent.expect_err("there is no token");
        // Nothing was sent without it.
        assert_eq!(error.kind, ErrorKind::Transient);
    }
    assert_eq!(began.elapsed(), client.settings().request_timeout);
    emulator.clear_faults();
    send(&emulator, &client)
        .await
        .expect("the next call tries again");
}

#[tokio::test(start_paused = true)]
async fn the_token_of_an_organisation() {
    let emulator = platform().await;
    let plain = client(&emulator);
    let credentials = Credentials {
        corp_id: Some(CorpId::new(World::demo().corp_id)),
        ..plain.credentials().clone()
    };
    let client = Client::new(
        plain.settings().clone(),
        credentials,
        crate::support::transport(),
    );
    send(&emulator, &client).await.expect("it is taken");
    assert_eq!(requests(&emulator, ACCESS_TOKEN), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_known_about_a_call_that_failed() {
    let emulator = platform().await;
    let client = client(&emulator);
    client.check_credentials().await.expect("they are good");
    let table = [
        (Fault::lose_response(), ErrorKind::Unknown, 1),
        (Fault::cut_before(), ErrorKind::Unknown, 0),
        (Fault::stall(), ErrorKind::Unknown, 0),
        (
            Fault::late_answer(Duration::from_secs(31)),
            ErrorKind::Unknown,
            1,
        ),
        (Fault::status(500), ErrorKind::Unknown, 0),
        (Fault::status(503), limited(1), 0),
        (Fault::status(429), limited(1), 0),
        (Fault::too_fast(), limited(1), 0),
        (Fault::block_page(), limited(300), 0),
    ];
    for (fault, kind, more) in table {
        let before = shown(&emulator);
        emulator.fault(fault.clone().on(BATCH_SEND));
        let error = send(&emulator, &client).await.expect_err("it fails");
        assert_eq!(error.kind, kind, "{fault:?}: {error}");
        assert_eq!(shown(&emulator) - before, more, "{fault:?}");
    }
}

fn limited(seconds: u64) -> ErrorKind {
    ErrorKind::RateLimited {
        after: Duration::from_secs(seconds),
    }
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_is_closed_for_long_refuses_instead_of_waiting() {
    let emulator = platform().await;
    let client = client(&emulator);
    emulator.fault(Fault::block_page().on(BATCH_SEND));
    send(&emulator, &client).await.expect_err("it is blocked");
    let began = Instant::now();
    let error = send(&emulator, &client).await.expect_err("it is not sent");
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(error.kind, limited(300));
    assert_eq!(
        requests(&emulator, BATCH_SEND),
        1,
        "the second call was never made"
    );
    tokio::time::sleep(Duration::from_secs(300)).await;
    send(&emulator, &client).await.expect("it is open again");
}

#[tokio::test(start_paused = true)]
async fn a_refused_connection_is_surely_not_executed_and_names_no_secret() {
    let emulator = platform().await;
    let client = client(&emulator);
    let webhook = format!(
        "{}/robot/sendBySession?session=secret-session",
        emulator.base_url()
    );
    emulator.stop().await;
    let request = SendByWebhook {
        webhook: SessionWebhook::new(webhook),
        content: text("私密"),
        mentions: Vec::new(),
    };
    assert!(!format!("{request:?}").contains("secret-session"));
    let error = client.send(request).await.expect_err("nobody listens");
    assert_eq!(
        (error.kind.clone(), error.status),
        (ErrorKind::Transient, None)
    );
    let told = format!("{error} {error:?}");
    assert!(!told.contains("secret") && !told.contains("私密"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn refusals_say_what_an_administrator_can_do() {
    let narrow = App::new("dingnarrow", "narrow-secret", "小窄").visible_only_to(["somebody-else"]);
    let mute = App::new("dingmute", "mute-secret", "小哑").without_scope("qyapi_robot_sendmsg");
    let world = World::demo().app(narrow.clone()).app(mute.clone());
    let emulator = Emulator::builder().world(world).start().await;
    let emulator = emulator.expect("the platform starts");
    let to_colleague = |app: &App| {
        let client = client_of(&emulator.base_url(), app);
        let request = SendToPeople {
            robot: RobotCode::new(app.robot_code.as_str()),
            people: vec![UserId::new(COLLEAGUE)],
            content: text("你好"),
        };
        async move { client.send(request).await }
    };
    let unreached = match to_colleague(&narrow).await {
        Ok(sent) => sent.reached(&UserId::new(COLLEAGUE)).map(drop),
        Err(error) => Err(error),
    };
    let unreached = unreached.expect_err("she lies outside the visible range");
    assert_eq!(unreached.kind, ErrorKind::NotFound, "{unreached}");

    let refused = to_colleague(&mute)
        .await
        .expect_err("a permission is missing");
    let scopes = vec!["qyapi_robot_sendmsg".to_owned()];
    assert_eq!(refused.kind, ErrorKind::Permission { scopes });

    let group = SendToGroup {
        robot: RobotCode::new(narrow.robot_code.as_str()),
        group: ConversationId::new(emulator.group("项目讨论群").expect("it exists").as_str()),
        content: text("你好"),
    };
    let client = client_of(&emulator.base_url(), &narrow);
    let stranger = client
        .send(group)
        .await
        .expect_err("the robot is not in the group");
    assert_eq!(stranger.kind, ErrorKind::NotFound, "{stranger}");
}

/// Writes down what was called, and whether it worked.
#[derive(Default)]
struct Calls(Mutex<Vec<(&'static str, bool)>>);

impl CallObserver for Calls {
    fn called(&self, api: &'static str, result: Result<(), &Error>) {
        let mut calls = self.0.lock().expect("nobody panics");
        calls.push((api, result.is_ok()));
    }
}

#[tokio::test(start_paused = true)]
async fn every_call_is_heard_of_and_none_that_was_not_made() {
    let emulator = platform().await;
    let plain = client(&emulator);
    let calls = Arc::new(Calls::default());
    let client = Client::observed(
        plain.settings().clone(),
        plain.credentials().clone(),
        crate::support::transport(),
        Arc::clone(&calls) as Arc<dyn CallObserver>,
    );
    send(&emulator, &client).await.expect("it is taken");
    emulator.fault(Fault::block_page().on(BATCH_SEND));
    for _ in 0..3 {
        send(&emulator, &client).await.expect_err("it is blocked");
    }
    let expected = [
        ("oauth2/accessToken", true),
        ("v1.0/robot/oToMessages/batchSend", true),
        ("v1.0/robot/oToMessages/batchSend", false),
    ];
    assert_eq!(*calls.0.lock().expect("nobody panics"), expected);
}
