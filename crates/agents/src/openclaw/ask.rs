//! A question in the words of the gateway: whose run, which session, what is sent by which protocol.

use chela_engine::ports::AgentRequest;
use ring::digest::{Context, SHA256};
use serde_json::{Value, json};

use super::handshake::Hello;
use super::settings::AgentSettings;
use super::wording::harmless;
use crate::images::{Image, Limits, Question};

/// Characters of the longest session key (reference of OpenClaw core §4.4).
const LONGEST_KEY: usize = 512;

/// Where a question goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// The idempotency key, which becomes the id of the run. Follows from the message alone, so that the same question is
    /// known again after whatever restart.
    pub(super) run: String,
    pub(super) session_key: String,
    /// The agent of OpenClaw.
    pub(super) agent: String,
    /// Whether commands in the question are obeyed.
    pub(super) owner: bool,
}

impl Address {
    pub(super) fn new(settings: &AgentSettings, request: &AgentRequest) -> Self {
        let owner = settings.owners.hold(&request.message.sender.id);
        let guest = settings.guest_agent.as_ref().filter(|_| !owner);
        let agent = guest.unwrap_or(&settings.agent).clone();
        Self {
            run: run(request),
            session_key: session_key(request, &agent),
            agent,
            owner,
        }
    }
}

fn run(request: &AgentRequest) -> String {
    let message = &request.message;
    let mut hash = Context::new(&SHA256);
    for part in [
        message.channel.as_str(),
        message.account.as_str(),
        message.id.as_str(),
        request.agent.as_str(),
    ] {
        hash.update(part.as_bytes());
        hash.update(&[0]);
    }
    let hash = hash.finish();
    let digits = hash
        .as_ref()
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"));
    format!("chela-{}", digits.collect::<String>())
}

/// Our own key has OpenClaw's shape already; only the agent has another name there.
fn session_key(request: &AgentRequest, agent: &str) -> String {
    let own = request.session_key.as_str();
    let prefix = format!("agent:{}:", request.agent);
    let rest = own.strip_prefix(&prefix).unwrap_or(own);
    let key = format!("agent:{agent}:{rest}");
    key.chars().take(LONGEST_KEY).collect()
}

/// What is asked.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) text: String,
    images: Vec<Image>,
}

impl Ask {
    pub(super) async fn read(request: &AgentRequest, address: &Address, hello: &Hello) -> Self {
        let limits = Limits {
            one: hello.image_bytes,
            all: hello.attachment_bytes,
        };
        let Question { mut text, images } = Question::read(request, limits).await;
        if !address.owner && !suppresses(hello) {
            text = harmless(request.message.sender.name.trim(), &text);
        }
        Self { text, images }
    }

    /// The parameters of `chat.send`. Protocol 3 refuses a call with a property that it does not know.
    pub(super) fn params(
        &self,
        address: &Address,
        hello: &Hello,
        settings: &AgentSettings,
    ) -> Value {
        let mut params = json!({
            "sessionKey": address.session_key,
            "message": self.text,
            "idempotencyKey": address.run,
            "timeoutMs": u64::try_from(settings.timeout.as_millis()).unwrap_or(u64::MAX),
        });
        if !self.images.is_empty() {
            let images = self.images.iter().map(|image| {
                json!({
                    "type": "image",
                    "mimeType": image.media_type,
                    "fileName": image.name,
                    "content": image.base64,
                })
            });
            params["attachments"] = images.collect();
        }
        if hello.protocol >= 4 {
            // A question that is put into a run of somebody else would have no end of its own.
            params["queueMode"] = json!("followup");
            if !address.owner && suppresses(hello) {
                params["suppressCommandInterpretation"] = json!(true);
            }
        }
        params
    }
}

/// Whether the gateway itself can be told to take commands for text.
fn suppresses(hello: &Hello) -> bool {
    hello.protocol >= 4 && hello.admin
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chela_engine::id::{AgentId, PersonId, SessionKey};
    use chela_engine::testing::{direct_message, request};

    use super::super::settings::Owners;
    use super::*;

    fn settings() -> AgentSettings {
        AgentSettings {
            agent: "work".to_owned(),
            guest_agent: Some("guest".to_owned()),
            owners: Owners {
                everybody: false,
                people: [PersonId::new("boss")].into(),
            },
            keep_sessions: false,
            timeout: Duration::from_secs(600),
        }
    }

    fn asked(message: &str, person: &str) -> AgentRequest {
        AgentRequest {
            agent: AgentId::new("main"),
            session_key: SessionKey::new(format!("agent:main:dingtalk:direct:{person}")),
            ..request(direct_message(message, person, "/status"))
        }
    }

    #[test]
    fn a_question_has_the_same_address_whenever_it_is_asked() {
        let address = |message, person| Address::new(&settings(), &asked(message, person));
        let boss = address("msgAb+/==", "boss");
        assert_eq!(boss, address("msgAb+/==", "boss"));
        assert_ne!(boss.run, address("msgab+/==", "boss").run);
        assert_eq!(boss.session_key, "agent:work:dingtalk:direct:boss");
        assert!(boss.owner);
        let guest = address("m", "lin");
        assert_eq!(guest.session_key, "agent:guest:dingtalk:direct:lin");
        assert!(!guest.owner);
    }

    #[test]
    fn long_keys_of_other_shapes_are_cut_between_characters() {
        let odd = AgentRequest {
            session_key: SessionKey::new("群".repeat(1_000)),
            ..asked("m", "lin")
        };
        assert_eq!(
            Address::new(&settings(), &odd).session_key.chars().count(),
            LONGEST_KEY
        );
    }
}
