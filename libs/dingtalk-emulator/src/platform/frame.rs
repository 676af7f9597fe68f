//! The frames of the Stream protocol: what is pushed, and how an acknowledgement is read (protocol reference §2.3, §2.4).

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::id::{ConnectionId, PushId};

/// Application id in the headers of every push; a UUID that has nothing to do with the AppKey.
const APP_ID: &str = "765ed67b-b170-4e12-ba38-6b59dc404ddb";

/// A frame to a client.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) kind: &'a str,
    pub(crate) topic: &'a str,
    pub(crate) push: &'a PushId,
    pub(crate) time_ms: i64,
    /// Absent from `SYSTEM` frames.
    pub(crate) connection: Option<&'a ConnectionId>,
    /// Further headers of events.
    pub(crate) extra: &'a [(String, String)],
    pub(crate) data: &'a str,
}

impl Frame<'_> {
    pub(crate) fn encode(&self) -> String {
        let mut headers = serde_json::Map::new();
        if let Some(connection) = self.connection {
            headers.insert("appId".to_owned(), APP_ID.into());
            headers.insert("connectionId".to_owned(), connection.as_str().into());
        }
        for (name, value) in [
            ("contentType", "application/json"),
            ("messageId", self.push.as_str()),
        ] {
            headers.insert(name.to_owned(), value.into());
        }
        // A string although it is a number, as in every real frame.
        headers.insert("time".to_owned(), self.time_ms.to_string().into());
        headers.insert("topic".to_owned(), self.topic.into());
        for (name, value) in self.extra {
            headers.insert(name.clone(), value.as_str().into());
        }
        let wire = Wire {
            spec_version: "1.0",
            kind: self.kind,
            headers,
            data: self.data,
        };
        serde_json::to_string(&wire).expect("a map of strings is always JSON")
    }
}

#[derive(Serialize)]
struct Wire<'a> {
    #[serde(rename = "specVersion")]
    spec_version: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    headers: serde_json::Map<String, Value>,
    data: &'a str,
}

/// A client's acknowledgement, read leniently (S19).
#[derive(Debug)]
pub(crate) struct Ack {
    pub(crate) push: PushId,
    pub(crate) code: i64,
    pub(crate) data: AckData,
}

/// The `data` of an acknowledgement.
#[derive(Debug, PartialEq)]
pub(crate) enum AckData {
    /// A JSON string, as the protocol demands.
    Text(String),
    /// Something else, which is tolerated and counted.
    NotText,
    Missing,
}

impl AckData {
    /// Whether an event's receiver asks to get it again.
    pub(crate) fn asks_for_later(&self) -> bool {
        let Self::Text(text) = self else { return false };
        serde_json::from_str::<Value>(text).is_ok_and(|data| data["status"] == "LATER")
    }
}

impl Ack {
    /// `None` when the frame is no acknowledgement of anything.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        #[derive(serde::Deserialize)]
        struct WireAck<'a> {
            code: Option<Value>,
            headers: WireHeaders,
            #[serde(borrow)]
            data: Option<&'a RawValue>,
        }
        #[derive(serde::Deserialize)]
        struct WireHeaders {
            #[serde(rename = "messageId")]
            message_id: String,
        }

        let wire: WireAck<'_> = serde_json::from_str(text).ok()?;
        let code = match wire.code? {
            Value::Number(number) => number.as_i64()?,
            Value::String(text) => text.parse().ok()?,
            _ => return None,
        };
        let data = match wire.data {
            None => AckData::Missing,
            Some(raw) => serde_json::from_str(raw.get()).map_or(AckData::NotText, AckData::Text),
        };
        Some(Self {
            push: wire.headers.message_id.into(),
            code,
            data,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_looks_like_the_platforms() {
        let frame = Frame {
            kind: "CALLBACK",
            topic: "/t",
            push: &"m1".into(),
            time_ms: 1_769_851_697_756,
            connection: Some(&"c1".into()),
            extra: &[],
            data: r#"{"a":1}"#,
        };
        assert_eq!(
            frame.encode(),
            r#"{"specVersion":"1.0","type":"CALLBACK","headers":{"appId":"765ed67b-b170-4e12-ba38-6b59dc404ddb","connectionId":"c1","contentType":"application/json","messageId":"m1","time":"1769851697756","topic":"/t"},"data":"{\"a\":1}"}"#
        );
    }

    #[test]
    fn acknowledgements_are_read_leniently() {
        let ack = |text| Ack::parse(text).map(|ack| (ack.code, ack.data));
        assert_eq!(
            ack(
                r#"{"code":200,"headers":{"messageId":"m","x":1},"message":5,"data":"{}","more":[]}"#
            ),
            Some((200, AckData::Text("{}".to_owned())))
        );
        assert_eq!(
            ack(r#"{"code":"200","headers":{"messageId":"m"}}"#),
            Some((200, AckData::Missing))
        );
        assert_eq!(
            ack(r#"{"code":200,"headers":{"messageId":"m"},"data":{"a":1}}"#),
            Some((200, AckData::NotText))
        );
        assert_eq!(ack(r#"{"code":200,"headers":{}}"#), None);
        assert_eq!(ack("not json"), None);
    }
}
