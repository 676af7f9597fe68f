//! `gateway status`: asks the gateway that holds the state directory.

use chela_channels::dingtalk::quota::Budget;
use chela_engine::ports::Clock as _;
use chela_engine::time::Timestamp;
use serde_json::json;

use super::arguments::Json;
use super::entry::{Context, Threads, runtime};
use super::remote::Remote;
use crate::admin::{AccountStatus, QuotaStatus, Reload, Status};
use crate::catalogue::{Exit, Failure, Language, alerts, cli, pairing};
use crate::clock::SystemClock;
use crate::state::{Holder, Occupancy, StateDirectory};

pub(super) fn run(context: &Context, json: Json) -> Result<Exit, Failure> {
    let state = StateDirectory::locate(&context.environment)?;
    let holder = match state.occupancy() {
        Occupancy::Free => {
            return idle(
                context,
                json,
                "stopped",
                cli::status::STOPPED.get(context.language),
                Exit::Unavailable,
            );
        }
        Occupancy::Held(Some(holder)) if holder.admin.is_some() => holder,
        Occupancy::Held(_) => {
            return idle(
                context,
                json,
                "starting",
                cli::status::STARTING.get(context.language),
                Exit::Temporary,
            );
        }
    };
    let status = ask(context, &state, &holder)?;
    let exit = if status.is_ready() {
        Exit::Success
    } else {
        Exit::Temporary
    };
    if json.json {
        let state = if status.is_ready() {
            "running"
        } else {
            "degraded"
        };
        context
            .output
            .json(&json!({ "state": state, "admin": holder.admin, "status": status }))?;
    } else {
        context
            .output
            .text(&render(&status, SystemClock.now(), context.language))?;
    }
    Ok(exit)
}

fn idle(
    context: &Context,
    json: Json,
    name: &str,
    words: &str,
    exit: Exit,
) -> Result<Exit, Failure> {
    if json.json {
        context.output.json(&json!({ "state": name }))?;
    } else {
        context.output.line(words)?;
    }
    Ok(exit)
}

/// `health`: one line and an exit code, for scripts and probes.
pub(super) fn health(context: &Context, json: Json) -> Result<Exit, Failure> {
    let state = StateDirectory::locate(&context.environment)?;
    let (name, exit) = match state.occupancy() {
        Occupancy::Free => ("stopped", Exit::Unavailable),
        Occupancy::Held(Some(holder)) if holder.admin.is_some() => {
            let status = ask(context, &state, &holder)?;
            if status.is_ready() {
                ("ok", Exit::Success)
            } else {
                ("degraded", Exit::Temporary)
            }
        }
        Occupancy::Held(_) => ("starting", Exit::Temporary),
    };
    if json.json {
        let ok = exit == Exit::Success;
        context.output.json(&json!({ "ok": ok, "state": name }))?;
    } else {
        context.output.line(name)?;
    }
    Ok(exit)
}

/// `channels status`: the bots alone.
pub(super) fn channels(context: &Context, json: Json) -> Result<Exit, Failure> {
    let state = StateDirectory::locate(&context.environment)?;
    let Occupancy::Held(Some(holder)) = state.occupancy() else {
        let words = cli::status::STOPPED.get(context.language);
        return idle(context, json, "stopped", words, Exit::Unavailable);
    };
    let status = ask(context, &state, &holder)?;
    if json.json {
        context
            .output
            .json(&json!({ "ok": true, "accounts": status.accounts }))?;
    } else {
        let now = SystemClock.now();
        for account in &status.accounts {
            let line = render_account(account, now, context.language);
            context.output.line(line.trim_start())?;
        }
    }
    Ok(if status.is_ready() {
        Exit::Success
    } else {
        Exit::Temporary
    })
}

/// Asks the gateway that holds the state.
fn ask(context: &Context, state: &StateDirectory, holder: &Holder) -> Result<Status, Failure> {
    runtime(Threads::One)?.block_on(async {
        let remote = Remote::of(context, state, holder).await;
        remote.get("/api/status").await
    })
}

fn render(status: &Status, now: Timestamp, language: Language) -> String {
    let since = |moment: Timestamp| cli::status::span(now.since(moment).as_secs(), language);
    let uptime = since(status.started_at);
    let headline = match status.is_ready() {
        true => cli::status::running(status.pid, &status.version, &uptime),
        false => cli::status::degraded(status.pid, &status.version, &uptime),
    };
    let mut lines = vec![headline.get(language).to_owned()];
    lines.extend(
        status
            .accounts
            .iter()
            .map(|account| render_account(account, now, language)),
    );
    for quota in &status.quota {
        lines.extend(render_quota(quota, now, language));
    }
    let work = cli::status::work(status.open_turns, status.waiting);
    lines.push(format!("  {}", work.get(language)));
    lines.push(match &status.store {
        Some(counts) => {
            let words = cli::status::store(
                counts.messages,
                counts.unfinished,
                counts.undelivered,
                counts.failed,
            );
            format!("  {}", words.get(language))
        }
        None => format!("  {}", cli::status::STORE_DOWN.get(language)),
    });
    if let Some(trouble) = &status.store_trouble {
        lines.push(format!("    {}：{}", trouble.code, trouble.message));
    }
    if status.pairing_requests > 0 {
        let words = pairing::pending(status.pairing_requests);
        lines.push(format!("  {}", words.get(language)));
    }
    for server in &status.tool_servers {
        let words = cli::status::tool_server(server);
        lines.push(format!("  {}", words.get(language)));
    }
    if let Some(reload) = &status.reload {
        lines.extend(render_reload(reload, since, language));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn render_reload(
    reload: &Reload,
    since: impl Fn(Timestamp) -> String,
    language: Language,
) -> Vec<String> {
    let ago = since(reload.at);
    let headline = match (&reload.trouble, reload.applied) {
        (None, true) => cli::status::reloaded(&ago, &reload.changed.join(", ")),
        _ => cli::status::not_reloaded(&ago),
    };
    let mut lines = vec![format!("  {}", headline.get(language))];
    if let Some(trouble) = &reload.trouble {
        lines.push(format!("    {}：{}", trouble.code, trouble.message));
    }
    if !reload.after_restart.is_empty() {
        let words = cli::status::after_restart(&reload.after_restart.join(", "));
        lines.push(format!("    {}", words.get(language)));
    }
    lines
}

fn render_account(account: &AccountStatus, now: Timestamp, language: Language) -> String {
    let state = cli::status::state(account.state).get(language);
    let mut line = format!("  {} ({})  {state}", account.account, account.client_id);
    if let Some(last) = account.last_frame_at {
        let since = cli::status::span(now.since(last).as_secs(), language);
        let words = cli::status::last_frame(&since);
        line.push_str(&format!("  {}", words.get(language)));
    }
    if let Some(detail) = &account.detail {
        line.push_str(&format!("\n    {detail}"));
    }
    if let Some(paused) = &account.cards_paused {
        let left = cli::status::span(paused.until.since(now).as_secs().max(1), language);
        let words = cli::status::cards_paused(&paused.code, &left, &paused.reason);
        line.push_str(&format!("\n    {}", words.get(language)));
    }
    line
}

fn render_quota(quota: &QuotaStatus, now: Timestamp, language: Language) -> Vec<String> {
    let snapshot = &quota.snapshot;
    let until_renewal = cli::status::span(snapshot.renewed_at.since(now).as_secs(), language);
    let names = quota.accounts.join("、");
    let answers = cli::status::answers_left(&names, snapshot.answers_left, &until_renewal);
    let mut lines = vec![format!("  {}", answers.get(language))];
    let budgets = [
        (Budget::Calls, &snapshot.calls),
        (Budget::Messages, &snapshot.messages),
    ];
    for (budget, gauge) in budgets {
        let used = cli::status::used(alerts::budget(budget), gauge);
        let mut line = format!("    {}", used.get(language));
        if let Some(at) = gauge.exhausted_at {
            let left = cli::status::span(at.since(now).as_secs(), language);
            line.push_str(cli::status::exhausted_in(&left).get(language));
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use chela_engine::ports::Counts;

    use super::*;
    use crate::admin::{CardsPaused, State, ToolServer};

    fn status(second: State) -> Status {
        let account = |account: &str, state, detail: Option<&str>| AccountStatus {
            account: account.to_owned(),
            client_id: format!("ding-{account}"),
            state,
            last_frame_at: Some(Timestamp(3_598_000)),
            code: None,
            detail: detail.map(str::to_owned),
            cards_paused: None,
        };
        Status {
            version: "0.1.0".to_owned(),
            pid: 4_321,
            started_at: Timestamp(0),
            accounts: vec![
                account("default", State::Connected, None),
                account("bot2", second, Some("authFailed")),
            ],
            store: Some(Counts {
                messages: 12,
                unfinished: 1,
                ..Counts::default()
            }),
            quota: Vec::new(),
            store_trouble: None,
            open_turns: 1,
            waiting: 0,
            pairing_requests: 0,
            tool_servers: vec![
                ToolServer {
                    name: "files".to_owned(),
                    is_running: true,
                    tools: 14,
                    trouble: None,
                },
                ToolServer {
                    name: "crm".to_owned(),
                    is_running: false,
                    tools: 0,
                    trouble: Some("cannot be started".to_owned()),
                },
            ],
            reload: None,
        }
    }

    #[test]
    fn a_degraded_gateway_says_which_bot_is_to_blame() {
        let shown = render(
            &status(State::Parked),
            Timestamp(3_600_000),
            Language::Chinese,
        );
        let expected = "\
网关在运行，但不完全正常：进程 4321，版本 0.1.0，已运行 1 小时
  default (ding-default)  已连接  2 秒前有消息往来
  bot2 (ding-bot2)  已停用：凭证被拒绝  2 秒前有消息往来
    authFailed
  正在回答 1 条，排队 0 条
  消息 12 条：未答完 1，待发送 0，发送失败 0
  工具服务 files：运行中，14 个工具
  工具服务 crm：没有运行（CHELA-7001），会自动重试：cannot be started
";
        assert_eq!(shown, expected);
    }

    #[test]
    fn cards_that_pause_are_told_with_their_reason() {
        let mut status = status(State::Connected);
        status.accounts[0].cards_paused = Some(CardsPaused {
            code: "CHELA-5005".to_owned(),
            reason: "卡片模板没有发布。".to_owned(),
            until: Timestamp(3_600_000 + 25 * 60_000),
        });
        let shown = render(&status, Timestamp(3_600_000), Language::Chinese);
        let line =
            "    CHELA-5005：卡片暂停，25 分钟后再试，期间答案改为普通消息。卡片模板没有发布。\n";
        assert!(shown.contains(line), "{shown}");
    }

    #[test]
    fn a_healthy_gateway_says_so_in_english_too() {
        let shown = render(
            &status(State::Connected),
            Timestamp(3_600_000),
            Language::English,
        );
        assert!(
            shown.starts_with("the gateway runs: process 4321, version 0.1.0, for 1 h\n"),
            "{shown}"
        );
    }
}
