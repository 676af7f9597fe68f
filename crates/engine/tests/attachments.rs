//! Pictures, files and voice on their way to an agent, quotes, bursts, and the files that answers name.

#![allow(clippy::unwrap_used, reason = "locks of tests are not poisoned")]

mod support;

use std::path::Path;
use std::time::Duration;

use chela_engine::attachment::{Attachment, AttachmentKind, AttachmentSource};
use chela_engine::id::{ConversationId, MessageId, PersonId};
use chela_engine::message::{InboundMessage, Part};
use chela_engine::ports::FetchError;
use chela_engine::quote::{Author, Quote};
use chela_engine::router::{AccountRules, AllowList, ContextVisibility};
use chela_engine::settings::Settings;
use chela_engine::testing::{direct_message, group_message};
use support::{World, settle};
use tokio::time::Instant;

fn file(name: &str, source: &str) -> Part {
    Part::Attachment(Attachment {
        kind: AttachmentKind::File,
        name: Some(name.to_owned()),
        size: None,
        duration_ms: None,
        transcript: None,
        source: AttachmentSource::new(source),
    })
}

fn picture(source: &str) -> Part {
    Part::Attachment(Attachment {
        kind: AttachmentKind::Picture,
        source: AttachmentSource::new(source),
        ..chela_engine::testing::picture()
    })
}

fn with(mut message: InboundMessage, parts: impl IntoIterator<Item = Part>) -> InboundMessage {
    message.parts.extend(parts);
    message
}

/// In a group nothing is gathered, so each message is a turn of its own.
fn asked(id: &str, question: &str) -> InboundMessage {
    group_message(id, "lin", question)
}

impl World {
    fn briefing(&self, number: usize) -> String {
        self.agent.briefings.lock().unwrap()[number].clone()
    }
}

#[tokio::test(start_paused = true)]
async fn an_agent_reads_what_came_with_the_question() {
    let world = World::new();
    world.screen.hold("one", Ok("季度数据：42".as_bytes()));
    world.screen.hold("two", Ok(b"\x89PNG\r\n\x1a\nrest"));
    let message = with(
        asked("m1", "总结"),
        [file("报告.txt", "one"), picture("two")],
    );
    world.say(message).await;
    world.screen.count(1).await;
    let briefing = world.briefing(0);
    assert!(briefing.contains("name=\"报告.txt\""), "{briefing}");
    assert!(briefing.contains("季度数据：42"), "{briefing}");
    assert!(briefing.contains("type=\"image/png\""), "{briefing}");
    assert!(briefing.ends_with("lin: 总结"), "{briefing}");
    // The next question finds it in the history.
    world.say(asked("m2", "history")).await;
    let texts = world.screen.count(2).await;
    assert!(texts[1].contains("季度数据：42"), "{texts:?}");
}

#[tokio::test(start_paused = true)]
async fn files_of_the_history_are_known_after_a_restart() {
    let mut world = World::new();
    world.screen.hold("one", Ok("季度数据：42".as_bytes()));
    let message = with(asked("m1", "总结"), [file("报告 🦀.txt", "one")]);
    world.say(message).await;
    world.screen.count(1).await;
    world.kill().await;
    world.start();
    world.say(asked("m2", "files")).await;
    let told = world.screen.count(2).await.remove(1);
    let path = told.strip_prefix("[报告 🦀.txt ");
    let path = path.and_then(|rest| rest.strip_suffix(']'));
    assert!(world.media.holds(Path::new(path.expect(&told))), "{told}");
    world.say(asked("m3", "/new")).await;
    world.say(asked("m4", "files")).await;
    assert_eq!(world.screen.count(4).await[3], "[]");
}

#[tokio::test(start_paused = true)]
async fn a18_a_download_that_hangs_costs_fifteen_seconds_and_a_line() {
    let world = World::new();
    let began = Instant::now();
    world
        .say(with(asked("m1", "看看"), [file("a", "never")]))
        .await;
    world.screen.count(1).await;
    assert_eq!(began.elapsed().as_secs(), 15);
    assert!(
        world.briefing(0).contains("<NotInTime"),
        "{}",
        world.briefing(0)
    );
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_had_is_said_and_the_turn_goes_on() {
    let settings = Settings::default();
    let limit = settings.intake.bytes;
    let world = World::with(AccountRules::default(), settings);
    let gone = FetchError::Gone {
        reason: "下载码有误或者已经过期".to_owned(),
    };
    world.screen.hold("gone", Err(gone));
    let long = vec![b'a'; usize::try_from(limit).unwrap() + 1];
    world.screen.hold("long", Ok(&long));
    let parts = [file("a", "gone"), file("b", "long")];
    world.say(with(asked("m1", "看看"), parts)).await;
    world.screen.count(1).await;
    let briefing = world.briefing(0);
    assert!(briefing.contains("<NotFetched { error: Gone"), "{briefing}");
    assert!(briefing.contains("<TooLarge"), "{briefing}");
}

#[tokio::test(start_paused = true)]
async fn stop_does_not_wait_for_a_download() {
    let world = World::new();
    world
        .say(with(asked("m1", "看看"), [file("a", "never")]))
        .await;
    settle().await;
    let began = Instant::now();
    world.say(asked("m2", "停止")).await;
    let texts = world.screen.count(1).await;
    assert!(texts[0].contains("StoppedEmpty"), "{texts:?}");
    assert!(began.elapsed() < Duration::from_secs(2));
    assert!(world.agent.runs.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn b11_five_messages_within_three_seconds_are_one_question() {
    let mut settings = Settings::default();
    settings.queue.gather_text = Duration::from_millis(1_500);
    let mut world = World::with(AccountRules::default(), settings);
    for source in ["one", "two", "three"] {
        world.screen.hold(source, Ok(source.as_bytes()));
    }
    let sent = [
        direct_message("m1", "lin", "帮我看看"),
        with(direct_message("m2", "lin", ""), [picture("one")]),
        with(direct_message("m3", "lin", ""), [picture("two")]),
        with(direct_message("m4", "lin", ""), [file("报告.txt", "three")]),
        direct_message("m5", "lin", "哪张好？"),
    ];
    for message in sent {
        world.say(message).await;
        tokio::time::sleep(Duration::from_millis(600)).await;
    }
    let texts = world.screen.count(1).await;
    assert!(texts[0].contains("帮我看看"), "{texts:?}");
    let briefing = world.briefing(0);
    assert!(briefing.contains("number=\"3\""), "{briefing}");
    assert!(briefing.contains("哪张好？"), "{briefing}");
    // All five have ended: nothing is answered again after a restart.
    world.kill().await;
    world.start();
    tokio::time::sleep(Duration::from_secs(60)).await;
    world.screen.count(1).await;
}

#[tokio::test(start_paused = true)]
async fn a_burst_is_the_same_burst_after_a_crash_and_stop_is_obeyed_within_it() {
    let mut world = World::new();
    world.screen.hold("one", Ok(b"1"));
    world
        .say(with(direct_message("m1", "lin", ""), [file("a", "one")]))
        .await;
    world.say(direct_message("m2", "lin", "这是什么")).await;
    settle().await;
    world.kill().await;
    tokio::time::sleep(Duration::from_secs(30)).await;
    world.start();
    world.screen.count(1).await;
    assert_eq!(world.agent.runs.lock().unwrap().len(), 1);
    assert!(world.briefing(0).ends_with("这是什么"));

    world
        .say(with(direct_message("m3", "lin", ""), [file("a", "one")]))
        .await;
    world.say(direct_message("m4", "lin", "停止")).await;
    let texts = world.screen.count(2).await;
    assert!(
        texts[1].contains("StoppedEmpty { dropped: 1 }"),
        "{texts:?}"
    );
    tokio::time::sleep(Duration::from_secs(60)).await;
    world.screen.count(2).await;
}

#[tokio::test(start_paused = true)]
async fn what_was_not_finished_does_not_reach_the_next_session() {
    let world = World::new();
    world.screen.hold("one", Ok(b"1"));
    let unsaid = with(direct_message("m1", "lin", ""), [file("a", "one")]);
    world.say(unsaid).await;
    world.say(direct_message("m2", "lin", "/new")).await;
    let texts = world.screen.count(1).await;
    assert!(texts[0].contains("NewSession"), "{texts:?}");
    tokio::time::sleep(Duration::from_secs(60)).await;
    world.screen.count(1).await;
    assert!(world.agent.runs.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn trouble_that_passes_does_not_cost_an_attachment() {
    let world = World::new();
    let busy = FetchError::Unreachable {
        reason: "HTTP 503".to_owned(),
    };
    world.screen.hold("one", Err(busy));
    world
        .say(with(asked("m1", "看看"), [file("a", "one")]))
        .await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    world.screen.hold("one", Ok(b"content"));
    world.screen.count(1).await;
    let briefing = world.briefing(0);
    assert!(briefing.contains("content"), "{briefing}");
}

fn quoting(id: &str, question: &str, quote: Quote) -> InboundMessage {
    InboundMessage {
        quote: Some(quote),
        ..asked(id, question)
    }
}

fn quote_of(id: &str) -> Quote {
    Quote {
        message: Some(MessageId::new(id)),
        receipt_key: None,
        author: Author::Person {
            id: None,
            name: None,
        },
        written_at: None,
        parts: Vec::new(),
    }
}

#[tokio::test(start_paused = true)]
async fn a20_three_hops_of_quotes_without_loops() {
    let world = World::new();
    world.say(asked("m1", &"最早的话。".repeat(500))).await;
    world.say(quoting("m2", "第二句", quote_of("m1"))).await;
    world.say(quoting("m3", "第三句", quote_of("m2"))).await;
    world.say(quoting("m4", "第四句", quote_of("m3"))).await;
    world.say(quoting("m5", "第五句", quote_of("m4"))).await;
    world.say(quoting("m6", "引用自己", quote_of("m6"))).await;
    world.screen.count(6).await;
    let four = world.briefing(3);
    assert_eq!(four.matches("<quoted").count(), 3, "{four}");
    assert!(four.contains("<QuoteCut>"), "{four}");
    assert!(four.chars().count() < 2_000, "{four}");
    let order = ["最早的话", "第二句", "第三句", "第四句"].map(|text| four.find(text));
    assert!(order.is_sorted() && order[0].is_some(), "{order:?}");
    assert_eq!(world.briefing(4).matches("<quoted").count(), 3);
    assert!(!world.briefing(4).contains("最早的话"));
    assert_eq!(world.briefing(5).matches("<quoted").count(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_bots_own_answer_is_found_by_its_time_in_this_chat_only() {
    let world = World::new();
    world.say(asked("m1", "问题一")).await;
    world.screen.count(1).await;
    let answered_at = chela_engine::time::Timestamp(1_790_000_000_000);
    let own = Quote {
        message: None,
        author: Author::Bot,
        written_at: Some(answered_at.after(Duration::from_secs(1))),
        ..quote_of("unknown")
    };
    world.say(quoting("m2", "展开讲讲", own.clone())).await;
    world.screen.count(2).await;
    assert!(
        world.briefing(1).contains("author=\"you\""),
        "{}",
        world.briefing(1)
    );
    assert!(
        world.briefing(1).contains("re: 问题一"),
        "{}",
        world.briefing(1)
    );
    let mut elsewhere = quoting("m3", "展开讲讲", own);
    elsewhere.conversation.id = ConversationId::new("cidOther");
    world.say(elsewhere).await;
    world.screen.count(3).await;
    assert!(
        world.briefing(2).contains("<QuoteUnknown>"),
        "{}",
        world.briefing(2)
    );
}

#[tokio::test(start_paused = true)]
async fn a22_who_may_not_ask_here_is_not_quoted_here() {
    let account = AccountRules {
        context_visibility: ContextVisibility::Allowlist,
        group_allow_from: Some(AllowList {
            everybody: false,
            people: [PersonId::new("lin")].into(),
        }),
        ..AccountRules::default()
    };
    let world = World::with(account, Settings::default());
    let secret = Quote {
        parts: vec![Part::Text {
            text: "机密".to_owned(),
        }],
        ..quote_of("m0")
    };
    world.say(quoting("m1", "解释", secret)).await;
    world.screen.count(1).await;
    let briefing = world.briefing(0);
    assert!(briefing.contains("<QuoteWithheld>"), "{briefing}");
    assert!(!briefing.contains("机密"), "{briefing}");
}

#[tokio::test(start_paused = true)]
async fn files_of_an_answer_are_sent_beside_it_or_refused_aloud() {
    let world = World::new();
    world.media.allow("/srv/out/图.png", b"\x89PNG\r\n\x1a\n");
    let answer = "好了\nMEDIA:/srv/out/图.png\nMEDIA:/etc/passwd";
    world.say(asked("m1", answer)).await;
    let texts = world.screen.count(2).await;
    assert!(
        texts[0].contains("好了") && texts[0].contains("<NotSent"),
        "{texts:?}"
    );
    assert!(!texts[0].contains("/etc/passwd"), "{texts:?}");
    assert_eq!(texts[1], "图.png");
    let attachment = world.screen.attachments().remove(0);
    assert_eq!(
        world.media.bytes(&attachment.file).as_deref(),
        Some(b"\x89PNG\r\n\x1a\n".as_slice())
    );
}
