//! Whose history a message belongs to, as a key in OpenClaw's shape.

use crate::id::{AgentId, SessionKey};
use crate::message::{ConversationKind, InboundMessage};

/// The key of the history that a message to an agent belongs to: per channel and person, or per group.
pub fn session_key(agent: &AgentId, message: &InboundMessage) -> SessionKey {
    let (kind, peer) = match message.conversation.kind {
        ConversationKind::Direct => ("direct", message.sender.id.as_str()),
        ConversationKind::Group => ("group", message.conversation.id.as_str()),
    };
    SessionKey::new(format!(
        "agent:{agent}:{}:{kind}:{}",
        message.channel,
        lower_case(peer)
    ))
}

/// OpenClaw writes peers in lower case. DingTalk's ids differ by case, so that an upper-case letter is marked:
/// `cidAb` becomes `cid^ab` and cannot meet `cidab`.
fn lower_case(peer: &str) -> String {
    let mut escaped = String::with_capacity(peer.len() + 8);
    for character in peer.chars() {
        if character == '^' {
            escaped.push_str("^^");
        } else if character.is_ascii_uppercase() {
            escaped.push('^');
            escaped.push(character.to_ascii_lowercase());
        } else {
            escaped.push(character);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{direct_message, group_message};

    #[test]
    fn keys_have_openclaws_shape_and_tell_case_apart() {
        let agent = AgentId::new("main");
        let direct = session_key(&agent, &direct_message("m1", "manager7675", "你好"));
        assert_eq!(direct.as_str(), "agent:main:dingtalk:direct:manager7675");
        let group = session_key(&agent, &group_message("m2", "lin", "你好"));
        assert_eq!(group.as_str(), "agent:main:dingtalk:group:cid^group+/=");
        assert_ne!(lower_case("cidAb"), lower_case("cidab"));
        assert_ne!(lower_case("^a"), lower_case("A"));
    }
}
