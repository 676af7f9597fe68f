//! What the gateway uses beside DingTalk and models: servers of tools, and the robot that alerts.

use std::sync::Arc;
use std::time::Duration;

use chela_agents::mcp::{Condition, Servers};
use chela_engine::ports::Clock as _;
use dingtalk::Error;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::examination::{Examination, skipped};
use super::finding::{Finding, Outcome};
use crate::alert::Robot;
use crate::catalogue::diagnosis::{self, Check};
use crate::catalogue::{Code, Failure};
use crate::clock::SystemClock;
use crate::outward;

/// How long servers may take to tell their tools.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whether each server of tools starts. They are started once more beside those of a running gateway, and ended again.
pub(super) async fn servers(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::ToolServers;
    let Some(config) = &examination.config else {
        return vec![Finding::depending(check, None, Check::Configuration)];
    };
    if config.tools.servers.is_empty() {
        return skipped(check, diagnosis::NOT_NEEDED);
    }
    let Ok(way) = &examination.ways().await.usual else {
        return vec![Finding::depending(check, None, Check::ProxyServer)];
    };
    let way = way.clone();
    let clients = Arc::new(move || way.client());
    let (mut servers, keep) = Servers::through(config.tools.servers.clone(), clients);
    let end = CancellationToken::new();
    let settle = async {
        drop(timeout(PATIENCE, servers.settled()).await);
        let status = servers.status();
        end.cancel();
        status
    };
    let ((), status) = tokio::join!(keep(end.clone()), settle);
    let findings = status.into_iter().map(|server| {
        let outcome = match server.condition {
            Condition::Running => Outcome::Good(diagnosis::tools(server.tools)),
            Condition::Starting => Outcome::Bad(Failure::new(Code::ToolServerDown)),
            Condition::Failed { reason, .. } => {
                let words = diagnosis::server_failed(&reason);
                Outcome::Bad(Failure::new(Code::ToolServerDown).message(words))
            }
        };
        Finding::new(check, Some(server.name), outcome)
    });
    findings.collect()
}

/// Whether the robot that alerts would be heard; nobody sees anything of it.
pub(super) async fn robot(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::AlertRobot;
    let Some(config) = &examination.config else {
        return vec![Finding::depending(check, None, Check::Configuration)];
    };
    let Some(alerts) = &config.alerts else {
        return skipped(check, diagnosis::NOT_NEEDED);
    };
    let Ok(way) = &examination.ways().await.usual else {
        return vec![Finding::depending(check, None, Check::ProxyServer)];
    };
    let outcome = match Robot::new(alerts, way).await {
        Err(failure) => Outcome::Bad(failure),
        Ok(robot) => match robot.probe(SystemClock.now().0).await {
            Err(error) if is_refusal(&error) => {
                let code = outward::cause(&error).unwrap_or(Code::AlertFailed);
                let words = diagnosis::dingtalk_said(&error.to_string());
                Outcome::Bad(Failure::new(code).message(words))
            }
            _ => Outcome::Good(diagnosis::FINE.into()),
        },
    };
    vec![Finding::of(check, outcome)]
}

/// Whether it is the robot that was refused, and not only the message without a text (protocol reference §4.12, O14).
fn is_refusal(error: &Error) -> bool {
    match error.code.as_str() {
        // The keyword is looked for in the text, of which there is none.
        "310000" => !error.message.contains("keyword") && !error.message.contains("关键词"),
        "40035" => false,
        _ => true,
    }
}
