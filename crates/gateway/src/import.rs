//! From the configuration of a DingTalk plugin of OpenClaw to one of ours: `channels.dingtalk` (soimy),
//! `channels["dingtalk-connector"]` (DingTalk's own) and `channels["clawdbot-dingtalk"]`.
//!
//! Everything outside of these sections stays as it is. What is left out or means something else is told, key by key.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::catalogue::import::{self as words, Fate};
use crate::config::document::schema;

/// The sections that are understood, the strongest first.
const SECTIONS: [&str; 3] = ["dingtalk", "dingtalk-connector", "clawdbot-dingtalk"];
/// The one whose `groupAllowFrom` holds conversations and not people.
const CONNECTOR: &str = "dingtalk-connector";

/// What came out.
#[derive(Debug)]
pub struct Imported {
    /// The configuration.
    pub config: Value,
    /// Which section it was made from; `None` when there is none of a DingTalk plugin.
    pub section: Option<&'static str>,
    /// What is not simply kept.
    pub notes: Vec<Note>,
}

/// Something that an administrator should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The setting, from the top of the file.
    pub key: String,
    /// What became of it.
    pub fate: Fate,
}

/// Changes a configuration.
pub fn import(mut config: Value) -> Imported {
    let mut notes = Vec::new();
    let has = |name: &&str| config["channels"][*name].is_object();
    let Some(section) = SECTIONS.into_iter().find(has) else {
        return Imported {
            config,
            section: None,
            notes,
        };
    };
    let Some(channels) = config["channels"].as_object_mut() else {
        return Imported {
            config,
            section: None,
            notes,
        };
    };
    for other in SECTIONS.into_iter().filter(|name| *name != section) {
        if channels.remove(other).is_some() {
            let key = format!("channels.{other}");
            notes.push(Note {
                key,
                fate: Fate::Second,
            });
        }
    }
    let given = channels.remove(section).unwrap_or_default();
    let mut converter = Converter {
        known: known(),
        is_connector: section == CONNECTOR,
        notes: &mut notes,
    };
    let made = converter.channel(given, &format!("channels.{section}"));
    channels.insert("dingtalk".to_owned(), made);
    if section != "dingtalk" {
        rebind(&mut config);
    }
    Imported {
        config,
        section: Some(section),
        notes,
    }
}

/// The keys that a bot has with us.
fn known() -> BTreeSet<String> {
    let schema = schema();
    let properties = schema["$defs"]["DingtalkAccount"]["properties"].as_object();
    properties
        .into_iter()
        .flat_map(|map| map.keys().cloned())
        .collect()
}

/// Bindings name the channel.
fn rebind(config: &mut Value) {
    for binding in config["bindings"].as_array_mut().into_iter().flatten() {
        let channel = &mut binding["match"]["channel"];
        if channel
            .as_str()
            .is_some_and(|name| SECTIONS.contains(&name))
        {
            *channel = "dingtalk".into();
        }
    }
}

struct Converter<'a> {
    known: BTreeSet<String>,
    is_connector: bool,
    notes: &'a mut Vec<Note>,
}

impl Converter<'_> {
    fn channel(&mut self, given: Value, key: &str) -> Value {
        let mut given = object(given);
        let accounts = given.remove("accounts");
        let default = given.remove("defaultAccount");
        let mut made = self.account(given, key);
        if let Some(accounts) = accounts {
            let mut bots = Map::new();
            for (name, account) in object(accounts) {
                let key = format!("{key}.accounts.{name}");
                bots.insert(name, Value::Object(self.account(object(account), &key)));
            }
            made.insert("accounts".to_owned(), Value::Object(bots));
        }
        if let Some(default) = default {
            made.insert("defaultAccount".to_owned(), default);
        }
        Value::Object(made)
    }

    fn account(&mut self, given: Map<String, Value>, key: &str) -> Map<String, Value> {
        let mut made = Map::new();
        for (name, value) in given {
            let place = format!("{key}.{name}");
            match name.as_str() {
                "groupAllowFrom" if self.is_connector => {
                    self.conversations(&value, &mut made, place)
                }
                "groupReplyMode" => {
                    let mode = match value.as_str() {
                        Some("aicard") => "card",
                        Some(other) => other,
                        None => "markdown",
                    };
                    self.note(place, Fate::Renamed("messageType"));
                    made.entry("messageType").or_insert(mode.into());
                }
                "cardRealTimeStream" => {
                    self.note(place, Fate::Renamed("cardStreamingMode"));
                    let mode = if value == true { "all" } else { "off" };
                    made.entry("cardStreamingMode").or_insert(mode.into());
                }
                "clientId" if value.is_number() => {
                    self.note(place, Fate::NumberAsText);
                    made.insert(name, value.to_string().into());
                }
                "groups" => {
                    let groups = self.groups(value, &place);
                    merge(&mut made, "groups", groups);
                }
                _ if self.known.contains(&name) => {
                    made.insert(name, value);
                }
                _ => self.note(place, words::fate(&name)),
            }
        }
        made
    }

    /// With the connector, `groupAllowFrom` lists the groups in which the bot answers; with us, who may ask in groups.
    fn conversations(&mut self, value: &Value, made: &mut Map<String, Value>, place: String) {
        let listed = value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        let groups: Map<String, Value> = listed.map(|id| (id.to_owned(), json!({}))).collect();
        if groups.contains_key("*") {
            self.note(place, Fate::Groups);
            return;
        }
        merge(made, "groups", groups);
        self.note(place, Fate::Groups);
    }

    fn groups(&mut self, value: Value, key: &str) -> Map<String, Value> {
        const KNOWN: [&str; 4] = ["enabled", "allowFrom", "groupAllowFrom", "messageType"];
        let mut made = Map::new();
        for (id, group) in object(value) {
            let mut kept = Map::new();
            for (name, value) in object(group) {
                // The connector reads none of these but `tools`, whatever its documents say.
                if KNOWN.contains(&name.as_str()) && !self.is_connector {
                    kept.insert(name, value);
                } else {
                    let fate = words::fate(&name);
                    self.note(format!("{key}.{id}.{name}"), fate);
                }
            }
            made.insert(id, Value::Object(kept));
        }
        made
    }

    fn note(&mut self, key: String, fate: Fate) {
        self.notes.push(Note { key, fate });
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn merge(made: &mut Map<String, Value>, name: &str, more: Map<String, Value>) {
    let place = made.entry(name).or_insert_with(|| json!({}));
    if let Value::Object(place) = place {
        for (id, value) in more {
            place.entry(id).or_insert(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::{Environment, parse};

    fn fate<'a>(imported: &'a Imported, key: &str) -> &'a Fate {
        let note = imported.notes.iter().find(|note| note.key == key);
        &note
            .unwrap_or_else(|| panic!("{key} is not told: {:?}", imported.notes))
            .fate
    }

    fn assert_works(imported: &Imported) {
        let text = imported.config.to_string();
        let loaded = parse(Path::new("chela.json"), &text, &Environment::default());
        let loaded = loaded.unwrap_or_else(|failure| panic!("{failure}: {text}"));
        assert_eq!(loaded.config.accounts.len(), 1);
    }

    #[test]
    fn a59_groups_of_the_connector_are_groups_and_not_people() {
        let imported = import(json!({
            "channels": { "dingtalk-connector": {
                "clientId": "dingdemo", "clientSecret": "s3cret-demo", "groupPolicy": "allowlist",
                "groupAllowFrom": ["cidWork=="], "groupReplyMode": "aicard", "asyncMode": true,
                "gatewayToken": "x", "groups": { "cidOther==": { "systemPrompt": "你好" } },
            } },
            "bindings": [{ "agentId": "main", "match": { "channel": "dingtalk-connector" } }],
            "agents": { "list": [{ "id": "main" }] },
        }));
        assert_eq!(imported.section, Some("dingtalk-connector"));
        let made = &imported.config["channels"]["dingtalk"];
        assert!(made["groups"]["cidWork=="].is_object(), "{made}");
        assert!(made.get("groupAllowFrom").is_none(), "{made}");
        assert_eq!(made["messageType"], "card");
        assert_eq!(
            imported.config["bindings"][0]["match"]["channel"],
            "dingtalk"
        );
        assert_eq!(
            *fate(&imported, "channels.dingtalk-connector.groupAllowFrom"),
            Fate::Groups
        );
        assert_eq!(
            *fate(&imported, "channels.dingtalk-connector.groupReplyMode"),
            Fate::Renamed("messageType")
        );
        assert!(matches!(
            fate(&imported, "channels.dingtalk-connector.asyncMode"),
            Fate::Dropped(_)
        ));
        assert_works(&imported);
    }

    #[test]
    fn a59_what_the_plugin_of_the_community_has_keeps_its_meaning() {
        let imported = import(json!({
            "channels": { "dingtalk": {
                "clientId": "dingdemo", "clientSecret": "s3cret-demo", "groupAllowFrom": ["manager7675"],
                "cardRealTimeStream": true, "maxReconnectCycles": 10, "learningEnabled": true,
                "groups": { "*": { "requireMention": true, "groupAllowFrom": [] } },
            } },
        }));
        let made = &imported.config["channels"]["dingtalk"];
        assert_eq!(made["groupAllowFrom"], json!(["manager7675"]));
        assert_eq!(made["groups"]["*"]["groupAllowFrom"], json!([]));
        assert_eq!(made["cardStreamingMode"], "all");
        assert!(matches!(
            fate(&imported, "channels.dingtalk.maxReconnectCycles"),
            Fate::Dropped(_)
        ));
        assert!(matches!(
            fate(&imported, "channels.dingtalk.learningEnabled"),
            Fate::Dropped(_)
        ));
        assert_works(&imported);
    }

    #[test]
    fn the_third_plugin_and_none_at_all() {
        let imported = import(json!({ "channels": { "clawdbot-dingtalk": {
            "clientId": 12_345, "clientSecret": "s3cret-demo",
        } } }));
        assert_eq!(imported.config["channels"]["dingtalk"]["clientId"], "12345");
        assert_works(&imported);
        assert_eq!(import(json!({ "channels": {} })).section, None);
        assert_eq!(import(json!("nothing")).section, None);
    }
}
