//! What a person has answered so far. Holds no secret, only where one is.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::config::defaults;

/// The answers, in the order of the questions; what is `None` was not asked yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answers {
    /// The name of the bot in the configuration.
    pub(crate) account: String,
    pub(crate) bot: Option<Bot>,
    pub(crate) access: Option<Access>,
    pub(crate) style: Option<Style>,
    pub(crate) model: Option<ModelAnswer>,
    pub(crate) service: Option<bool>,
    /// Another port of the administration interface than the usual one.
    pub(crate) port: Option<u16>,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            account: defaults::ACCOUNT.to_owned(),
            bot: None,
            access: None,
            style: None,
            model: None,
            service: None,
            port: None,
        }
    }
}

impl Answers {
    /// Whether anything was answered.
    pub(crate) fn is_begun(&self) -> bool {
        *self != Self::default()
    }
}

/// Which bot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Bot {
    pub(crate) client_id: String,
    pub(crate) secret: SecretPlace,
    pub(crate) name: Option<String>,
    /// Other addresses than DingTalk's own: a private deployment.
    pub(crate) endpoint: Option<String>,
    pub(crate) oapi_endpoint: Option<String>,
}

impl Bot {
    /// Where the file of secrets has its secret: by the app, so that a new app does not cost an old one its secret.
    pub(crate) fn way(&self) -> [&str; 3] {
        Self::way_of(&self.client_id)
    }

    /// The same of the app with this id.
    pub(crate) fn way_of(client_id: &str) -> [&str; 3] {
        ["dingtalk", client_id, "clientSecret"]
    }
}

/// Where a secret is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum SecretPlace {
    /// In the file of secrets beside the configuration.
    Vault,
    /// In a variable of the environment.
    Variable(String),
    /// In a file of the administrator's.
    File(PathBuf),
}

/// Who may write to the bot alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Access {
    /// Nobody, until the first person who writes has been recognised.
    OnlyMe,
    /// Everybody whom DingTalk lets through.
    Open,
    /// These people, by their id in the organisation.
    Allowlist(Vec<String>),
    /// Nobody: the bot only answers in groups.
    Disabled,
}

impl Access {
    /// How `--dm-policy` and the JSON output call it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::OnlyMe => "only-me",
            Self::Open => "open",
            Self::Allowlist(_) => "allowlist",
            Self::Disabled => "disabled",
        }
    }
}

/// How answers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Style {
    Card,
    Markdown,
    Text,
}

impl Style {
    /// How the configuration calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Markdown => "markdown",
            Self::Text => "text",
        }
    }
}

/// Which model answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ModelAnswer {
    /// None yet: the bot says how to set one up.
    Later,
    Chosen(Chosen),
}

/// A model of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Chosen {
    /// The name of the service in the configuration.
    pub(crate) provider: String,
    pub(crate) model: String,
    /// `None`: the configuration has the service already.
    pub(crate) base_url: Option<String>,
    /// As in `models.providers.*.api`, where it is not the usual one.
    pub(crate) api: Option<String>,
    pub(crate) key: Option<SecretPlace>,
}

impl Chosen {
    /// Where the file of secrets has its key.
    pub(crate) fn way(&self) -> [&str; 3] {
        ["models", &self.provider, "apiKey"]
    }

    /// How agents name it.
    pub(crate) fn reference(&self) -> String {
        format!("{}/{}", self.provider, self.model)
    }
}
