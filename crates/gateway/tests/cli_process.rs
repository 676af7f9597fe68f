//! How the program behaves as a process: exit codes, streams, languages, a home that is not there.

mod cli_support;

use std::io::Read as _;
use std::process::Stdio;

use chela_gateway::state::StateDirectory;
use cli_support::{Ended, Home};

#[test]
fn a_reader_who_leaves_early_is_no_failure() {
    let home = Home::new();
    let mut child = home
        .command("config schema")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut first = [0; 1];
    let mut reader = child.stdout.take().expect("there is a pipe");
    reader.read_exact(&mut first).expect("something is printed");
    drop(reader);
    let ended = Ended::of(child.wait_with_output().expect("the program ends"));
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_is_lost_is_a_failure() {
    let home = Home::new();
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("the device is there");
    let mut command = home.command("config schema");
    let ended = Ended::of(command.stdout(full).output().expect("the program starts"));
    assert_eq!(ended.code, 74);
    assert!(ended.stderr.contains("CHELA-6007"), "{}", ended.stderr);
}

#[test]
fn without_a_home_it_says_where_state_could_go() {
    let home = Home::new();
    let mut command = home.command("gateway run");
    command
        .env_remove("HOME")
        .env("DINGTALK_CLIENT_ID", "dingdemo")
        .env("DINGTALK_CLIENT_SECRET", "s3cret-demo");
    let ended = Ended::of(command.output().expect("the program starts"));
    assert_eq!(ended.code, 78);
    assert_eq!(
        ended.stderr,
        "\
错误[CHELA-2001] 不知道把数据放在哪里
  原因：环境变量 HOME 和 CHELA_HOME 都没有设置（常见于 systemd 服务和容器）。
  办法：设置 CHELA_HOME 为一个可写的目录，例如 CHELA_HOME=/var/lib/chela。
  说明：docs/errors/CHELA-2001.md
"
    );
}

#[test]
fn files_that_cannot_be_read() {
    let home = Home::new();
    let missing = home.run("config validate --config nowhere.json");
    assert_eq!(missing.code, 78);
    assert_eq!(
        missing.stderr,
        "\
错误[CHELA-1001] 找不到配置文件
  位置：nowhere.json
  原因：用 --config 或 CHELA_CONFIG 指定的文件不存在。
  办法：检查路径；不指定时依次查找 ~/.chela/chela.json 和 ~/.openclaw/openclaw.json。
  说明：docs/errors/CHELA-1001.md
"
    );
    // A directory is unreadable for everybody, root included.
    home.write("folder.json/inside", "");
    let folder = home.run("config validate --config folder.json");
    assert_eq!(folder.code, 77);
    assert!(
        folder
            .stderr
            .starts_with("错误[CHELA-1002] 配置文件读不了\n  位置：folder.json\n"),
        "{}",
        folder.stderr
    );
}

#[test]
fn the_file_is_found_where_people_have_it() {
    let home = Home::new();
    let found = |home: &Home| home.run("config file").stdout;
    assert_eq!(found(&home), "环境变量，没有配置文件\n");
    let openclaw = home.write(".openclaw/openclaw.json", "{}");
    assert_eq!(found(&home), format!("{}\n", openclaw.display()));
    let own = home.write(".chela/chela.json", "{}");
    assert_eq!(found(&home), format!("{}\n", own.display()));
    let other = home.write("other.json", "{}");
    let mut command = home.command("config file --json");
    let ended = Ended::of(
        command
            .env("CHELA_CONFIG", &other)
            .output()
            .expect("it starts"),
    );
    let value: serde_json::Value = serde_json::from_str(&ended.stdout).expect("it is JSON");
    assert_eq!(value["path"], other.display().to_string());
}

#[test]
fn a_gateway_needs_a_bot_and_a_free_state_directory() {
    let home = Home::new();
    let nobody = home.run("gateway run");
    assert_eq!(nobody.code, 78);
    assert!(
        nobody.stderr.starts_with("错误[CHELA-1009]"),
        "{}",
        nobody.stderr
    );

    let state = StateDirectory::at(home.path().join("state"));
    state.create().expect("the directory can be made");
    let _lock = state.lock().expect("nobody holds it");
    let mut command = home.command("gateway run");
    command
        .env("CHELA_HOME", state.root())
        .env("DINGTALK_CLIENT_ID", "dingdemo")
        .env("DINGTALK_CLIENT_SECRET", "s3cret-demo");
    let second = Ended::of(command.output().expect("the program starts"));
    assert_eq!(second.code, 73);
    let expected = format!(
        "\
错误[CHELA-2003] 已有一个网关在运行
  原因：数据目录 {} 正被进程 {} 使用。
  办法：用 chela gateway status 查看它；要再开一个，请用 CHELA_HOME 指定另一个目录。
  说明：docs/errors/CHELA-2003.md
",
        state.root().display(),
        std::process::id()
    );
    assert_eq!(second.stderr, expected);
}

#[test]
fn status_of_a_gateway_that_is_not_there_or_not_yet() {
    let home = Home::new();
    let stopped = home.run("gateway status");
    assert_eq!(
        (stopped.code, stopped.stdout.as_str()),
        (69, "网关没有运行。启动：chela gateway run\n")
    );
    let state = StateDirectory::at(home.path().join(".chela"));
    state.create().expect("the directory can be made");
    let _lock = state.lock().expect("nobody holds it");
    let starting = home.run("--lang en gateway status --json");
    let value: serde_json::Value = serde_json::from_str(&starting.stdout).expect("it is JSON");
    assert_eq!((starting.code, &value["state"]), (75, &"starting".into()));
}

#[test]
fn wrong_commands_are_told_in_the_language_of_the_reader() {
    let home = Home::new();
    let chinese = home.run("gateway rnu");
    assert_eq!(chinese.code, 64);
    assert_eq!(
        chinese.stderr,
        "\
错误[CHELA-6001] 命令写法不对
  原因：没有 rnu 这个命令。
  办法：是不是想写 run？
  说明：docs/errors/CHELA-6001.md
"
    );
    let mut english = home.command("logs --level loud");
    let english = Ended::of(
        english
            .env("LANG", "en_GB.UTF-8")
            .output()
            .expect("it starts"),
    );
    assert_eq!(english.code, 64);
    assert_eq!(
        english.stderr,
        "\
error[CHELA-6001] the command line is wrong
  why: --level does not take \"loud\"; it is one of: error | warn | info | debug | trace.
  do: Run chela --help or chela <command> --help.
  more: docs/errors/CHELA-6001.md
"
    );
}

#[test]
fn help_is_written_in_one_language_at_a_time() {
    let home = Home::new();
    let chinese = home.run("gateway --help");
    assert_eq!(chinese.code, 0);
    assert_eq!(
        chinese.stdout,
        "\
运行和查看网关

用法：chela gateway [选项] <命令>

命令:
  run         在前台运行网关，按 Ctrl+C 停止
  status      查看网关是否在运行、每个机器人是否连接
  usage-cost  同 chela usage

选项:
      --config <FILE>  配置文件（默认 ~/.chela/chela.json，其次 ~/.openclaw/openclaw.json）
      --lang <zh|en>   界面语言：zh 或 en
  -h, --help           显示帮助
"
    );
    let english = home.run("gateway --help --lang en");
    let is_chinese = |character| ('\u{4e00}'..='\u{9fff}').contains(&character);
    assert!(
        !english.stdout.chars().any(is_chinese),
        "{}",
        english.stdout
    );
    assert!(
        english
            .stdout
            .contains("Usage: chela gateway [options] <command>")
    );
}

#[test]
fn logs_are_shown_from_their_end_and_by_level() {
    let home = Home::new();
    let none = home.run("logs");
    assert_eq!(none.code, 74);
    assert!(none.stderr.contains("CHELA-6005"), "{}", none.stderr);
    let line = |level: &str, message: &str| {
        format!(
            "{{\"timestamp\":\"2026-11-23T12:00:00.000+08:00\",\"level\":\"{level}\",\"message\":\"{message}\",\"target\":\"chela_engine::turn\"}}\n"
        )
    };
    let text = [
        line("INFO", "one"),
        line("WARN", "two"),
        line("INFO", "three"),
    ]
    .concat();
    home.write(".chela/logs/chela.2026-11-23.log", text);
    let warnings = home.run("logs --level warn");
    assert_eq!(
        warnings.stdout,
        "2026-11-23T12:00:00.000+08:00 warn  engine: two\n"
    );
    let last = home.run("logs --lines 1");
    assert_eq!(
        last.stdout,
        "2026-11-23T12:00:00.000+08:00 info  engine: three\n"
    );
}
