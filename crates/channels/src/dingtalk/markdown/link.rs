//! Where links and images may lead. An answer may hold what somebody else wrote into a page or a file: nobody shall be
//! led anywhere without seeing where, and no picture shall be loaded from a place that learns of it by that.

use url::Url;

/// A link or an image, judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// It may be followed; the host is shown.
    Web {
        /// Where it leads.
        address: String,
        /// The host, if the text does not show it already.
        host: Option<String>,
    },
    /// A file that was uploaded to the platform.
    Uploaded(String),
    /// It leads nowhere that a person should go.
    Refused,
}

/// Judges where a link with this text leads.
pub(super) fn judge(target: &str, text: &str) -> Target {
    if target.starts_with('@') && !target.contains(char::is_whitespace) {
        return Target::Uploaded(target.to_owned());
    }
    let Ok(url) = Url::parse(target) else {
        return Target::Refused;
    };
    match (url.scheme(), url.host_str()) {
        ("http" | "https", Some(host)) => Target::Web {
            address: target.to_owned(),
            host: (!shows(text, host)).then(|| host.to_owned()),
        },
        ("mailto" | "tel", _) => Target::Web {
            address: target.to_owned(),
            host: (!text.contains(url.path())).then(|| url.path().to_owned()),
        },
        _ => Target::Refused,
    }
}

/// Whether a text shows the host as a whole: `example.com` is not shown by `example.com.evil.test`.
fn shows(text: &str, host: &str) -> bool {
    let mut words = text.split(|character: char| {
        !(character.is_ascii_alphanumeric() || matches!(character, '.' | '-'))
    });
    words.any(|word| word.trim_matches('.').eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(target: &str, text: &str) -> Option<String> {
        match judge(target, text) {
            Target::Web { host, .. } => host,
            other => panic!("{target}: {other:?}"),
        }
    }

    #[test]
    fn the_host_is_seen() {
        assert_eq!(
            host("https://chela.example/a", "官网").as_deref(),
            Some("chela.example")
        );
        assert_eq!(host("https://chela.example", "见 chela.example。"), None);
        assert_eq!(
            host("https://evil.test", "https://bank.example").as_deref(),
            Some("evil.test")
        );
        assert_eq!(
            host("https://bank.example", "bank.example.evil.test").as_deref(),
            Some("bank.example")
        );
        assert_eq!(
            host("mailto:a@b.example", "写信").as_deref(),
            Some("a@b.example")
        );
    }

    #[test]
    fn what_is_not_the_web_leads_nowhere() {
        for target in [
            "javascript:alert(1)",
            "dtmd://dingtalkclient/sendMessage?content=1",
            "dingtalk://x",
            "file:///etc/passwd",
            "data:text/html,x",
            "/relative",
            "",
        ] {
            assert_eq!(judge(target, "点我"), Target::Refused, "{target}");
        }
        assert_eq!(
            judge("@lADPxxxx", ""),
            Target::Uploaded("@lADPxxxx".to_owned())
        );
    }
}
