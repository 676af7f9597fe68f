//! The frames of Stream mode (protocol reference §2.3–§2.5). `data` is JSON inside a string, in both directions.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::handler::{Ack, Push, Topic};
use crate::id::PushId;

/// A frame from the platform, understood.
#[derive(Debug)]
pub(super) enum Frame {
    /// Asks for life; the answer carries the same data.
    Ping { id: PushId, data: String },
    /// The platform will close this connection and pushes nothing more on it.
    Disconnect,
    /// Some news about the connection that needs no answer.
    Notice,
    /// Something for the handler.
    Push(Push),
    /// Something that we did not ask for.
    Unexpected { id: PushId },
    /// No frame. With an id, it can at least be refused.
    Malformed { id: Option<PushId> },
}

#[derive(Deserialize)]
struct Wire {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    headers: Headers,
    #[serde(default)]
    data: Value,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Headers {
    topic: String,
    message_id: String,
    event_type: Option<String>,
}

impl Frame {
    pub(super) fn parse(text: &str) -> Self {
        let Ok(wire) = serde_json::from_str::<Wire>(text) else {
            return Self::Malformed { id: id_of(text) };
        };
        let id = PushId::new(wire.headers.message_id);
        let data = match wire.data {
            Value::String(text) => text,
            Value::Null => String::new(),
            // Against the documents, but what it means is clear.
            other => other.to_string(),
        };
        match (wire.kind.as_str(), wire.headers.topic.as_str()) {
            ("SYSTEM", "ping") => Self::Ping { id, data },
            ("SYSTEM", "disconnect") => Self::Disconnect,
            ("SYSTEM", _) => Self::Notice,
            _ if id.as_str().is_empty() => Self::Malformed { id: None },
            ("CALLBACK", "/v1.0/im/bot/messages/get" | "/v1.0/im/bot/messages/delegate") => {
                Self::push(Topic::RobotMessage, id, data)
            }
            ("CALLBACK", "/v1.0/card/instances/callback") => {
                Self::push(Topic::CardCallback, id, data)
            }
            ("EVENT", _) => Self::push(
                Topic::Event(wire.headers.event_type.unwrap_or_default()),
                id,
                data,
            ),
            _ => Self::Unexpected { id },
        }
    }

    fn push(topic: Topic, id: PushId, data: String) -> Self {
        Self::Push(Push { topic, id, data })
    }
}

/// The id of a frame that is not as it should be, if it has one.
fn id_of(text: &str) -> Option<PushId> {
    let value: Value = serde_json::from_str(text).ok()?;
    Some(PushId::new(value["headers"]["messageId"].as_str()?))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    code: u16,
    headers: AnswerHeaders<'a>,
    message: &'a str,
    data: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AnswerHeaders<'a> {
    content_type: &'a str,
    message_id: &'a PushId,
}

/// The answer to a push; `None` when silence is the answer.
pub(super) fn answer(topic: &Topic, id: &PushId, ack: &Ack) -> Option<String> {
    let is_event = matches!(topic, Topic::Event(_));
    let (code, message, data) = match ack {
        Ack::Taken if is_event => (
            200,
            "OK",
            json!({"status": "SUCCESS", "message": "success"}),
        ),
        // An answer without parts leaves the card as it is (§3.6).
        Ack::Taken if *topic == Topic::CardCallback => (200, "OK", json!({"response": {}})),
        Ack::Taken => (200, "OK", json!({"response": null})),
        Ack::TakenWith(response) => (200, "OK", json!({"response": response})),
        Ack::Malformed => (400, "bad request", json!({"response": null})),
        Ack::Later if is_event => (200, "OK", json!({"status": "LATER", "message": "later"})),
        Ack::Later => return None,
    };
    Some(write(code, id, message, data.to_string()))
}

/// The answer to a frame that is not for us.
pub(super) fn refusal(id: &PushId, code: u16, message: &str) -> String {
    write(code, id, message, json!({"response": null}).to_string())
}

/// The answer to a ping.
pub(super) fn pong(id: &PushId, data: String) -> String {
    write(200, id, "OK", data)
}

fn write(code: u16, id: &PushId, message: &str, data: String) -> String {
    let headers = AnswerHeaders {
        content_type: "application/json",
        message_id: id,
    };
    serde_json::to_string(&Answer {
        code,
        headers,
        message,
        data,
    })
    .expect("strings and numbers are always JSON")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::CardVariables;
    use crate::card::ClickAnswer;

    fn frame(kind: &str, topic: &str, data: Value) -> Frame {
        let headers = json!({"topic": topic, "messageId": "p1", "contentType": "application/json", "time": "1"});
        Frame::parse(
            &json!({"specVersion": "1.0", "type": kind, "headers": headers, "data": data})
                .to_string(),
        )
    }

    #[test]
    fn frames_are_understood() {
        assert!(
            matches!(frame("SYSTEM", "ping", json!("{\"opaque\":\"1\"}")), Frame::Ping { data, .. } if data == "{\"opaque\":\"1\"}")
        );
        assert!(matches!(
            frame("SYSTEM", "disconnect", json!("{}")),
            Frame::Disconnect
        ));
        assert!(matches!(
            frame("SYSTEM", "REGISTERED", json!("")),
            Frame::Notice
        ));
        assert!(matches!(
            frame("EVENT", "*", json!("{}")),
            Frame::Push(Push {
                topic: Topic::Event(_),
                ..
            })
        ));
        assert!(matches!(
            frame("CALLBACK", "/v1.0/graph/api/invoke", json!("{}")),
            Frame::Unexpected { .. }
        ));
        let Frame::Push(push) = frame(
            "CALLBACK",
            "/v1.0/im/bot/messages/get",
            json!("{\"msgId\":\"私密\"}"),
        ) else {
            panic!("it is a push")
        };
        assert_eq!(push.topic, Topic::RobotMessage);
        assert!(!format!("{push:?}").contains("私密"));
        assert!(matches!(
            frame("CALLBACK", "/v1.0/im/bot/messages/delegate", json!("{}")),
            Frame::Push(Push {
                topic: Topic::RobotMessage,
                ..
            })
        ));
        // An object in the place of the string is tolerated.
        let Frame::Push(push) = frame(
            "CALLBACK",
            "/v1.0/im/bot/messages/get",
            json!({"msgId": "1"}),
        ) else {
            panic!("it is a push")
        };
        assert_eq!(push.data, "{\"msgId\":\"1\"}");
    }

    #[test]
    fn what_is_no_frame_is_refused_where_it_can_be() {
        assert!(matches!(
            Frame::parse("不是 JSON"),
            Frame::Malformed { id: None }
        ));
        assert!(matches!(Frame::parse("[]"), Frame::Malformed { id: None }));
        assert!(matches!(Frame::parse("{}"), Frame::Malformed { id: None }));
        let wrong = r#"{"type":7,"headers":{"messageId":"p9"}}"#;
        assert!(
            matches!(Frame::parse(wrong), Frame::Malformed { id: Some(id) } if id.as_str() == "p9")
        );
    }

    #[test]
    fn answers_have_the_documented_form() {
        let id = PushId::new("p1");
        assert_eq!(
            answer(&Topic::RobotMessage, &id, &Ack::Taken).as_deref(),
            Some(
                r#"{"code":200,"headers":{"contentType":"application/json","messageId":"p1"},"message":"OK","data":"{\"response\":null}"}"#
            )
        );
        assert_eq!(answer(&Topic::RobotMessage, &id, &Ack::Later), None);
        let click = |ack: &Ack| answer(&Topic::CardCallback, &id, ack).expect("it is answered");
        assert!(click(&Ack::Taken).contains(r#""data":"{\"response\":{}}""#));
        let shown = ClickAnswer {
            variables: CardVariables::new().with("status", "已同意"),
            private: CardVariables::new(),
        };
        assert!(click(&shown.into()).contains(
            r#"\"response\":{\"cardUpdateOptions\":{\"updateCardDataByKey\":true,\"updatePrivateDataByKey\":true},\"cardData\":{\"cardParamMap\":{\"status\":\"已同意\"}}}"#
        ));
        let later = answer(&Topic::Event("user_leave_org".to_owned()), &id, &Ack::Later)
            .expect("events are answered");
        assert!(later.contains(r#"\"status\":\"LATER\""#));
        assert!(
            pong(&id, "{\"opaque\":\"7\"}".to_owned()).contains(r#""data":"{\"opaque\":\"7\"}""#)
        );
        assert!(refusal(&id, 404, "not subscribed").contains(r#""code":404"#));
    }
}
