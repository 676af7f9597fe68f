//! From answers to the text of the configuration: a new file with comments, or one that is there and keeps every byte but
//! what is added.

use std::path::Path;

use serde_json::{Value, json};

use super::answers::{Access, Answers, Bot, Chosen, ModelAnswer, SecretPlace};
use super::vault::Vault;
use crate::catalogue::onboard::comment;
use crate::catalogue::{Language, Text};
use crate::config::edit::{self, EditError};
use crate::config::{KeyPath, Segment};

/// A setting that is written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Setting {
    pub(crate) key: KeyPath,
    pub(crate) value: Value,
    comment: Option<Text>,
}

/// Everything that the answers put into the configuration.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    settings: Vec<Setting>,
}

impl Plan {
    /// What the answers mean for the bot whose section is `section`.
    pub(crate) fn new(answers: &Answers, section: &KeyPath, vault: &Vault) -> Self {
        let mut plan = Self::default();
        if let Some(bot) = &answers.bot {
            plan.bot(bot, section, vault);
        }
        if let Some(access) = &answers.access {
            plan.access(access, section);
        }
        if let Some(style) = answers.style {
            let key = section.key("messageType");
            plan.add(key, json!(style.name()), Some(comment::MESSAGE_TYPE));
        }
        if let Some(ModelAnswer::Chosen(chosen)) = &answers.model {
            plan.model(chosen, vault);
        }
        if let Some(port) = answers.port {
            plan.add(KeyPath::from("gateway.port"), json!(port), None);
        }
        plan
    }

    /// Leaves out what `is_written` says is there already, and returns it.
    pub(crate) fn spare(&mut self, is_written: impl Fn(&KeyPath) -> bool) -> Vec<KeyPath> {
        let (kept, added) = std::mem::take(&mut self.settings)
            .into_iter()
            .partition(|setting| is_written(&setting.key));
        self.settings = added;
        let kept: Vec<Setting> = kept;
        kept.into_iter().map(|setting| setting.key).collect()
    }

    /// What is written, in this order.
    pub(crate) fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// The text of a file that says all of this and nothing else.
    pub(crate) fn fresh(&self, language: Language) -> String {
        let mut text = String::new();
        for line in comment::HEAD.get(language).lines() {
            text.push_str(&format!("// {line}\n"));
        }
        let settings: Vec<(&[Segment], &Setting)> = self
            .settings
            .iter()
            .map(|setting| (setting.key.segments(), setting))
            .collect();
        print(&mut text, &settings, 0, language);
        text.push('\n');
        text
    }

    /// The text of a file with all of this added or changed, and everything else as it was.
    pub(crate) fn over(&self, text: &str) -> Result<String, EditError> {
        let mut settings = self.settings.iter();
        settings.try_fold(text.to_owned(), |text, setting| {
            edit::set(&text, &setting.key, &setting.value)
        })
    }

    fn add(&mut self, key: KeyPath, value: Value, comment: Option<Text>) {
        self.settings.push(Setting {
            key,
            value,
            comment,
        });
    }

    fn bot(&mut self, bot: &Bot, section: &KeyPath, vault: &Vault) {
        let id = json!(bot.client_id);
        self.add(section.key("clientId"), id, Some(comment::CLIENT_ID));
        let secret = secret(&bot.secret, vault, &bot.way());
        let key = section.key("clientSecret");
        self.add(key, secret, Some(comment::CLIENT_SECRET));
        let texts = [
            ("name", &bot.name),
            ("endpoint", &bot.endpoint),
            ("oapiEndpoint", &bot.oapi_endpoint),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                self.add(section.key(name), json!(text), None);
            }
        }
    }

    fn access(&mut self, access: &Access, section: &KeyPath) {
        let (direct, list, groups) = match access {
            Access::OnlyMe => ("allowlist", Some(Vec::new()), "allowlist"),
            Access::Open => ("open", None, "open"),
            Access::Allowlist(people) => ("allowlist", Some(people.clone()), "allowlist"),
            Access::Disabled => ("disabled", None, "open"),
        };
        let key = section.key("dmPolicy");
        self.add(key, json!(direct), Some(comment::DM_POLICY));
        if let Some(list) = list {
            let key = section.key("allowFrom");
            self.add(key, json!(list), Some(comment::ALLOW_FROM));
        }
        let key = section.key("groupPolicy");
        self.add(key, json!(groups), Some(comment::GROUP_POLICY));
    }

    fn model(&mut self, chosen: &Chosen, vault: &Vault) {
        let name = chosen.provider.as_str();
        let provider = KeyPath::from("models.providers").key(name);
        if let Some(base_url) = &chosen.base_url {
            let key = provider.key("baseUrl");
            self.add(key, json!(base_url), Some(comment::BASE_URL));
        }
        if let Some(api) = &chosen.api {
            self.add(provider.key("api"), json!(api), None);
        }
        if let Some(place) = &chosen.key {
            let value = secret(place, vault, &chosen.way());
            self.add(provider.key("apiKey"), value, None);
        }
        let key = KeyPath::from("agents.defaults.model");
        self.add(key, json!(chosen.reference()), Some(comment::MODEL));
    }
}

/// Lets the first person in beside whom the file lets in already (`present`): she may write to the bot alone, and commands
/// that only owners have are hers where nobody owns it yet.
pub(crate) fn claim(person: &str, present: &[Value], section: &KeyPath, has_owner: bool) -> Plan {
    let mut plan = Plan::default();
    let mut people = present.to_vec();
    people.push(json!(person));
    plan.add(section.key("allowFrom"), json!(people), None);
    if !has_owner {
        let key = KeyPath::from("commands.ownerAllowFrom");
        plan.add(key, json!([person]), None);
    }
    plan
}

fn secret(place: &SecretPlace, vault: &Vault, way: &[&str]) -> Value {
    match place {
        SecretPlace::Vault => vault.reference(way),
        SecretPlace::Variable(name) => json!(format!("${{{name}}}")),
        SecretPlace::File(path) => json!({ "source": "file", "path": file(path) }),
    }
}

fn file(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    path.display().to_string()
}

/// Prints the settings below one place, those of one section together.
fn print(text: &mut String, settings: &[(&[Segment], &Setting)], depth: usize, language: Language) {
    text.push_str("{\n");
    let indent = "  ".repeat(depth + 1);
    let mut done: Vec<&Segment> = Vec::new();
    for (way, _) in settings {
        let Some(first) = way.first().filter(|first| !done.contains(first)) else {
            continue;
        };
        done.push(first);
        let Segment::Key(name) = first else { continue };
        let inner: Vec<(&[Segment], &Setting)> = settings
            .iter()
            .filter(|(way, _)| way.first() == Some(first))
            .map(|(way, setting)| (way.get(1..).unwrap_or_default(), *setting))
            .collect();
        let leaf = inner.iter().find(|(way, _)| way.is_empty());
        let comment = leaf.and_then(|(_, setting)| setting.comment);
        for line in comment
            .iter()
            .flat_map(|comment| comment.get(language).lines())
        {
            text.push_str(&format!("{indent}// {line}\n"));
        }
        text.push_str(&format!("{indent}{}: ", Value::from(name.as_str())));
        match leaf {
            Some((_, setting)) => text.push_str(&inline(&setting.value)),
            None => print(text, &inner, depth + 1, language),
        }
        text.push_str(",\n");
    }
    text.push_str(&"  ".repeat(depth));
    text.push('}');
}

/// A value on one line, with air around it.
fn inline(value: &Value) -> String {
    match value {
        Value::Object(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(name, value)| format!("{}: {}", Value::from(name.as_str()), inline(value)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(inline).collect();
            format!("[{}]", values.join(", "))
        }
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Environment, parse};
    use crate::onboard::Style;

    fn answers() -> Answers {
        Answers {
            bot: Some(Bot {
                client_id: "dingdemo".to_owned(),
                secret: SecretPlace::Vault,
                name: Some("小\"钳\"🦞".to_owned()),
                endpoint: None,
                oapi_endpoint: None,
            }),
            access: Some(Access::OnlyMe),
            style: Some(Style::Card),
            model: Some(ModelAnswer::Chosen(Chosen {
                provider: "deepseek".to_owned(),
                model: "deepseek-chat".to_owned(),
                base_url: Some("https://api.deepseek.com/v1".to_owned()),
                api: None,
                key: Some(SecretPlace::Variable("DEEPSEEK_API_KEY".to_owned())),
            })),
            ..Answers::default()
        }
    }

    fn plan(answers: &Answers) -> Plan {
        let environment = Environment::of([("HOME", "/lin")]);
        let vault = Vault::beside(Path::new("/lin/.chela/chela.json"), &environment);
        Plan::new(answers, &KeyPath::from("channels.dingtalk"), &vault)
    }

    #[test]
    fn a_new_file_has_comments_and_is_read_as_it_was_meant() {
        for language in [Language::Chinese, Language::English] {
            let text = plan(&answers()).fresh(language);
            let environment = Environment::of([("HOME", "/lin"), ("DEEPSEEK_API_KEY", "k")]);
            let loaded = parse(Path::new("chela.json"), &text, &environment);
            let loaded = loaded.unwrap_or_else(|failure| panic!("{text}{failure:?}"));
            assert!(loaded.remarks.is_empty(), "{text}{:?}", loaded.remarks);
            let bot = &loaded.config.accounts[0];
            assert_eq!(bot.client_id, "dingdemo");
            assert_eq!(bot.name.as_deref(), Some("小\"钳\"🦞"));
            assert!(text.contains("      // "), "{text}");
            let values = edit::value(&text).expect("it is sound");
            assert_eq!(
                values["agents"]["defaults"]["model"],
                "deepseek/deepseek-chat"
            );
            assert_eq!(values["channels"]["dingtalk"]["allowFrom"], json!([]));
        }
    }

    #[test]
    fn a_file_that_is_there_keeps_what_it_says() {
        let before = "// 我的\n{\n  channels: { dingtalk: { dmPolicy: 'open' } }, // 不动\n  logging: { level: 'debug' },\n}\n";
        let mut plan = plan(&answers());
        let there = edit::value(before).expect("it is sound");
        let kept = plan.spare(|key| {
            let mut segments = key.segments().iter();
            let found = segments.try_fold(&there, |value, segment| match segment {
                Segment::Key(name) => value.get(name),
                Segment::Index(_) => None,
            });
            found.is_some()
        });
        assert_eq!(kept, [KeyPath::from("channels.dingtalk.dmPolicy")]);
        let after = plan.over(before).expect("it is sound");
        for line in [
            "// 我的",
            "dmPolicy: 'open'",
            "// 不动",
            "logging: { level: 'debug' }",
        ] {
            assert!(after.contains(line), "{line}: {after}");
        }
        let values = edit::value(&after).expect("it is sound");
        assert_eq!(values["channels"]["dingtalk"]["clientId"], "dingdemo");
        assert_eq!(values["channels"]["dingtalk"]["dmPolicy"], "open");
    }

    #[test]
    fn the_first_person_is_let_in_and_owns_what_nobody_owns() {
        let section = KeyPath::from("channels.dingtalk.accounts.second");
        let keys = |plan: Plan| -> Vec<String> {
            let settings = plan.settings().iter();
            settings.map(|setting| setting.key.to_string()).collect()
        };
        let list = "channels.dingtalk.accounts.second.allowFrom";
        let claimed = claim("小满", &[json!("何青禾")], &section, true);
        assert_eq!(claimed.settings()[0].value, json!(["何青禾", "小满"]));
        assert_eq!(keys(claimed), [list]);
        assert_eq!(
            keys(claim("小满", &[], &section, false)),
            [list, "commands.ownerAllowFrom"]
        );
    }
}
