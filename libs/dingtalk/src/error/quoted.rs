//! The platform may repeat what it was sent. What nobody may see is taken out of its words.

use serde_json::Value;
use url::Url;

/// Fields of our requests that name whom or what a call was about and help to understand a failure. All others are
/// secrets, or what people write.
const PLAIN: &[&str] = &[
    "appKey",
    "atUserIds",
    "clientId",
    "client_id",
    "grant_type",
    "msgKey",
    "msgtype",
    "openConversationId",
    "robotCode",
    "subscriptions",
    "ua",
    "userIds",
];
/// Shorter texts are part of many words, and tell little.
const SHORTEST: usize = 6;

/// What must not be seen of a request.
pub(crate) fn private(url: &Url, token: Option<&str>, body: &Value) -> Vec<String> {
    let mut found: Vec<String> = token.map(str::to_owned).into_iter().collect();
    found.extend(url.query_pairs().map(|(_, value)| value.into_owned()));
    found.extend(url.query().map(str::to_owned));
    collect(body, &mut found);
    found.retain(|text| text.chars().count() >= SHORTEST);
    // What holds another goes before it.
    found.sort_by_key(|text| std::cmp::Reverse(text.len()));
    found
}

/// The words without any of it.
pub(crate) fn without(mut words: String, private: &[String]) -> String {
    for text in private {
        if words.contains(text.as_str()) {
            words = words.replace(text.as_str(), "<redacted>");
        }
    }
    words
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            // Parameters of messages are JSON in a string, and may be quoted in either form.
            if let Ok(inner @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text) {
                collect(&inner, found);
            }
            found.push(text.clone());
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
        Value::Object(fields) => {
            let private = fields
                .iter()
                .filter(|(name, _)| !PLAIN.contains(&name.as_str()));
            private.for_each(|(_, value)| collect(value, found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_and_texts_go_and_names_stay() {
        let url = Url::parse("https://oapi.example/robot/sendBySession?session=abc%2B123456")
            .expect("an address");
        let parameter = json!({"text": "月底裁员名单", "title": "短"}).to_string();
        let body =
            json!({"robotCode": "dingabcdef", "appSecret": "s3cret-s3cret", "msgParam": parameter});
        let private = private(&url, Some("token-token"), &body);
        for words in [
            "token-token",
            "session=abc%2B123456",
            "abc+123456",
            "s3cret-s3cret",
            "月底裁员名单",
            parameter.as_str(),
        ] {
            let shown = without(format!("「{words}」不合法"), &private);
            assert!(
                shown.starts_with("「") && shown.ends_with("<redacted>」不合法"),
                "{shown}"
            );
        }
        let words = "robotCode dingabcdef 不存在，短".to_owned();
        assert_eq!(without(words.clone(), &private), words);
    }
}
