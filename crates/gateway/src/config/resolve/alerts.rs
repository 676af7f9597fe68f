//! The second path to the operator.

use url::Url;

use super::{Context, set};
use crate::config::document;
use crate::config::problem::{KeyPath, ProblemKind};
use crate::config::settings::Alerts;
use crate::secret::SecretSource;

pub(super) fn resolve(context: &mut Context<'_>, alerts: document::Alerts) -> Option<Alerts> {
    let section = KeyPath::from("alerts");
    let key = section.key("webhook");
    let webhook = context.secret(alerts.webhook, &key)?;
    if let SecretSource::Given(address) = &webhook
        && !is_webhook(address.expose())
    {
        let kind = ProblemKind::NotAddress {
            // The address is a secret, and so is a piece of it.
            text: "***".to_owned(),
            schemes: "https://oapi.dingtalk.com/robot/send?access_token=…",
        };
        context.report(kind, key);
        return None;
    }
    Some(Alerts {
        webhook,
        secret: context.secret(alerts.secret, &section.key("secret")),
        keyword: set(alerts.keyword),
    })
}

fn is_webhook(address: &str) -> bool {
    let url = Url::parse(address).ok();
    url.is_some_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.query_pairs().any(|(name, _)| name == "access_token")
    })
}
