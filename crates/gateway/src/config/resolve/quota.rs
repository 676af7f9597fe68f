//! What an organisation may use in a month.

use std::num::NonZeroU32;

use chela_channels::dingtalk::quota::Plan;

use crate::config::document::{Quota, QuotaPlan};

/// The plan of an account: numbers win over the edition.
pub(super) fn plan(quota: Quota) -> Plan {
    let edition = match quota.plan {
        Some(QuotaPlan::Professional) => Plan::PROFESSIONAL,
        Some(QuotaPlan::Standard | QuotaPlan::Custom) | None => Plan::STANDARD,
    };
    let given = |number: Option<NonZeroU32>| number.map(|number| u64::from(number.get()));
    Plan {
        calls: given(quota.calls_per_month).unwrap_or(edition.calls),
        messages: given(quota.messages_per_month).unwrap_or(edition.messages),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::{Environment, parse};

    fn plan_of(quota: &str) -> Plan {
        let text = format!(
            r#"{{ channels: {{ dingtalk: {{ clientId: "d", clientSecret: "s", quota: {quota} }} }} }}"#
        );
        let loaded = parse(Path::new("chela.json"), &text, &Environment::of([])).unwrap();
        loaded.config.accounts.first().unwrap().plan
    }

    #[test]
    fn editions_and_numbers() {
        assert_eq!(plan_of("{}"), Plan::STANDARD);
        assert_eq!(plan_of(r#"{ plan: "professional" }"#), Plan::PROFESSIONAL);
        let custom = plan_of(r#"{ plan: "custom", callsPerMonth: 40000 }"#);
        assert_eq!((custom.calls, custom.messages), (40_000, 3_000));
        let more = plan_of(r#"{ plan: "professional", messagesPerMonth: 90000 }"#);
        assert_eq!((more.calls, more.messages), (200_000, 90_000));
    }
}
