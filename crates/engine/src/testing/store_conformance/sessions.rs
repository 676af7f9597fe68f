//! Sessions from outside of a turn, and messages that are shared out.

use super::fixture::{
    Fixture, NOON, accept, begin, bodies, exchange, finish, minute, open, replies, silence,
    undelivered, unfinished_ids,
};
use crate::conversation::QueueMode;
use crate::id::{AccountId, AgentId, ChannelId, ConversationId, PersonId, SessionKey};
use crate::message::InboundMessage;
use crate::ports::{Accepted, Chat, Finish, Spent, Summary, Thinking, Usage};
use crate::preferences::Preferences;
use crate::testing::{direct_message, group_message};

/// The last word counts, and nothing is left of what is as configured.
pub async fn what_is_set_is_remembered(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let key = SessionKey::new("agent:main:dingtalk:direct:lin");
    let chosen = Preferences {
        model: Some("qwen/通义".to_owned()),
        thinking: Some(Thinking::ExtraHigh),
        verbose: Some(false),
        reasoning: Some(true),
        queue: Some(QueueMode::Steer),
    };
    let chat = |id: &str| Chat {
        channel: ChannelId::new("dingtalk"),
        account: AccountId::new("default"),
        conversation: ConversationId::new(id),
    };
    let other = SessionKey::new("other");
    for (key, preferences) in [
        (&key, Preferences::default()),
        (&other, chosen.clone()),
        (&key, chosen.clone()),
        (&other, Preferences::default()),
    ] {
        let prefer = store.prefer(key.clone(), preferences);
        prefer.await.expect("prefer works");
    }
    for (id, alias) in [
        ("cidA/+=", Some("old")),
        ("cida/+=", Some("项目")),
        ("cidA/+=", Some("项目")),
        ("cid", Some("gone")),
        ("cid", None),
    ] {
        let alias = store.alias(chat(id), alias.map(str::to_owned));
        alias.await.expect("alias works");
    }
    drop(store);
    let store = fixture.open();
    let mut settings = store.settings().await.expect("settings works");
    assert_eq!(settings.preferences, [(key, chosen)]);
    settings.aliases.sort();
    assert_eq!(
        settings.aliases,
        ["cidA/+=", "cida/+="].map(|id| (chat(id), "项目".to_owned()))
    );
}

/// The case of the ids is kept beside the key, so that something can be sent there after a restart.
pub async fn a_session_is_known_with_its_place_and_its_cost(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let key = SessionKey::new("key");
    assert_eq!(store.session(key.clone()).await.expect("works"), None);
    let mut sequences = Vec::new();
    for index in 0..3 {
        let message = direct_message(&format!("msg{index}"), "lin", "问");
        sequences.push(accept(&store, message).await);
    }
    let opened = open(&store, begin(sequences[0], "key", NOON)).await;
    for sequence in &sequences[..2] {
        let spent = Some(Spent {
            agent: AgentId::new("main"),
            person: PersonId::new("lin"),
            usage: Usage {
                input_tokens: 100,
                output_tokens: 7,
                ..Usage::default()
            },
            attempts: Vec::new(),
        });
        let transcript = Some((opened.session, exchange("问", "答", minute(1))));
        let end = Finish {
            transcript,
            spent,
            ..silence(*sequence, minute(1))
        };
        finish(&store, end).await;
    }
    open(&store, begin(sequences[2], "other", minute(2))).await;
    drop(store);

    let store = fixture.open();
    let record = store.session(key.clone()).await.expect("works");
    let record = record.expect("the session is open");
    let origin = record.origin.as_ref().expect("it is noted");
    assert_eq!(origin.person.id.as_str(), "Lin/+=");
    assert_eq!(origin.conversation.id.as_str(), "cidDirect/Lin/+=+=");
    assert_eq!((record.entries, record.tokens), (4, (200, 14)));
    assert_eq!((record.opened_at, record.used_at), (NOON, minute(1)));
    assert_eq!((record.agent.as_str(), record.ended_at), ("main", None));
    let keys = async |ended| -> Vec<String> {
        let sessions = store.sessions(ended).await.expect("sessions works");
        sessions.iter().map(|one| one.key.to_string()).collect()
    };
    assert_eq!(keys(false).await, ["other", "key"]);
    store
        .reset_session(SessionKey::new("other"), minute(3))
        .await
        .expect("reset works");
    assert_eq!(keys(false).await, ["key"]);
    assert_eq!(keys(true).await, ["other", "key"]);
}

/// The history begins behind it; the transcript still has everything. One that knows more than there is, is wrong.
pub async fn a_summary_stands_for_the_beginning(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let first = accept(&store, direct_message("msg0", "lin", "问")).await;
    let second = accept(&store, direct_message("msg1", "lin", "问")).await;
    let session = open(&store, begin(first, "key", NOON)).await.session;
    let mut said = exchange("一", "1", NOON);
    said.extend(exchange("二", "2", NOON));
    let transcript = Some((session, said.clone()));
    let end = Finish {
        transcript,
        ..silence(first, NOON)
    };
    finish(&store, end).await;
    let summary = |text: &str, entries| Summary {
        text: text.to_owned(),
        entries,
    };
    for (text, entries) in [("摘要", 2), ("不对", 5)] {
        let compact = store.compact(session, summary(text, entries));
        compact.await.expect("compact works");
    }
    drop(store);

    let store = fixture.open();
    let opened = open(&store, begin(second, "key", minute(1))).await;
    assert_eq!(opened.summary.as_deref(), Some("摘要"));
    assert_eq!(opened.history, said[2..]);
    let all = store.transcript(session).await.expect("transcript works");
    assert_eq!(all, said);
    let record = store.session(SessionKey::new("key")).await.expect("works");
    let record = record.expect("the session is open");
    assert_eq!(record.summary, Some(summary("摘要", 2)));
}

/// Each agent gets a copy, which is a message of its own; the platform's second push of the message is still known.
pub async fn a_message_is_shared_out_once(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let message = group_message("msg", "lin", "看看");
    let copy = |agent: &str| InboundMessage {
        addressed: Some(AgentId::new(agent)),
        ..message.clone()
    };
    let sequence = accept(&store, message.clone()).await;
    let end = Finish {
        follow_ups: vec![copy("coder"), copy("writer")],
        replies: replies(&message, &["没有叫「x」的"]),
        ..silence(sequence, minute(1))
    };
    finish(&store, end.clone()).await;
    drop(store);

    let store = fixture.open();
    let again = store.finish(end).await.expect("finish works");
    assert_eq!(again, crate::ports::Finished::Before);
    let pushed = store.accept(message, minute(2)).await;
    assert_eq!(pushed.expect("accept works"), Accepted::Duplicate);
    assert_eq!(unfinished_ids(&store).await, ["msg", "msg"]);
    let copies = store.unfinished(sequence, 10).await.expect("works");
    let agents: Vec<_> = copies
        .iter()
        .filter_map(|stored| stored.message.addressed.clone())
        .collect();
    assert_eq!(agents, ["coder", "writer"].map(AgentId::new));
    assert_eq!(undelivered(&store).await.len(), 1);
    let journal = store.journal("msg".to_owned()).await;
    assert_eq!(journal.expect("journal works").len(), 3);
}

/// A word on the way does not end a message, and nothing is said behind the end.
pub async fn something_is_said_before_the_end(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let message = direct_message("msg", "lin", "问");
    let sequence = accept(&store, message.clone()).await;
    let say = async |words: &str| {
        let say = store.say(sequence, replies(&message, &[words]), NOON);
        say.await.expect("say works");
    };
    say("前面还有 2 条").await;
    assert_eq!(unfinished_ids(&store).await, ["msg"]);
    finish(&store, silence(sequence, NOON)).await;
    say("太晚").await;
    assert_eq!(bodies(&undelivered(&store).await), ["前面还有 2 条"]);
}
