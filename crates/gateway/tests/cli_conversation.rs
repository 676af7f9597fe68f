//! `route explain` and `sessions` on the real binary: rightly, wrongly, in both languages.

mod cli_support;

use chela_engine::id::{AgentId, PersonId, Sequence, SessionKey};
use chela_engine::ports::{
    Begin, Begun, Finish, Origin, Sessions, Spent, Store, Summary, TranscriptEntry, TranscriptRole,
    Usage,
};
use chela_engine::testing::group_message;
use chela_engine::time::Timestamp;
use chela_store::SqliteStore;
use cli_support::Home;

const CONFIG: &str = r#"{
  agents: { list: [{ id: "main", name: "小助手" }, { id: "coder", name: "程序员" }] },
  bindings: [
    { agentId: "main", match: { channel: "dingtalk", accountId: "*" } },
    { agentId: "coder", match: { channel: "dingtalk", peer: { kind: "group", id: "cidDev+/=" } } },
  ],
  commands: { ownerAllowFrom: ["dingtalk:boss"], allowFrom: { dingtalk: [] } },
  session: { groupScope: "group_sender" },
  channels: { dingtalk: { clientId: "dingdemo", clientSecret: "s3cret-demo", dmPolicy: "allowlist", allowFrom: ["lin"] } },
}
"#;

fn state(home: &Home) -> std::path::PathBuf {
    home.path().join(".chela")
}

fn home() -> Home {
    let home = Home::new();
    home.write("chela.json", CONFIG);
    home
}

#[test]
fn the_resolver_tells_who_answers_why_and_who_would_otherwise() {
    let home = home();
    let run = |arguments: &str| {
        let ended = home.run(&format!("route explain --config chela.json {arguments}"));
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        ended.stdout
    };
    assert_eq!(
        run("--user zhou --group cidDev+/= --text 你好"),
        "由 coder 回答：绑定指定了这个聊天 (bindings[1])\n\
         会话：agent:coder:dingtalk:group:cid^dev+/=:sender:zhou\n\
         否则由 main 回答：绑定指定了这个平台 (bindings[0])\n\
         权限：可以使用\n"
    );
    assert_eq!(
        run("--user zhou --lang en --text @程序员"),
        "coder answers: the message calls it by @\n\
         session: agent:coder:dingtalk:direct:zhou\n\
         otherwise main: a binding names the platform (bindings[0])\n\
         access: denied (direct_allowlist); the person is told how to be added\n"
    );
    assert!(run("--user lin --text /status").contains("此人无权使用"));
    assert!(run("--user boss --text /status").contains("不交给智能体"));
    assert!(run("--user lin --text @nobody").starts_with("没有叫「nobody」的智能体"));
    let json: serde_json::Value =
        serde_json::from_str(&run("--group cidDev+/= --json")).expect("it is JSON");
    assert_eq!(json["agents"][0]["agent"], "coder");
    assert_eq!(json["agents"][0]["because"], "peer");
    assert_eq!(json["agents"][0]["binding"], 1);
    assert_eq!(json["runnerUp"]["because"], "channel");
}

#[test]
fn a_bot_that_does_not_exist_is_named_beside_those_that_do() {
    let ended = home().run("route explain --config chela.json --account bot2");
    assert_eq!(ended.code, 64);
    let told = "没有叫 \"bot2\" 的机器人。有：default";
    assert!(ended.stderr.contains(told), "{}", ended.stderr);
}

#[test]
fn without_a_database_there_are_no_sessions_and_none_is_made() {
    let home = home();
    let ended = home.run("sessions list");
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "还没有会话。\n"));
    let ended = home.run("sessions show 7 --lang en");
    assert_eq!(ended.code, 1);
    assert!(
        ended.stderr.contains("there is no session \"7\""),
        "{}",
        ended.stderr
    );
    let ended = home.run("sessions reset");
    assert_eq!(ended.code, 64);
    assert!(ended.stderr.contains("还要给出：<KEY>"), "{}", ended.stderr);
    assert!(!state(&home).join("chela.db").exists());
}

/// One session with two exchanges, the first of them summed up.
async fn fill(store: &SqliteStore) {
    let said = |role, text: &str| TranscriptEntry {
        role,
        text: text.to_owned(),
        at: Timestamp(1_790_000_000_000),
    };
    for (number, (question, answer)) in [("一 👋", "甲"), ("二", "乙")].into_iter().enumerate()
    {
        let message = group_message(&format!("m{number}"), "lin", question);
        let now = Timestamp(1_790_000_000_000);
        store.accept(message.clone(), now).await.expect("is taken");
        let sequence = Sequence(i64::try_from(number).expect("is small") + 1);
        let begin = Begin {
            sequence,
            agent: AgentId::new("main"),
            session_key: SessionKey::new("agent:main:dingtalk:group:cid^group+/="),
            origin: Origin::of(&message),
            expired_before: None,
            history: 10,
            card: None,
            at: now,
        };
        let Begun::Open { session, .. } = store.begin(begin).await.expect("is begun") else {
            panic!("it has not ended");
        };
        let entries = vec![
            said(TranscriptRole::User, question),
            said(TranscriptRole::Assistant, answer),
        ];
        let finish = Finish {
            sequence,
            joined: Vec::new(),
            outcome: "answer",
            transcript: Some((session, entries)),
            spent: Some(Spent {
                agent: AgentId::new("main"),
                person: PersonId::new("lin"),
                usage: Usage {
                    input_tokens: 5,
                    output_tokens: 2,
                    ..Usage::default()
                },
                attempts: Vec::new(),
            }),
            replies: Vec::new(),
            follow_ups: Vec::new(),
            at: now,
        };
        store.finish(finish).await.expect("is finished");
        let summary = Summary {
            text: "打过招呼".to_owned(),
            entries: 2,
        };
        store.compact(session, summary).await.expect("is summed up");
    }
}

#[test]
fn sessions_are_listed_shown_exported_and_ended() {
    let home = home();
    std::fs::create_dir_all(state(&home)).expect("can be made");
    let store = SqliteStore::open(&state(&home).join("chela.db")).expect("opens");
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(fill(&store));
    // The gateway may run meanwhile.
    let run = |arguments: &str| {
        let ended = home.run(&format!("sessions {arguments}"));
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        ended.stdout
    };
    let key = "agent:main:dingtalk:group:cid^group+/=";
    assert!(
        run("list").contains(&format!("1  {key}")),
        "{}",
        run("list")
    );
    let json: serde_json::Value = serde_json::from_str(&run("list --json")).expect("it is JSON");
    assert_eq!(
        json["sessions"][0]["origin"]["conversation"]["id"],
        "cidGroup+/="
    );
    assert_eq!(json["sessions"][0]["inputTokens"], 10);
    let shown = run(&format!("show {key}"));
    let order = ["一 👋", "甲", "打过招呼", "二", "乙"].map(|text| shown.find(text));
    assert!(order.is_sorted() && order[0].is_some(), "{shown}");
    let lines: Vec<serde_json::Value> = run("export 1")
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is JSON"))
        .collect();
    assert_eq!(lines.len(), 6);
    assert_eq!(lines[5]["type"], "compaction");
    assert!(run("reset 1").contains(key));
    assert_eq!(run("list"), "还没有会话。\n");
    assert!(run("list --all --lang en").contains("ended"));
    store.close();
}
