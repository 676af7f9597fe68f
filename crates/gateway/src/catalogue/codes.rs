//! The codes of everything that can go wrong. A code never changes its meaning; each has a page in `docs/errors`.
//!
//! 1xxx configuration · 2xxx state directory and store · 3xxx DingTalk · 4xxx models and agents · 5xxx delivery ·
//! 6xxx command line and process · 7xxx tools. What they mean, and how a command ends with them, stands in a file for each.

mod agents;
mod causes;
mod configuration;
mod delivery;
mod dingtalk;
mod process;
mod state;
mod tools;

use std::fmt;

use super::{Exit, Text};

/// What a code means, in the words of its page.
#[derive(Clone, Copy, Debug)]
pub struct Explanation {
    /// What happened, in half a sentence.
    pub title: Text,
    /// Why it happens.
    pub cause: Text,
    /// What to do about it.
    pub fix: Text,
}

/// How a command ends with each code of a family, and what the code means.
macro_rules! explanations {
    ($($name:ident, $exit:ident {
        $title_zh:literal / $title_en:literal;
        $cause_zh:literal / $cause_en:literal;
        $fix_zh:literal / $fix_en:literal;
    })*) => {
        pub(super) const fn explained(code: super::Code) -> (super::Exit, super::Explanation) {
            use super::{Code, Exit, Explanation, Text};
            match code {
                $(Code::$name => (
                    Exit::$exit,
                    Explanation {
                        title: Text::new($title_zh, $title_en),
                        cause: Text::new($cause_zh, $cause_en),
                        fix: Text::new($fix_zh, $fix_en),
                    },
                ),)*
                _ => panic!("the code is explained in the file of its family"),
            }
        }
    };
}
use explanations;

macro_rules! codes {
    ($($name:ident = $number:literal,)*) => {
        /// The identity of a failure.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = concat!("`CHELA-", $number, "`, see its page.")] $name = $number,)*
        }

        impl Code {
            /// Every code, in ascending order.
            pub const ALL: &[Self] = &[$(Self::$name,)*];
        }
    };
}

impl Code {
    /// The number behind `CHELA-`.
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// The code that is written so, as in `CHELA-3001`.
    pub fn parse(text: &str) -> Option<Self> {
        let number: u16 = text.strip_prefix("CHELA-")?.parse().ok()?;
        let mut all = Self::ALL.iter().copied();
        all.find(|code| code.number() == number)
    }

    /// How a command ends that fails with this code.
    pub const fn exit(self) -> Exit {
        self.explained().0
    }

    /// What the code means.
    pub const fn explanation(self) -> Explanation {
        self.explained().1
    }

    const fn explained(self) -> (Exit, Explanation) {
        match self.number() / 1000 {
            1 => configuration::explained(self),
            2 => state::explained(self),
            3 => dingtalk::explained(self),
            4 => agents::explained(self),
            5 => delivery::explained(self),
            6 => process::explained(self),
            _ => tools::explained(self),
        }
    }
}

codes! {
    ConfigNotFound = 1001,
    ConfigUnreadable = 1002,
    ConfigNotText = 1003,
    ConfigSyntax = 1004,
    ConfigType = 1005,
    ConfigValue = 1006,
    ConfigVariable = 1007,
    SecretUnavailable = 1008,
    NoAccount = 1009,
    AccountIncomplete = 1010,
    AccountConflict = 1011,
    ConfigTooLarge = 1012,
    ConfigUnknownKey = 1013,
    ConfigReference = 1014,
    ConfigNotSupported = 1015,
    ConfigDuplicateKey = 1016,
    ConfigExposed = 1017,
    ConfigInclude = 1018,
    ConfigDotenv = 1019,
    ConfigAbsent = 1020,
    ConfigPath = 1021,
    ConfigNotWritten = 1022,
    ConfigRedacted = 1023,
    ConfigNotOverwritten = 1029,
    TokenWeak = 1030,
    OpenToAll = 1031,
    SecretInFile = 1032,
    NoTerminal = 1033,
    Interrupted = 1034,
    CodeDeclined = 1035,
    CodeExpired = 1036,
    BotExists = 1037,
    AuthorityUnusable = 1040,
    ProxyRefuses = 1041,
    ProxyUnreachable = 1042,
    WebSocketBlocked = 1043,
    CaptivePortal = 1044,
    NoHome = 2001,
    StateUnusable = 2002,
    StateLocked = 2003,
    StoreFull = 2004,
    StoreLocked = 2005,
    StoreCorrupt = 2006,
    StoreNewer = 2007,
    StoreUnreachable = 2008,
    StoreFailed = 2009,
    DiskLow = 2010,
    StateExposed = 2011,
    MediaFull = 2012,
    FfmpegMissing = 2013,
    CredentialsRefused = 3001,
    DingtalkUnreachable = 3002,
    StreamRefused = 3003,
    PermissionMissing = 3004,
    QuotaExhausted = 3005,
    RateLimited = 3006,
    DingtalkFailed = 3007,
    PushMalformed = 3008,
    QuotaLow = 3009,
    AddressNotListed = 3020,
    AppNotVisible = 3021,
    CardTemplateUnusable = 3022,
    RobotCodeWrong = 3023,
    OrganisationNotCertified = 3024,
    SecondConsumer = 3025,
    BotNotInGroup = 3026,
    ProxyInterferes = 3027,
    CertificateUntrusted = 3028,
    Ipv6Broken = 3029,
    CardVariableMissing = 3030,
    BotSilenced = 3035,
    AgentNotConfigured = 4001,
    AgentAuth = 4002,
    AgentUnavailable = 4003,
    AgentRateLimited = 4004,
    AgentQuota = 4005,
    AgentSilent = 4006,
    AgentContextTooLong = 4007,
    AgentRefused = 4008,
    AgentInvalidRequest = 4009,
    AgentProtocol = 4010,
    AgentEmpty = 4011,
    AgentThinkingOnly = 4012,
    TurnTimedOut = 4013,
    TurnInterrupted = 4014,
    ModelApiNotSupported = 4015,
    AgentOverBudget = 4020,
    BudgetLow = 4021,
    StoppedLate = 4030,
    SessionUnknown = 4031,
    BackendUnusable = 4051,
    CronSchedule = 4052,
    CronTarget = 4053,
    CronFull = 4054,
    CronUnknown = 4055,
    PairingUnknown = 4070,
    PairingExpired = 4071,
    PairingNobody = 4072,
    DeliveryFailed = 5001,
    DeliveryUncertain = 5002,
    DeliveryDelayed = 5003,
    AlertFailed = 5004,
    CardsPaused = 5005,
    Usage = 6001,
    NotRunning = 6002,
    Unresponsive = 6003,
    PortTaken = 6004,
    NoLogs = 6005,
    Degraded = 6006,
    OutputFailed = 6007,
    RestartLoop = 6008,
    MessageUnknown = 6009,
    ClockWrong = 6020,
    VersionDiffers = 6021,
    CauseFound = 6022,
    Defect = 6099,
    ToolServerDown = 7001,
    ToolRefused = 7002,
    ToolsExhausted = 7003,
    AnswerRefused = 7004,
    NotAnswered = 7005,
    NobodyToAsk = 7006,
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "CHELA-{}", self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::is_chinese;
    use super::*;

    #[test]
    fn every_code_is_explained_in_both_languages() {
        for &code in Code::ALL {
            let Explanation { title, cause, fix } = code.explanation();
            for text in [title, cause, fix] {
                assert!(is_chinese(text.zh), "{code}: {}", text.zh);
                assert!(
                    !text.en.is_empty() && !is_chinese(text.en),
                    "{code}: {}",
                    text.en
                );
            }
        }
    }

    /// People search for these numbers: none may be given twice or change its place.
    #[test]
    fn numbers_ascend() {
        assert!(
            Code::ALL
                .iter()
                .map(|code| code.number())
                .is_sorted_by(|left, right| left < right)
        );
        assert_eq!(Code::AgentUnavailable.to_string(), "CHELA-4003");
    }
}
