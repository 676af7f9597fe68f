//! What somebody sees who made a mistake in the configuration: the whole text, as it is printed.

mod cli_support;

use cli_support::{Ended, Home};

/// Validates a file and compares everything that is printed. Faults go to the standard error, remarks with the
/// result to the standard output.
#[track_caller]
fn check(config: impl AsRef<[u8]>, code: i32, expected: &str) {
    let home = Home::new();
    home.write("chela.json", config);
    let ended = home.run("config validate --config chela.json");
    let printed = format!("{}{}", ended.stdout, ended.stderr);
    assert_eq!(printed, expected.trim_start_matches('\n'));
    assert_eq!(ended.code, code);
}

const CREDENTIALS: &str = r#"clientId: "dingdemo", clientSecret: "s3cret-demo""#;

fn dingtalk(settings: &str) -> String {
    format!("{{ channels: {{ dingtalk: {{\n  {CREDENTIALS},\n  {settings}\n}} }} }}\n")
}

#[test]
fn a_text_in_place_of_true() {
    check(
        dingtalk(r#""enabled": "true","#),
        78,
        r#"
错误[CHELA-1005] 配置项的类型不对
  位置：chela.json:3:14（channels.dingtalk.enabled）
    |
  3 |   "enabled": "true",
    |              ^^^^^^
  原因：channels.dingtalk.enabled 应该是 true 或 false，现在是文本 "true"。
  办法：去掉引号，写成 true；或运行 chela config set channels.dingtalk.enabled true。
  说明：docs/errors/CHELA-1005.md
"#,
    );
}

#[test]
fn a_person_in_place_of_a_list() {
    check(
        dingtalk(r#"allowFrom: "manager7675""#),
        78,
        r#"
错误[CHELA-1005] 配置项的类型不对
  位置：chela.json:3:14（channels.dingtalk.allowFrom）
    |
  3 |   allowFrom: "manager7675"
    |              ^^^^^^^^^^^^^
  原因：channels.dingtalk.allowFrom 应该是列表 […]，现在是文本 "manager7675"。
  办法：放进方括号，例如 ["…"]。
  说明：docs/errors/CHELA-1005.md
"#,
    );
}

#[test]
fn a_misspelt_policy() {
    check(
        dingtalk(r#"dmPolicy: "opne""#),
        78,
        r#"
错误[CHELA-1006] 配置项的值不在允许范围内
  位置：chela.json:3:13（channels.dingtalk.dmPolicy）
    |
  3 |   dmPolicy: "opne"
    |             ^^^^^^
  原因：channels.dingtalk.dmPolicy 不能是 "opne"，可以是：open | pairing | allowlist | disabled。
  办法：是不是想写 open？
  说明：docs/errors/CHELA-1006.md
"#,
    );
}

#[test]
fn a_port_that_does_not_exist() {
    check(
        "{ gateway: { port: 99999 } }",
        78,
        r#"
错误[CHELA-1006] 配置项的值不在允许范围内
  位置：chela.json:1:20（gateway.port）
    |
  1 | { gateway: { port: 99999 } }
    |                    ^^^^^
  原因：gateway.port 应该在 0 到 65535 之间，现在是 99999。
  办法：改成 0 到 65535 之间的数。
  说明：docs/errors/CHELA-1006.md
"#,
    );
}

#[test]
fn an_address_without_scheme() {
    check(
        dingtalk(r#"endpoint: "api.example.test""#),
        78,
        r#"
错误[CHELA-1006] 配置项的值不在允许范围内
  位置：chela.json:3:13（channels.dingtalk.endpoint）
    |
  3 |   endpoint: "api.example.test"
    |             ^^^^^^^^^^^^^^^^^^
  原因：channels.dingtalk.endpoint 不是可用的地址："api.example.test"（形式如 https:// | http://）。
  办法：写成这样的形式：https:// | http://
  说明：docs/errors/CHELA-1006.md
"#,
    );
}

#[test]
fn a_variable_that_is_not_set() {
    check(
        r#"{ channels: { dingtalk: { clientId: "dingdemo", clientSecret: "${DEMO_SECRET}" } } }"#,
        78,
        r#"
错误[CHELA-1007] 配置里引用的环境变量没有设置
  位置：chela.json:1:63（channels.dingtalk.clientSecret）
    |
  1 | { channels: { dingtalk: { clientId: "dingdemo", clientSecret: "${DEMO_SECRET}" } } }
    |                                                               ^^^^^^^^^^^^^^^^
  原因：channels.dingtalk.clientSecret 引用了环境变量 DEMO_SECRET，但它没有设置。
  办法：先运行 export DEMO_SECRET=…，或在配置的 env.vars 里加上它。
  说明：docs/errors/CHELA-1007.md
"#,
    );
}

#[test]
fn a_misspelt_client_id_is_shown_beside_what_it_causes() {
    check(
        r#"{ channels: { dingtalk: { clientID: "dingdemo", clientSecret: "s3cret-demo" } } }"#,
        0,
        r#"
警告[CHELA-1010] 机器人缺少凭证
  位置：chela.json:1:15（channels.dingtalk）
    |
  1 | { channels: { dingtalk: { clientID: "dingdemo", clientSecret: "***********" } } }
    |               ^^^^^^^^
  原因：channels.dingtalk 还缺 clientId，这个机器人不会启动。
  办法：在钉钉开放平台 → 应用 →“凭证与基础信息”里复制；暂时不用就写 enabled: false。
  说明：docs/errors/CHELA-1010.md

警告[CHELA-1013] 不认识的配置项
  位置：chela.json:1:27（channels.dingtalk.clientID）
    |
  1 | { channels: { dingtalk: { clientID: "dingdemo", clientSecret: "***********" } } }
    |                           ^^^^^^^^
  原因：不认识 channels.dingtalk.clientID，它不起作用。
  办法：是不是想写 clientId？
  说明：docs/errors/CHELA-1013.md

配置有效：chela.json（机器人 0 个，智能体 1 个）
"#,
    );
}

#[test]
fn punctuation_pasted_from_a_web_page() {
    check(
        "{\n  channels: { dingtalk: {\n    clientSecret: \"s3cret-demo\"，\n  } }\n}\n",
        78,
        r#"
错误[CHELA-1004] 配置文件写法有误
  位置：chela.json:3:32
    |
  3 |     clientSecret: "***********"，
    |                                ^^
  原因：这里是全角标点 ， 。
  办法：换成半角标点 , ，从网页复制的配置里可能不止一处。
  说明：docs/errors/CHELA-1004.md
"#,
    );
    let home = Home::new();
    home.write(
        "chela.json",
        "{\n  “channels”： {\n    dingtalk: { enabled: true，\u{200b} } } }\n",
    );
    let told = home.run("config validate --config chela.json").stderr;
    let places = ["2:3", "2:12", "2:13", "3:30", "3:31"];
    for place in places {
        assert!(
            told.contains(&format!("chela.json:{place}")),
            "{place}: {told}"
        );
    }
    assert_eq!(told.matches("CHELA-1004]").count(), places.len(), "{told}");
    assert!(told.contains("看不见的字符 U+200B"), "{told}");
}

#[test]
fn a_missing_comma_and_a_missing_brace() {
    check(
        "{\n  logging: { level: \"info\" }\n  gateway: {}\n}\n",
        78,
        r#"
错误[CHELA-1004] 配置文件写法有误
  位置：chela.json:2:29
    |
  2 |   logging: { level: "info" }
    |                             ^
  原因：这里少了一个逗号。
  办法：改正箭头所指的地方；允许注释和多余的逗号。
  说明：docs/errors/CHELA-1004.md
"#,
    );
    check(
        "{\n  logging: {\n    level: \"info\"\n",
        78,
        r#"
错误[CHELA-1004] 配置文件写法有误
  位置：chela.json:2:12
    |
  2 |   logging: {
    |            ^
  原因：从这里开始的花括号没有关闭，少了一个 }。
  办法：改正箭头所指的地方；允许注释和多余的逗号。
  说明：docs/errors/CHELA-1004.md
"#,
    );
}

#[test]
fn a_text_without_its_end() {
    check(
        "{\n  channels: { dingtalk: { clientSecret: \"s3cret-demo } }\n}\n",
        78,
        r#"
错误[CHELA-1004] 配置文件写法有误
  位置：chela.json:2:41
    |
  2 |   channels: { dingtalk: { clientSecret: "***************
    |                                         ^^^^^^^^^^^^^^^^
  原因：从这里开始的文本没有结束，少了右引号。
  办法：改正箭头所指的地方；允许注释和多余的逗号。
  说明：docs/errors/CHELA-1004.md
"#,
    );
}

#[test]
fn an_empty_file_and_one_that_is_no_object() {
    check(
        "",
        78,
        r#"
错误[CHELA-1004] 配置文件写法有误
  位置：chela.json:1:1
    |
  1 | 
    | ^
  原因：文件是空的，至少要有一对花括号 {}。
  办法：改正箭头所指的地方；允许注释和多余的逗号。
  说明：docs/errors/CHELA-1004.md
"#,
    );
    check(
        "[1, 2]",
        78,
        r#"
错误[CHELA-1004] 配置文件写法有误
  位置：chela.json:1:1
    |
  1 | [1, 2]
    | ^^^^^^
  原因：整个配置要放在一对花括号里。
  办法：改正箭头所指的地方；允许注释和多余的逗号。
  说明：docs/errors/CHELA-1004.md
"#,
    );
}

#[test]
fn other_encodings() {
    check(
        b"{\n  // \xc5\xe4\xd6\xc3\n}\n",
        78,
        r#"
错误[CHELA-1003] 配置文件不是 UTF-8 文本
  位置：chela.json:2:6
  原因：从这里开始不是 UTF-8，看起来是 GBK 编码。
  办法：运行 iconv -f GBK -t UTF-8 'chela.json' > 'chela.json.utf8' && mv 'chela.json.utf8' 'chela.json'；或者用编辑器另存为 UTF-8。
  说明：docs/errors/CHELA-1003.md
"#,
    );
    check(
        "\u{feff}{}",
        0,
        "\n配置有效：chela.json（机器人 0 个，智能体 1 个）\n",
    );
}

#[test]
fn a_file_without_end() {
    check(
        " ".repeat(4 * 1024 * 1024 + 1),
        78,
        r#"
错误[CHELA-1012] 配置文件太大
  位置：chela.json
  原因：超过 4 MB 的多半不是配置文件。
  办法：检查路径是否指错了文件。
  说明：docs/errors/CHELA-1012.md
"#,
    );
}

#[test]
fn two_bots_with_one_client_id_are_a_warning() {
    check(
        format!(
            "{{ channels: {{ dingtalk: {{\n  {CREDENTIALS},\n  accounts: {{ twin: {{ {CREDENTIALS} }} }},\n}} }} }}"
        ),
        0,
        r#"
警告[CHELA-1011] 两个机器人用了同一个 clientId
  位置：chela.json:3:15（channels.dingtalk.accounts.twin）
    |
  3 |   accounts: { twin: { clientId: "dingdemo", clientSecret: "***********" } },
    |               ^^^^
  原因：channels.dingtalk.accounts.twin 和机器人 default 的 clientId 相同，只运行 default。
  办法：给每个机器人用各自应用的 clientId，或删掉其中一个。只有先写的那个会运行。
  说明：docs/errors/CHELA-1011.md

配置有效：chela.json（机器人 2 个，智能体 1 个）
"#,
    );
}

#[test]
fn names_that_are_defined_nowhere_are_told() {
    check(
        r#"{
  agents: { list: [{ id: "main", model: "bailain/qwen3.5-plus" }] },
  models: { providers: { bailian: { baseUrl: "https://models.example.test/v1" } } },
}
"#,
        0,
        r#"
警告[CHELA-1014] 配置引用了不存在的名字
  位置：chela.json:2:41（agents.list[0].model）
    |
  2 |   agents: { list: [{ id: "main", model: "bailain/qwen3.5-plus" }] },
    |                                         ^^^^^^^^^^^^^^^^^^^^^^
  原因：agents.list[0].model 提到的模型服务 "bailain" 没有定义。
  办法：是不是想写 bailian？
  说明：docs/errors/CHELA-1014.md

配置有效：chela.json（机器人 0 个，智能体 1 个）
"#,
    );
}

#[test]
fn an_agent_that_does_not_exist_cannot_answer_and_two_of_one_name_cannot_be_called() {
    check(
        r#"{
  agents: { list: [{ id: "main", name: "小助手" }, { id: "coder", name: "小助手" }] },
  bindings: [{ agentId: "mian", match: { channel: "dingtalk" } }],
}
"#,
        78,
        r#"
错误[CHELA-1014] 配置引用了不存在的名字
  位置：chela.json:2:40（agents.list[0].name）
    |
  2 |   agents: { list: [{ id: "main", name: "小助手" }, { id: "coder", name: "小助手" }] },
    |                                        ^^^^^^^^
  原因：agents.list[0].name：名字 "小助手" 已经被另一个智能体使用，@小助手 不知道该找谁。
  办法：改正名字，或补上它的定义。
  说明：docs/errors/CHELA-1014.md

错误[CHELA-1014] 配置引用了不存在的名字
  位置：chela.json:3:25（bindings[0].agentId）
    |
  3 |   bindings: [{ agentId: "mian", match: { channel: "dingtalk" } }],
    |                         ^^^^^^
  原因：bindings[0].agentId 提到的智能体 "mian" 没有定义。
  办法：是不是想写 main？
  说明：docs/errors/CHELA-1014.md
"#,
    );
}

#[test]
fn a_setting_twice_and_sections_of_openclaw() {
    check(
        "{ canvas: {}, cron: {}, logging: { level: \"info\", level: \"warn\" } }",
        0,
        r#"
警告[CHELA-1016] 同一个配置项写了两次
  位置：chela.json:1:51（logging.level）
    |
  1 | { canvas: {}, cron: {}, logging: { level: "info", level: "warn" } }
    |                                                   ^^^^^
  原因：logging.level 在同一处写了两次，以这一个为准。
  办法：删掉多余的一个。
  说明：docs/errors/CHELA-1016.md

说明[CHELA-1015] 这个配置项目前还不支持
  位置：chela.json
  原因：以下 OpenClaw 配置可以保留，Chela 目前不使用：canvas, cron

配置有效：chela.json（机器人 0 个，智能体 1 个）
"#,
    );
}

#[test]
fn english_speakers_are_told_the_same() {
    let home = Home::new();
    home.write("chela.json", dingtalk("enabeld: true, debug: 1"));
    let ended = home.run("--lang en config validate --config chela.json");
    assert_eq!(
        ended.stderr,
        r#"error[CHELA-1005] a setting has the wrong type
  at: chela.json:3:25 (channels.dingtalk.debug)
    |
  3 |   enabeld: true, debug: 1
    |                         ^
  why: channels.dingtalk.debug should be true or false, and is a number.
  do: Write the type that the message names; chela config schema lists all settings.
  more: docs/errors/CHELA-1005.md

warning[CHELA-1013] an unknown setting
  at: chela.json:3:3 (channels.dingtalk.enabeld)
    |
  3 |   enabeld: true, debug: 1
    |   ^^^^^^^
  why: channels.dingtalk.enabeld is not known and has no effect.
  do: did you mean enabled?
  more: docs/errors/CHELA-1013.md
"#
    );
}

#[test]
fn programs_get_json() {
    let home = Home::new();
    home.write("chela.json", dingtalk("debug: 1"));
    let Ended {
        code,
        stdout,
        stderr,
    } = home.run("config validate --json --config chela.json");
    let value: serde_json::Value = serde_json::from_str(&stdout).expect("the output is JSON");
    assert_eq!((code, stderr.as_str()), (78, ""));
    assert_eq!(value["ok"], false);
    assert_eq!(value["exitCode"], 78);
    assert_eq!(value["errors"][0]["code"], "CHELA-1005");
    assert_eq!(value["errors"][0]["key"], "channels.dingtalk.debug");
    assert_eq!(
        (&value["errors"][0]["line"], &value["errors"][0]["column"]),
        (&3.into(), &10.into())
    );
}
