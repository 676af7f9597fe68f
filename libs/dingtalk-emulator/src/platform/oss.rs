//! The object storage behind download links: as strict about signatures as the real one (protocol reference §5.2,
//! §5.4, O16). Its refusals are XML.

use crate::clock::millis;
use crate::media::Media;
use crate::platform::Platform;
use crate::platform::call::{Answer, Call};
use crate::platform::media_store::Link;

/// Where links with a signature in the query lead.
pub(crate) const SIGNED_PATH: &str = "/wukong-file/";
/// Where links lead whose signature stands in headers.
pub(crate) const DRIVE_PATH: &str = "/drive-file/";
/// Name of the key that signs.
const KEY: &str = "LTAIemulator";

/// A refusal of the storage.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OssFailure {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    message: String,
}

impl OssFailure {
    fn new(status: u16, code: &'static str, message: &str) -> Self {
        Self {
            status,
            code,
            message: message.to_owned(),
        }
    }

    pub(crate) fn no_such_key(key: &str) -> Self {
        let shown: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
        Self::new(
            404,
            "NoSuchKey",
            &format!("The specified key does not exist: {shown}"),
        )
    }

    fn signature() -> Self {
        Self::new(
            403,
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
        )
    }

    fn denied(message: &str) -> Self {
        Self::new(403, "AccessDenied", message)
    }

    pub(crate) fn body(&self, request_id: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>\n  <Code>{}</Code>\n  <Message>{}</Message>\n  <RequestId>{request_id}</RequestId>\n</Error>\n",
            self.code, self.message
        )
    }
}

impl Platform {
    /// A link that works without any header, for a while.
    pub(crate) fn signed_link(&mut self, number: u64) -> String {
        let object = format!("{}.file", self.chance.hex(16));
        let link = Link {
            number,
            signature: self.chance.base64(),
            expires: (self.now_ms + millis(self.settings.download_link_lifetime)) / 1000,
            headers: Vec::new(),
        };
        let signature = link
            .signature
            .replace('+', "%2B")
            .replace('/', "%2F")
            .replace('=', "%3D");
        let url = format!(
            "{}{SIGNED_PATH}{object}?Expires={}&OSSAccessKeyId={KEY}&Signature={signature}",
            self.base(),
            link.expires
        );
        self.media.add_link(object, link);
        url
    }

    /// A link that works with exactly the headers that come with it.
    pub(crate) fn link_with_headers(
        &mut self,
        number: u64,
        date: String,
    ) -> (String, Vec<(&'static str, String)>) {
        let object = format!("{}.file", self.chance.hex(16));
        let headers = vec![
            (
                "Authorization",
                format!("OSS {KEY}:{}", self.chance.base64()),
            ),
            ("x-oss-date", date),
        ];
        let link = Link {
            number,
            signature: String::new(),
            expires: (self.now_ms + millis(self.settings.download_link_lifetime)) / 1000,
            headers: headers.clone(),
        };
        let url = format!("{}{DRIVE_PATH}{object}", self.base());
        self.media.add_link(object, link);
        (url, headers)
    }

    /// `GET` of a link with its signature in the query. The signature covers the headers: one too many spoils it.
    pub(crate) fn signed_object(&self, call: &Call, object: &str) -> Result<Answer, OssFailure> {
        let given = |name: &str| call.query.get(name).map(String::as_str);
        let (Some(signature), Some(expires), Some(KEY)) = (
            given("Signature"),
            given("Expires"),
            given("OSSAccessKeyId"),
        ) else {
            return Err(OssFailure::denied(
                "Anonymous access is forbidden for this operation.",
            ));
        };
        let link = self.link_for(object, &["content-type", "authorization"], call)?;
        if !link.headers.is_empty() {
            return Err(OssFailure::signature());
        }
        if signature != link.signature || expires != link.expires.to_string() {
            return Err(OssFailure::signature());
        }
        self.object(link)
    }

    /// `GET` of a link that came with headers.
    pub(crate) fn drive_object(&self, call: &Call, object: &str) -> Result<Answer, OssFailure> {
        let link = self.link_for(object, &["content-type"], call)?;
        if call.header("authorization").is_none() || link.headers.is_empty() {
            return Err(OssFailure::denied(
                "Anonymous access is forbidden for this operation.",
            ));
        }
        if link
            .headers
            .iter()
            .any(|(name, value)| call.header(name) != Some(value.as_str()))
        {
            return Err(OssFailure::signature());
        }
        self.object(link)
    }

    /// The link, unless a header came that its signature does not cover.
    fn link_for(&self, object: &str, foreign: &[&str], call: &Call) -> Result<&Link, OssFailure> {
        let link = self
            .media
            .link(object)
            .ok_or_else(|| OssFailure::no_such_key(object))?;
        let spoilt = foreign
            .iter()
            .chain(&["x-acs-dingtalk-access-token"])
            .any(|name| call.headers.contains_key(*name));
        if spoilt {
            return Err(OssFailure::signature());
        }
        Ok(link)
    }

    fn object(&self, link: &Link) -> Result<Answer, OssFailure> {
        if self.now_ms / 1000 >= link.expires {
            return Err(OssFailure::denied("Request has expired."));
        }
        self.media
            .get(link.number)
            .map(|media| {
                // The object has no name of its own; clients have to know it from elsewhere.
                Answer::file(&Media::new("object.file", media.bytes.clone()))
            })
            .ok_or_else(|| OssFailure::no_such_key("object"))
    }
}
