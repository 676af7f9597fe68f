//! The five troubles of the product page's "DingTalk Troubleshooting", each by the checks that find its causes.

use super::examination::Examination;
use super::finding::{Finding, Outcome};
use crate::catalogue::diagnosis::{self, Check};
use crate::catalogue::{Code, Failure};

fn judge(examination: &Examination<'_>, check: Check, causes: &[Check]) -> Vec<Finding> {
    let found = examination.troubles_among(causes);
    let outcome = if found.is_empty() {
        Outcome::Good(diagnosis::NO_TROUBLE.into())
    } else {
        let titles = |pick: fn(crate::catalogue::Text) -> &'static str, comma: &str| {
            let titles: Vec<&str> = found.iter().map(|check| pick(check.title())).collect();
            titles.join(comma)
        };
        let words = diagnosis::causes(&titles(|text| text.zh, "、"), &titles(|text| text.en, ", "));
        Outcome::Doubtful(Failure::warning(Code::CauseFound).message(words))
    };
    vec![Finding::of(check, outcome)]
}

/// "Bot is completely unresponsive".
pub(super) async fn unresponsive(examination: &Examination<'_>) -> Vec<Finding> {
    let causes = [
        Check::Configuration,
        Check::Account,
        Check::ProxyServer,
        Check::Names,
        Check::Network,
        Check::Proxy,
        Check::Certificate,
        Check::Credentials,
        Check::AddressList,
        Check::Stream,
        Check::Published,
        Check::Range,
        Check::SendScope,
    ];
    judge(examination, Check::Unresponsive, &causes)
}

/// "Messages are received but the AI doesn't reply".
pub(super) async fn no_reply(examination: &Examination<'_>) -> Vec<Finding> {
    let causes = [
        Check::Model,
        Check::ModelLatency,
        Check::SendScope,
        Check::Quota,
    ];
    judge(examination, Check::NoReply, &causes)
}

/// "Stream connection drops frequently".
pub(super) async fn drops(examination: &Examination<'_>) -> Vec<Finding> {
    let causes = [
        Check::ProxyServer,
        Check::Names,
        Check::Network,
        Check::Ipv6,
        Check::Proxy,
        Check::WebSocket,
        Check::SecondConsumer,
        Check::Duplicates,
        Check::Clock,
    ];
    judge(examination, Check::Drops, &causes)
}

/// "Cannot access group files or DingTalk Drive files".
pub(super) async fn group_files(examination: &Examination<'_>) -> Vec<Finding> {
    let causes = [Check::FileScope, Check::PeopleScope, Check::Certified];
    judge(examination, Check::GroupFiles, &causes)
}

/// "AI Card streaming output not working".
pub(super) async fn card_streaming(examination: &Examination<'_>) -> Vec<Finding> {
    let causes = [
        Check::CardScope,
        Check::StreamScope,
        Check::Template,
        Check::Cards,
    ];
    judge(examination, Check::CardStreaming, &causes)
}
