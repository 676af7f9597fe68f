//! What people are told when something could not be sent to them, or fetched for them, until an administrator changes
//! something: what, where in the console, and under which code to read on.

use chela_engine::ports::Obstacle;

use super::diagnosis::Console;
use super::text::phrase;
use super::{Code, Phrase, Text};

/// The sentence about an obstacle; `app` is the client id of the bot's app.
pub(super) fn hint(obstacle: &Obstacle, app: Option<&str>) -> Phrase {
    let (told, console, scopes) = match obstacle {
        Obstacle::Permission { permissions } => {
            let permissions = permissions.as_slice();
            (lacking(permissions), Console::Permissions, permissions)
        }
        Obstacle::PersonOutOfReach => {
            let text = phrase!(
                "最近有消息没能主动发给你：你不在应用的可见范围里。请管理员在“版本管理与发布”里把你加进可见范围（{code}）",
                "A message could not be sent to you: you are outside the visible range of the app. An administrator can add you to it under Release ({code})",
                code = Code::AppNotVisible,
            );
            (text, Console::Range, [].as_slice())
        }
        Obstacle::NotInGroup => {
            let text = phrase!(
                "最近有消息没能发到群里：机器人不在那个群。请群主在群设置 → 机器人里添加它（{code}）",
                "A message could not be sent to a group: the bot is not in it. The group's owner can add it in the settings of the group ({code})",
                code = Code::BotNotInGroup,
            );
            (text, Console::Nowhere, [].as_slice())
        }
        Obstacle::Silenced => {
            let text = phrase!(
                "最近有消息没能主动发给你：机器人被停用，或者被禁止发消息。请管理员检查机器人的状态（{code}）",
                "A message could not be sent to you: the bot was stopped or may not write. An administrator should look at it ({code})",
                code = Code::BotSilenced,
            );
            (text, Console::Apps, [].as_slice())
        }
    };
    let link = console.link(app, scopes);
    let address = link.map_or(String::new(), |(address, _)| format!(" {address}"));
    let told = |language| told.get(language).to_owned();
    let (zh, en) = (
        told(super::Language::Chinese),
        told(super::Language::English),
    );
    phrase!("（{zh}{address}）", "({en}{address})")
}

fn lacking(permissions: &[String]) -> Phrase {
    let code = Code::PermissionMissing;
    if permissions.is_empty() {
        return Text::new(
            "最近有消息没能主动发给你，或者你的附件没能下载：应用缺少权限。请管理员在“权限管理”里开通，然后发布（CHELA-3004）",
            "A message could not be sent to you, or what you sent could not be fetched: the app lacks a permission. An administrator can grant it under Permissions, and publish (CHELA-3004)",
        )
        .into();
    }
    let (zh, en) = (permissions.join("、"), permissions.join(", "));
    phrase!(
        "最近有消息没能主动发给你，或者你的附件没能下载：应用缺少权限 {zh}。请管理员在“权限管理”里搜索并开通，然后发布（{code}）",
        "A message could not be sent to you, or what you sent could not be fetched: the app lacks {en}. An administrator can grant it under Permissions, and publish ({code})",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Language;

    #[test]
    fn a56_the_permission_is_named_and_the_console_linked() {
        let lacks = |permissions: &[&str]| Obstacle::Permission {
            permissions: permissions.iter().map(|name| (*name).to_owned()).collect(),
        };
        let one = hint(&lacks(&["qyapi_robot_sendmsg"]), Some("dingabc"));
        for language in [Language::Chinese, Language::English] {
            let told = one.get(language);
            for part in [
                "qyapi_robot_sendmsg",
                "https://open-dev.dingtalk.com/appscope/apply?content=dingabc%23qyapi_robot_sendmsg",
                "CHELA-3004",
            ] {
                assert!(told.contains(part), "{told}");
            }
        }
        let all = [
            lacks(&[]),
            Obstacle::PersonOutOfReach,
            Obstacle::NotInGroup,
            Obstacle::Silenced,
        ];
        for obstacle in all {
            let told = hint(&obstacle, None);
            for language in [Language::Chinese, Language::English] {
                assert!(told.get(language).contains("CHELA-30"), "{obstacle:?}");
            }
        }
    }
}
