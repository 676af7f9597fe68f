//! B24: every key of the configuration changes what holds. The keys are those of the schema, which comes from the very types
//! that are read; what holds is the resolved configuration, without the secrets, of which only presence is compared.

use std::collections::BTreeSet;
use std::path::Path;

use chela_gateway::config::document::schema;
use chela_gateway::config::{Environment, parse};
use serde_json::{Map, Value, json};

/// A key as the tables below write it: names that people choose are `*`, entries of lists `[]`.
type Key = &'static str;

/// Keys for which no value can be guessed from their type, or which mean something only beside others: a value, and what
/// stands in the file besides.
fn with_others() -> Vec<(Key, Value, Value)> {
    let plain = || base("");
    let beside = |change: fn(&mut Value)| {
        let mut file = plain();
        change(&mut file);
        file
    };
    let listed = || base("agents.list");
    let bound = |peer: &str| beside_peer(peer);
    let speech = || {
        beside(|file| {
            let model = json!({ "provider": "here", "model": "ears" });
            file["tools"] = json!({ "media": { "audio": { "enabled": true, "models": [model] } } });
        })
    };
    let shared_speech = || {
        beside(|file| {
            let model = json!({ "provider": "here", "model": "ears", "capabilities": ["audio"] });
            file["tools"] = json!({ "media": { "audio": { "enabled": true }, "models": [model] } });
        })
    };
    let webhook = "https://oapi.dingtalk.com/robot/send?access_token=t";
    let alerts = || {
        beside(|file| {
            file["alerts"] =
                json!({ "webhook": "https://oapi.dingtalk.com/robot/send?access_token=t" })
        })
    };
    let remote = || {
        beside(|file| {
            file["mcp"]["servers"] = json!({ "far": { "url": "https://tools.example/mcp" } })
        })
    };
    let bots = || {
        beside(|file| {
            let bot = |id| json!({ "clientId": id, "clientSecret": "s" });
            file["channels"]["dingtalk"] =
                json!({ "accounts": { "one": bot("d1"), "two": bot("d2") } });
        })
    };
    vec![
        (
            "agents.entries.*.default",
            json!(true),
            beside(|file| {
                let entries = json!({ "other": {}, "main": { "default": true } });
                file["agents"]["entries"] = entries;
            }),
        ),
        ("agents.list.[].default", json!(true), beside_list()),
        ("agents.list.[].id", json!("new"), listed()),
        ("alerts.webhook", json!(webhook), plain()),
        ("alerts.secret", json!("SEC1"), alerts()),
        ("alerts.keyword", json!("告警"), alerts()),
        ("bindings.[].agentId", json!("main"), plain()),
        ("bindings.[].match.peer.id", json!("cid2"), bound("group")),
        (
            "bindings.[].match.peer.kind",
            json!("direct"),
            bound("group"),
        ),
        ("channels.dingtalk.clientSecret", elsewhere(), plain()),
        (
            "channels.dingtalk.accounts.*.clientSecret",
            elsewhere(),
            base("channels.dingtalk.accounts."),
        ),
        ("channels.dingtalk.defaultAccount", json!("two"), bots()),
        (
            "channels.dingtalk.proxyUrl",
            json!("http://proxy.example:3128"),
            plain(),
        ),
        (
            "channels.dingtalk.accounts.*.proxyUrl",
            json!("socks5h://proxy.example"),
            base("channels.dingtalk.accounts."),
        ),
        (
            "commands.rights.*.[]",
            json!("lin"),
            beside(|file| file["commands"] = json!({ "rights": { "status": [] } })),
        ),
        (
            "gateway.customBindHost",
            json!("10.0.0.1"),
            beside(|file| {
                file["gateway"] = json!({ "bind": "custom", "customBindHost": "10.0.0.2" })
            }),
        ),
        (
            "mcp.servers.*.url",
            json!("https://other.example/mcp"),
            remote(),
        ),
        ("mcp.servers.*.headers.*", json!("secret"), remote()),
        (
            "messages.inbound.byChannel.*",
            json!(1_500),
            beside(|file| {
                file["messages"] = json!({ "inbound": { "byChannel": { "dingtalk": 700 } } })
            }),
        ),
        (
            "messages.queue.byChannel.*",
            json!("interrupt"),
            beside(|file| {
                file["messages"] = json!({ "queue": { "byChannel": { "dingtalk": "collect" } } })
            }),
        ),
        (
            "proxy.proxyUrl",
            json!("http://proxy.example:3128"),
            plain(),
        ),
        (
            "proxy.enabled",
            json!(false),
            beside(|file| file["proxy"] = json!({ "proxyUrl": "http://proxy.example:3128" })),
        ),
        (
            "session.resetByChannel.*.mode",
            json!("none"),
            reset_of_dingtalk(json!({ "mode": "idle" })),
        ),
        (
            "session.resetByChannel.*.idleMinutes",
            json!(77),
            reset_of_dingtalk(json!({ "mode": "idle" })),
        ),
        (
            "session.resetByChannel.*.atHour",
            json!(7),
            reset_of_dingtalk(json!({ "mode": "daily" })),
        ),
        ("tools.media.audio.enabled", json!(false), speech()),
        ("tools.media.audio.language", json!("zh"), speech()),
        ("tools.media.audio.timeoutSeconds", json!(7), speech()),
        (
            "tools.media.audio.preferredModel",
            json!("here/ears"),
            two_ears(),
        ),
        (
            "tools.media.audio.models.[].language",
            json!("zh"),
            speech(),
        ),
        (
            "tools.media.audio.models.[].model",
            json!("other"),
            speech(),
        ),
        (
            "tools.media.audio.models.[].provider",
            json!("there"),
            beside_provider(speech()),
        ),
        (
            "tools.media.audio.models.[].timeoutSeconds",
            json!(7),
            speech(),
        ),
        ("tools.media.audio.models.[].type", json!("cli"), speech()),
        (
            "tools.media.models.[].capabilities.[]",
            json!("image"),
            shared_speech(),
        ),
        (
            "tools.media.models.[].language",
            json!("zh"),
            shared_speech(),
        ),
        (
            "tools.media.models.[].model",
            json!("other"),
            shared_speech(),
        ),
        (
            "tools.media.models.[].provider",
            json!("there"),
            beside_provider(shared_speech()),
        ),
        (
            "tools.media.models.[].timeoutSeconds",
            json!(7),
            shared_speech(),
        ),
        ("tools.media.models.[].type", json!("cli"), shared_speech()),
    ]
}

fn beside_peer(kind: &str) -> Value {
    let mut file = base("");
    file["bindings"][0]["match"]["peer"] = json!({ "kind": kind, "id": "cid1" });
    file
}

fn reset_of_dingtalk(reset: Value) -> Value {
    let mut file = base("");
    file["session"] = json!({ "resetByChannel": { "dingtalk": reset } });
    file
}

fn beside_list() -> Value {
    let mut file = base("agents.list");
    file["agents"]["list"] = json!([{ "id": "other" }, { "id": "main", "default": true }]);
    file
}

fn beside_provider(mut file: Value) -> Value {
    file["models"]["providers"]["there"] = json!({ "baseUrl": "http://127.0.0.1:2/v1" });
    file
}

fn two_ears() -> Value {
    let mut file = base("");
    let model = |name| json!({ "provider": "here", "model": name });
    file["tools"] = json!({ "media": { "audio": { "enabled": true, "models": [model("first"), model("ears")] } } });
    file
}

/// A secret that is kept in a variable.
fn elsewhere() -> Value {
    json!({ "source": "env", "id": "NOT_SET" })
}

/// What says where a secret is: the setting, its value, and what stands there before.
fn secret_case(key: &str) -> Option<(Value, Value)> {
    const PLACES: [&str; 7] = [
        "alerts.secret.",
        "alerts.webhook.",
        "channels.dingtalk.accounts.*.clientSecret.",
        "channels.dingtalk.accounts.*.proxyUrl.",
        "channels.dingtalk.clientSecret.",
        "channels.dingtalk.proxyUrl.",
        "gateway.auth.token.",
    ];
    const BACKENDS: [&str; 3] = [".openai.apiKey.", ".openclaw.token.", ".openclaw.password."];
    const MORE: [&str; 3] = [
        "models.providers.*.apiKey.",
        "proxy.proxyUrl.",
        "secrets.providers.*.",
    ];
    let known = PLACES.into_iter().chain(MORE);
    let known = known.filter(|place| key.starts_with(place));
    let of_backends = BACKENDS.into_iter().filter_map(|secret| {
        let (before, _) = key.split_once(secret)?;
        Some(format!("{before}{secret}"))
    });
    let place_of = known.map(str::to_owned).chain(of_backends).next()?;
    let place_of = place_of.as_str();
    let name = key.strip_prefix(place_of)?;
    let (before, value) = match name {
        "source" => (
            json!({ "source": "file", "path": "/a", "command": "/b" }),
            json!("exec"),
        ),
        "id" => (json!({ "source": "env", "id": "ONE" }), json!("TWO")),
        "path" => (json!({ "source": "file", "path": "/a" }), json!("/b")),
        "command" => (json!({ "source": "exec", "command": "/a" }), json!("/b")),
        "args.[]" => (
            json!({ "source": "exec", "command": "/a", "args": ["1"] }),
            json!("2"),
        ),
        "timeoutMs" => (json!({ "source": "exec", "command": "/a" }), json!(77)),
        "mode" => (
            json!({ "source": "file", "path": "/a", "mode": "json" }),
            json!("singleValue"),
        ),
        "provider" => (
            json!({ "source": "exec", "id": "x", "provider": "one" }),
            json!("two"),
        ),
        _ => return None,
    };
    let mut file = base(key);
    if key.starts_with("alerts.secret") {
        file["alerts"] = json!({ "webhook": elsewhere() });
    }
    file["secrets"]["providers"] =
        json!({ "one": { "command": "/1" }, "two": { "command": "/2" } });
    if place_of == "secrets.providers.*." {
        file["secrets"]["providers"] = json!({ "one": before });
        file["models"]["providers"]["here"]["apiKey"] = json!({ "provider": "one", "id": "/k" });
    } else {
        let steps: Vec<&str> = place_of.trim_end_matches('.').split('.').collect();
        place(&mut file, &steps, before);
    }
    Some((value, file))
}

/// Keys that are for people and editors, or that mean nothing in one of the places where OpenClaw lets them stand.
const NOTES: &[(Key, &str)] = &[
    ("$schema", "tells editors where the schema is"),
    ("bindings.[].comment", "a note for people"),
    (
        "agents.entries.*.id",
        "the name of the entry is the id; OpenClaw writes it down in lists only",
    ),
    (
        "tools.media.audio.models.[].capabilities.[]",
        "what stands there is asked for speech anyway",
    ),
];

/// Keys that other parts of the program read, with the test that shows what they do.
const ELSEWHERE: &[(Key, &str)] = &[];

#[test]
fn b24_every_key_changes_what_holds() {
    let schema = schema();
    let mut keys = Keys {
        root: &schema,
        leaves: Vec::new(),
    };
    keys.walk(&schema, String::new(), &mut Vec::new());
    let with_others = with_others();
    let known: BTreeSet<&str> = keys.leaves.iter().map(|(key, _)| key.as_str()).collect();
    for key in with_others
        .iter()
        .map(|(key, _, _)| key)
        .chain(ELSEWHERE.iter().chain(NOTES).map(|(key, _)| key))
    {
        assert!(known.contains(key), "{key} is no key of the schema");
    }
    let mut dead = BTreeSet::new();
    let mut alive = BTreeSet::new();
    for (key, leaf) in &keys.leaves {
        if ELSEWHERE.iter().chain(NOTES).any(|(other, _)| other == key) {
            continue;
        }
        if let Some((value, base)) = secret_case(key) {
            match differs(&base, key, value) {
                true => alive.insert(key.clone()),
                false => dead.insert(key.clone()),
            };
            continue;
        }
        let special: Vec<_> = with_others
            .iter()
            .filter(|(other, _, _)| other == key)
            .collect();
        let changes = if special.is_empty() {
            let base = base(key);
            keys.values(leaf)
                .into_iter()
                .any(|value| differs(&base, key, value))
        } else {
            special
                .into_iter()
                .all(|(_, value, base)| differs(base, key, value.clone()))
        };
        match changes {
            true => alive.insert(key.clone()),
            false => dead.insert(key.clone()),
        };
    }
    // A key may have several forms, of which one is enough.
    let dead: Vec<_> = dead.difference(&alive).collect();
    assert!(dead.is_empty(), "these keys change nothing: {dead:#?}");
    assert!(alive.len() > 150, "{}", alive.len());
}

#[test]
fn tests_that_are_named_exist() {
    for (key, place) in ELSEWHERE {
        let (file, test) = place.split_once("::").expect("a file and a test");
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../..")
            .join(file);
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{key}: there is no {file}"));
        assert!(
            text.contains(&format!("fn {test}(")),
            "{key}: there is no test {test} in {file}"
        );
    }
}

/// Whether a value at a key lets something else hold.
fn differs(base: &Value, key: &str, value: Value) -> bool {
    let mut changed = base.clone();
    let steps: Vec<&str> = key.split('.').collect();
    place(&mut changed, &steps, value);
    let (before, after) = (holds(base), holds(&changed));
    before.is_some() && after.is_some() && before != after
}

/// What is shown of agents leaves out what may be secret, so that they are compared themselves.
fn holds(file: &Value) -> Option<impl PartialEq + use<>> {
    let environment = Environment::of([("HOME", "/nowhere")]);
    let loaded = parse(Path::new("chela.json"), &file.to_string(), &environment).ok()?;
    let config = loaded.config;
    let backends: Vec<_> = config
        .agents
        .values()
        .map(|agent| agent.backend.clone())
        .collect();
    Some((format!("{config:#?}"), backends))
}

fn place(target: &mut Value, steps: &[&str], value: Value) {
    let Some((step, rest)) = steps.split_first() else {
        *target = value;
        return;
    };
    if *step == "[]" {
        if !target.is_array() {
            *target = json!([]);
        }
        let list = target.as_array_mut().expect("it is one now");
        if list.is_empty() {
            list.push(Value::Null);
        }
        return place(&mut list[0], rest, value);
    }
    if !target.is_object() {
        *target = json!({});
    }
    let object = target.as_object_mut().expect("it is one now");
    let name = match *step {
        // The name that is there, if one is.
        "*" => object
            .keys()
            .next()
            .cloned()
            .unwrap_or_else(|| "x".to_owned()),
        name => name.to_owned(),
    };
    place(object.entry(name).or_insert(Value::Null), rest, value);
}

/// What stands in the file beside a key for which nothing special is needed.
fn base(key: &str) -> Value {
    let mut file = plain_base(key);
    let backends = [
        (
            "openclaw",
            json!({ "url": "ws://127.0.0.1:1", "agent": "main" }),
        ),
        (
            "openai",
            json!({ "baseUrl": "http://127.0.0.1:1/v1", "model": "m" }),
        ),
        ("acp", json!({ "command": "codex", "directory": "/" })),
    ];
    for (name, section) in backends {
        let inside = key.split_once(&format!(".{name}."));
        let chosen = key.rsplit_once(".backend").filter(|_| name == "openai");
        let Some((agent, _)) = inside
            .or(chosen)
            .filter(|(agent, _)| agent.starts_with("agents."))
        else {
            continue;
        };
        let steps = |last| agent.split('.').chain([last]).collect::<Vec<_>>();
        place(&mut file, &steps(name), section);
        if inside.is_some() {
            place(&mut file, &steps("backend"), name.into());
        }
    }
    file
}

fn plain_base(key: &str) -> Value {
    let mut bot = json!({ "clientId": "ding1", "clientSecret": "s", "groups": { "cid1": {} }, "dms": { "lin": {} } });
    // It says what an own template can.
    if key.ends_with(".cardTemplateBlocks") {
        place(&mut bot, &["cardTemplateId"], "own.schema".into());
    }
    let dingtalk = match key.starts_with("channels.dingtalk.accounts.") {
        true => json!({ "accounts": { "one": bot } }),
        false => bot,
    };
    let agents = match key.starts_with("agents.list") {
        true => json!({ "list": [{ "id": "main" }, { "id": "other" }] }),
        false => json!({ "entries": { "main": {}, "other": {} } }),
    };
    json!({
        "channels": { "dingtalk": dingtalk },
        "agents": agents,
        "models": { "providers": { "here": {
            "baseUrl": "http://127.0.0.1:1/v1", "models": [{ "id": "small" }],
        } } },
        "bindings": [{ "agentId": "other", "match": { "channel": "dingtalk" } }],
        "mcp": { "servers": { "notes": { "command": "notes" } } },
    })
}

/// The keys of a schema.
struct Keys<'a> {
    root: &'a Value,
    leaves: Vec<(String, &'a Value)>,
}

impl<'a> Keys<'a> {
    fn resolved(&self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(reference) => self.resolved(
                self.root
                    .pointer(reference.trim_start_matches('#'))
                    .expect("it is there"),
            ),
            None => schema,
        }
    }

    fn walk(&mut self, schema: &'a Value, key: String, inside: &mut Vec<&'a Value>) {
        let resolved = self.resolved(schema);
        if inside.iter().any(|outer| std::ptr::eq(*outer, resolved)) {
            return;
        }
        inside.push(resolved);
        let below = |name: &str| match key.as_str() {
            "" => name.to_owned(),
            key => format!("{key}.{name}"),
        };
        for form in ["anyOf", "oneOf"]
            .into_iter()
            .filter_map(|name| resolved[name].as_array())
            .flatten()
        {
            self.walk(form, key.clone(), inside);
        }
        if let Some(properties) = resolved["properties"].as_object() {
            for (name, schema) in properties {
                self.walk(schema, below(name), inside);
            }
        }
        if resolved["additionalProperties"].is_object() {
            self.walk(&resolved["additionalProperties"], below("*"), inside);
        }
        if resolved["items"].is_object() {
            self.walk(&resolved["items"], below("[]"), inside);
        }
        let kinds = kinds(resolved);
        let is_leaf = kinds
            .iter()
            .any(|kind| matches!(*kind, "string" | "integer" | "number" | "boolean"))
            || resolved.get("const").is_some();
        if is_leaf {
            self.leaves.push((key, resolved));
        }
        inside.pop();
    }

    /// What may be written there, as far as the type tells.
    fn values(&self, leaf: &Value) -> Vec<Value> {
        if let Some(words) = leaf["enum"].as_array() {
            return words.clone();
        }
        if let Some(word) = leaf.get("const") {
            return vec![word.clone()];
        }
        let mut values = Vec::new();
        for kind in kinds(leaf) {
            match kind {
                "boolean" => values.extend([json!(true), json!(false)]),
                "integer" | "number" => {
                    let least = leaf["minimum"].as_i64().unwrap_or(0).max(1);
                    values.extend([json!(least + 1), json!(least + 6), json!(least)]);
                }
                "string" => values.extend([
                    json!("other"),
                    json!("https://other.example/v1"),
                    json!("other/model"),
                    json!("Asia/Tokyo"),
                ]),
                _ => {}
            }
        }
        values
    }
}

fn kinds(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(kind) => vec![kind.as_str()],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn a_key_that_changes_nothing_would_be_found() {
    let base = base("channels.dingtalk.debug");
    assert!(differs(&base, "channels.dingtalk.debug", json!(true)));
    assert!(!differs(&base, "channels.dingtalk.debug", json!(false)));
    assert!(!differs(&base, "channels.dingtalk.typo", json!(1)));
    let none = Value::Object(Map::new());
    assert!(!differs(
        &none,
        "channels.dingtalk.cardTemplateKey",
        json!("without a bot")
    ));
}
