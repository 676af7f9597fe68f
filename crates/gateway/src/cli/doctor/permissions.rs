//! Whether each app may do its work: every permission by a question that changes nothing.

use dingtalk::api::{GetAppRange, ListGroupRobots, Probe};
use dingtalk::id::{ConversationId, RobotCode};
use dingtalk::{Error, ErrorKind};

use super::examination::{Bot, Examination, refused, skipped};
use super::finding::{Finding, Outcome};
use crate::admin::{QuotaStatus, Status};
use crate::catalogue::diagnosis::{self, Check};
use crate::catalogue::{Code, Failure};
use crate::cli::remote::Remote;
use crate::config::MessageType;
use crate::state::Occupancy;

/// Asks for every bot; `wanted` tells whether a missing permission is a fault or only a loss.
async fn scope(
    examination: &Examination<'_>,
    check: Check,
    probe: impl Fn(&Bot) -> Probe,
    wanted: impl Fn(&Bot) -> bool,
) -> Vec<Finding> {
    let (bots, mut findings) = examination.ready(check).await;
    for (bot, client) in bots {
        let answer = bot.probed(client, check.name(), probe(bot)).await;
        findings.push(match answer {
            Ok(_) => bot.good(check, diagnosis::GRANTED),
            Err(error) => missing(check, bot, &error, wanted(bot)),
        });
    }
    findings
}

fn missing(check: Check, bot: &Bot, error: &Error, is_wanted: bool) -> Finding {
    // Something else was told than that the permission is missing: its own check says what.
    let scopes = match &error.kind {
        ErrorKind::Permission { scopes }
            if error.code == "orgAuthLevelNotEnough" && scopes.is_empty() =>
        {
            return Finding::depending(check, bot.subject(), Check::Certified);
        }
        ErrorKind::Permission { .. } if error.code.ends_with("IpNotInWhiteList") => {
            return Finding::depending(check, bot.subject(), Check::AddressList);
        }
        ErrorKind::Permission { scopes } => scopes.clone(),
        _ => return bot.finding(check, Outcome::Doubtful(refused(error))),
    };
    let name = check.name().trim_start_matches("scope.").to_owned();
    let scopes = if scopes.is_empty() {
        vec![name]
    } else {
        scopes
    };
    let names = scopes.join("、");
    let failure = if is_wanted {
        Failure::new(Code::PermissionMissing)
    } else {
        Failure::warning(Code::PermissionMissing)
    };
    let failure = failure
        .message(diagnosis::dingtalk_said(&error.to_string()))
        .hint(diagnosis::scopes(&names));
    let outcome = if is_wanted {
        Outcome::Bad(failure)
    } else {
        Outcome::Doubtful(failure)
    };
    bot.finding(check, outcome).wanting(scopes)
}

fn send_probe(bot: &Bot) -> Probe {
    Probe::SendMessages(RobotCode::new(bot.account.robot_code.as_str()))
}

pub(super) fn uses_cards(bot: &Bot) -> bool {
    bot.account.message_type == MessageType::Card
}

pub(super) async fn send(examination: &Examination<'_>) -> Vec<Finding> {
    scope(examination, Check::SendScope, send_probe, |_| true).await
}

pub(super) async fn cards(examination: &Examination<'_>) -> Vec<Finding> {
    scope(
        examination,
        Check::CardScope,
        |_| Probe::WriteCards,
        uses_cards,
    )
    .await
}

pub(super) async fn streaming(examination: &Examination<'_>) -> Vec<Finding> {
    scope(
        examination,
        Check::StreamScope,
        |_| Probe::StreamCards,
        uses_cards,
    )
    .await
}

pub(super) async fn upload(examination: &Examination<'_>) -> Vec<Finding> {
    scope(
        examination,
        Check::UploadScope,
        |_| Probe::UploadMedia,
        |_| false,
    )
    .await
}

pub(super) async fn people(examination: &Examination<'_>) -> Vec<Finding> {
    scope(
        examination,
        Check::PeopleScope,
        |_| Probe::ReadPeople,
        |_| false,
    )
    .await
}

pub(super) async fn files(examination: &Examination<'_>) -> Vec<Finding> {
    scope(
        examination,
        Check::FileScope,
        |_| Probe::ReadGroupFiles,
        |_| false,
    )
    .await
}

/// The question about sending looks at the code before anything else.
pub(super) async fn robot_code(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::RobotCode;
    let (bots, mut findings) = examination.ready(check).await;
    for (bot, client) in bots {
        let answer = bot
            .probed(client, Check::SendScope.name(), send_probe(bot))
            .await;
        findings.push(match answer {
            Ok(code) if code.starts_with("invalidParameter.robotCode") => {
                let failure = Failure::new(Code::RobotCodeWrong);
                let said = diagnosis::dingtalk_said(&code);
                bot.finding(check, Outcome::Bad(failure.message(said)))
            }
            Ok(_) => bot.good(check, diagnosis::FINE),
            Err(_) => Finding::depending(check, bot.subject(), Check::SendScope),
        });
    }
    findings
}

/// Whether more than a handful of people can use the app. A new app is for its creator alone.
pub(super) async fn range(examination: &Examination<'_>) -> Vec<Finding> {
    const FEW: usize = 3;
    let check = Check::Range;
    let (bots, mut findings) = examination.ready(check).await;
    for (bot, client) in bots {
        let Some(agent_id) = bot.account.app_agent_id.clone() else {
            findings.push(bot.finding(check, Outcome::Skipped(diagnosis::NO_AGENT_ID.into())));
            continue;
        };
        findings.push(match client.send(GetAppRange { agent_id }).await {
            Ok(range) if range.administrators_only => {
                bot.finding(check, Outcome::Bad(Failure::new(Code::AppNotVisible)))
            }
            Ok(range) if range.departments + range.roles == 0 && range.users <= FEW => {
                let failure = Failure::warning(Code::AppNotVisible);
                bot.finding(
                    check,
                    Outcome::Doubtful(failure.message(diagnosis::few(range.users))),
                )
            }
            Ok(_) => bot.good(check, diagnosis::FINE),
            Err(error) if matches!(error.kind, ErrorKind::Permission { .. }) => {
                bot.finding(check, Outcome::Skipped(diagnosis::RANGE_UNKNOWN.into()))
            }
            Err(error) => bot.finding(check, Outcome::Doubtful(refused(&error))),
        });
    }
    findings
}

/// The interfaces of files refuse an organisation that is not certified by a code of their own (protocol reference §5.4).
pub(super) async fn certified(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::Certified;
    let (bots, mut findings) = examination.ready(check).await;
    for (bot, client) in bots {
        let answer = bot
            .probed(client, Check::FileScope.name(), Probe::ReadGroupFiles)
            .await;
        findings.push(match answer {
            Err(error) if error.code == "orgAuthLevelNotEnough" => {
                let failure = Failure::warning(Code::OrganisationNotCertified);
                bot.finding(check, Outcome::Doubtful(failure))
            }
            Err(_) => Finding::depending(check, bot.subject(), Check::FileScope),
            Ok(_) => bot.good(check, diagnosis::FINE),
        });
    }
    findings
}

/// Whether the bot is in each group that is configured.
pub(super) async fn groups(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::Groups;
    let (bots, mut findings) = examination.ready(check).await;
    for (bot, client) in bots {
        for group in configured(examination, bot) {
            let answer = client
                .send(ListGroupRobots {
                    group: group.clone(),
                })
                .await;
            let code = bot.account.robot_code.as_str();
            let is_inside = match &answer {
                Ok(robots) => robots.iter().any(|robot| robot.as_str() == code),
                Err(error) => error.kind != ErrorKind::NotFound,
            };
            let subject = Some(format!("{} {}", bot.account.id, group.as_str()));
            let outcome = if is_inside {
                Outcome::Good(diagnosis::FINE.into())
            } else {
                Outcome::Doubtful(Failure::warning(Code::BotNotInGroup))
            };
            findings.push(Finding::new(check, subject, outcome));
        }
    }
    if findings.is_empty() {
        return skipped(check, diagnosis::NOT_NEEDED);
    }
    findings
}

fn configured(examination: &Examination<'_>, bot: &Bot) -> Vec<ConversationId> {
    let rules = examination
        .config
        .iter()
        .flat_map(|config| &config.rules.accounts);
    let own = rules.filter(|((_, account), _)| *account == bot.account.id);
    own.flat_map(|(_, rules)| rules.groups.iter())
        .filter(|(_, group)| !group.disabled)
        .map(|(id, _)| ConversationId::new(id.as_str()))
        .collect()
}

/// Whether any of the questions was refused because the month's calls are used up, and what is left, which only a running
/// gateway knows.
pub(super) async fn quota(examination: &Examination<'_>) -> Vec<Finding> {
    let check = Check::Quota;
    let (bots, mut findings) = examination.ready(check).await;
    let counted = counted(examination).await;
    for (bot, _) in bots {
        let id = bot.account.id.as_str();
        let count = counted
            .iter()
            .find(|count| count.accounts.iter().any(|name| name == id));
        let outcome = match count.map(|count| &count.snapshot) {
            _ if bot.is_quota_gone() => Outcome::Bad(Failure::new(Code::QuotaExhausted)),
            None => Outcome::Good(diagnosis::QUOTA_LEFT.into()),
            Some(month) => {
                let gauges = [&month.calls, &month.messages];
                let (calls, messages) = (month.calls.left, month.messages.left);
                match gauges
                    .iter()
                    .any(|gauge| gauge.left == 0 || gauge.exhausted_at.is_some())
                {
                    false => Outcome::Good(diagnosis::left(calls, messages)),
                    true => {
                        let failure = Failure::warning(Code::QuotaExhausted);
                        Outcome::Doubtful(failure.message(diagnosis::running_out(calls, messages)))
                    }
                }
            }
        };
        findings.push(bot.finding(check, outcome));
    }
    findings
}

/// What the running gateway has counted.
async fn counted(examination: &Examination<'_>) -> Vec<QuotaStatus> {
    let Ok(state) = examination.state() else {
        return Vec::new();
    };
    let Occupancy::Held(Some(holder)) = state.occupancy() else {
        return Vec::new();
    };
    let remote = Remote::of(examination.context, &state, &holder).await;
    let status = remote.get::<Status>("/api/status").await;
    status.map(|status| status.quota).unwrap_or_default()
}
