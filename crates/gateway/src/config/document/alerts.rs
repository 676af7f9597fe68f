//! `alerts`: the second path to the operator.

use schemars::JsonSchema;
use serde::Deserialize;

use super::SecretInput;

/// Where the operator is told what needs a person: a custom robot (自定义机器人) of a DingTalk group. It works when the bots
/// do not.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Alerts {
    /// Its address, `https://oapi.dingtalk.com/robot/send?access_token=…`. Whoever has it may write to the group.
    pub webhook: Option<SecretInput>,
    /// Its secret, `SEC…`, if it is set to want a signature (加签).
    pub secret: Option<SecretInput>,
    /// A word that each message must have, if it is set to want one (自定义关键词).
    pub keyword: Option<String>,
}
