//! What an agent is told, and what it keeps.

use std::path::Path;
use std::sync::Arc;

use chela_agents::builtin::{
    FileText, ReadAttachment, Recall, Remember, Time, Web, WebFetch, WebPage,
};
use chela_agents::tool::{Policy, Rules, Toolbox};
use chela_agents::workspace::{ReadSkill, Workspace};
use chela_agents::{Equipment, Manner};
use chela_engine::ports::{AgentRequest, Clock};
use chela_engine::testing::{direct_message, group_message, request};
use chela_engine::time::Timestamp;
use futures_util::future::{self, BoxFuture};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::support::{Script, calls, run, says};

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp(1_790_000_000_000)
    }
}

struct Outside;

impl FileText for Outside {
    fn read(
        &self,
        _path: std::path::PathBuf,
        _name: Option<String>,
    ) -> BoxFuture<'static, Result<String, String>> {
        Box::pin(future::ready(Ok(
            "<!-- page 1 -->\n封面\n<!-- page 2 -->\n金额 12 万".to_owned(),
        )))
    }
}

impl Web for Outside {
    fn fetch(&self, url: String) -> BoxFuture<'static, Result<WebPage, String>> {
        Box::pin(future::ready(Ok(WebPage {
            url,
            text: "页面".to_owned(),
        })))
    }
}

/// An agent with everything that an installation has, in a folder.
fn everything(folder: &Path) -> Equipment {
    let workspace = Workspace {
        folder: Some(folder.to_path_buf()),
        skills: Vec::new(),
    };
    let (clock, zone) = (Arc::new(Noon), TimeZone::get("Asia/Shanghai").unwrap());
    let notes = folder.join("notes");
    let policy = Policy {
        common: Rules {
            allow: Some(vec!["*".to_owned()]),
            ..Rules::default()
        },
        agent: Rules::default(),
    };
    let toolbox = Toolbox::new(policy)
        .with(Arc::new(Time::new(clock.clone(), zone.clone())))
        .with(Arc::new(ReadAttachment::new(Arc::new(Outside))))
        .with(Arc::new(WebFetch::new(Arc::new(Outside))))
        .with(Arc::new(Remember::new(notes.clone(), clock, zone)))
        .with(Arc::new(Recall::new(notes)))
        .with(Arc::new(ReadSkill::new(workspace.clone())));
    Equipment {
        manner: Manner::default(),
        toolbox,
        workspace,
        ..Equipment::default()
    }
}

/// What tools say to one call.
async fn result(
    equipment: &Equipment,
    request: AgentRequest,
    name: &'static str,
    json: Value,
) -> String {
    let script = Script::new([calls(&[(name, json)]), says("好")]);
    run(&script, equipment.clone(), request).await;
    script.results().remove(0).0
}

/// As models count, roughly: four letters or one Chinese character are a token.
fn tokens(text: &str) -> usize {
    let other = text
        .chars()
        .filter(|character| !character.is_ascii())
        .count();
    (text.chars().count() - other).div_ceil(4) + other
}

#[tokio::test]
async fn the_base_prompt_is_short() {
    let folder = tempfile::tempdir().unwrap();
    let script = Script::new([says("好")]);
    let question = request(direct_message("m", "林小满", "你好"));
    run(&script, everything(folder.path()), question).await;
    let prompts = script.prompts.lock().unwrap();
    let prompt = &prompts[0];
    let tools = prompt.tools.iter();
    let tools = tools.map(|tool| format!("{}{}{}", tool.name, tool.description, tool.schema));
    let all: String = prompt.system.iter().cloned().chain(tools).collect();
    let count = tokens(&all);
    assert_eq!(prompt.tools.len(), 6);
    assert!((200..1_500).contains(&count), "{count} tokens");
}

#[tokio::test]
async fn files_tell_the_agent_who_it_is_and_groups_do_not_see_its_memory() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("AGENTS.md", "\u{feff}先查再答。");
    write("SOUL.md", &"长".repeat(30_000));
    write("USER.md", &"人".repeat(9_000));
    write("MEMORY.md", "老板爱喝龙井。");
    for (message, remembers) in [
        (direct_message("m", "林小满", "你好"), true),
        (group_message("m", "林小满", "你好"), false),
    ] {
        let script = Script::new([says("好")]);
        run(&script, everything(folder.path()), request(message)).await;
        let prompts = script.prompts.lock().unwrap();
        let system = prompts[0].system.join("\n");
        assert!(system.contains("# AGENTS.md\n\n先查再答。"));
        assert!(system.contains("10000 of 30000 characters left out"));
        assert!(system.contains("5000 of 9000 characters left out"));
        assert_eq!(system.contains("龙井"), remembers);
    }
}

#[tokio::test]
async fn skills_are_listed_and_read_when_they_are_needed() {
    let folder = tempfile::tempdir().unwrap();
    let skill = |name: &str, text: &str| {
        let skill = folder.path().join("skills").join(name);
        std::fs::create_dir_all(&skill).unwrap();
        std::fs::write(skill.join("SKILL.md"), text).unwrap();
        skill
    };
    let report = skill(
        "report",
        "---\nname: 周报\ndescription: 写周报时用\n---\n先列完成的事。",
    );
    std::fs::write(report.join("模板.md"), "本周：").unwrap();
    std::fs::write(folder.path().join("秘密.md"), "不许看").unwrap();
    skill("broken", "没有前言");
    skill(
        "hidden",
        "---\nname: 内部\ndescription: x\ndisable-model-invocation: true\n---\n",
    );
    let equipment = everything(folder.path());
    let script = Script::new([says("好")]);
    let question = || request(direct_message("m", "林小满", "写周报"));
    run(&script, equipment.clone(), question()).await;
    let system = script.prompts.lock().unwrap()[0].system.join("\n");
    assert!(system.contains("- 周报: 写周报时用") && !system.contains("内部"));
    assert!(!system.contains("先列完成的事"));
    let read = |json| result(&equipment, question(), "skill", json);
    let whole = read(json!({ "name": "周报" })).await;
    assert!(whole.contains("先列完成的事") && whole.contains("Beside it: 模板.md"));
    assert_eq!(
        read(json!({ "name": "周报", "file": "模板.md" })).await,
        "本周："
    );
    for outside in ["../../秘密.md", "/etc/passwd", "没有.md"] {
        let said = read(json!({ "name": "周报", "file": outside })).await;
        assert_eq!(said, "the skill has no such file");
    }
    assert!(
        read(json!({ "name": "无" }))
            .await
            .contains("there are: 周报")
    );
}

#[tokio::test]
async fn notes_stay_where_they_were_made() {
    let folder = tempfile::tempdir().unwrap();
    let equipment = everything(folder.path());
    let note =
        |request, text: &str| result(&equipment, request, "remember", json!({ "note": text }));
    let recall = |request| result(&equipment, request, "recall", json!({}));
    let lin = || request(direct_message("m", "lin", "记住"));
    let zhou = || request(direct_message("m", "zhou", "记住"));
    let group = || request(group_message("m", "lin", "记住"));
    assert_eq!(note(lin(), "喜欢\n简短的回答 👍").await, "noted");
    assert_eq!(note(group(), "项目代号：候鸟").await, "noted");
    assert_eq!(recall(lin()).await, "- 2026-09-21 喜欢 简短的回答 👍");
    assert_eq!(recall(zhou()).await, "no such notes");
    assert_eq!(recall(group()).await, "- 2026-09-21 项目代号：候鸟");
    let other = AgentRequest {
        agent: chela_engine::id::AgentId::new("other"),
        ..lin()
    };
    assert_eq!(recall(other).await, "no such notes");
    let about = json!({ "about": "候鸟 麻雀" });
    assert!(
        result(&equipment, group(), "recall", about)
            .await
            .contains("候鸟")
    );
    // A file has an end.
    let long = "长".repeat(1_000);
    let mut last = String::new();
    for _ in 0..30 {
        last = note(zhou(), &long).await;
    }
    assert!(last.contains("no room"), "{last}");
}

#[tokio::test]
async fn the_time_is_that_of_the_person_or_of_another_place() {
    let folder = tempfile::tempdir().unwrap();
    let equipment = everything(folder.path());
    let ask = |json| {
        result(
            &equipment,
            request(direct_message("m", "lin", "几点")),
            "time",
            json,
        )
    };
    assert_eq!(
        ask(json!({})).await,
        "2026-09-21 22:13:20 Monday (Asia/Shanghai, UTC+08:00)"
    );
    assert!(
        ask(json!({ "zone": "Europe/Berlin" }))
            .await
            .contains("16:13:20")
    );
    assert!(
        ask(json!({ "zone": "火星" }))
            .await
            .contains("not the name of a time zone")
    );
}
