//! The codes of failures that the engine and its ports know by kind.

use chela_engine::ports::{AgentErrorKind, StoreErrorKind};

use super::Code;

impl Code {
    /// The code of an agent's failure.
    pub const fn of_agent(kind: AgentErrorKind) -> Self {
        match kind {
            AgentErrorKind::NotConfigured => Self::AgentNotConfigured,
            AgentErrorKind::Auth => Self::AgentAuth,
            AgentErrorKind::RateLimited => Self::AgentRateLimited,
            AgentErrorKind::QuotaExhausted => Self::AgentQuota,
            AgentErrorKind::Unavailable => Self::AgentUnavailable,
            AgentErrorKind::Timeout => Self::AgentSilent,
            AgentErrorKind::ContextTooLong => Self::AgentContextTooLong,
            AgentErrorKind::Refused => Self::AgentRefused,
            AgentErrorKind::InvalidRequest | AgentErrorKind::UnknownModel => {
                Self::AgentInvalidRequest
            }
            AgentErrorKind::Protocol => Self::AgentProtocol,
            AgentErrorKind::OverBudget(_) => Self::AgentOverBudget,
        }
    }

    /// The code of a store's failure.
    pub const fn of_store(kind: StoreErrorKind) -> Self {
        match kind {
            StoreErrorKind::Full => Self::StoreFull,
            StoreErrorKind::Locked => Self::StoreLocked,
            StoreErrorKind::Corrupt => Self::StoreCorrupt,
            StoreErrorKind::Newer => Self::StoreNewer,
            StoreErrorKind::Unreachable => Self::StoreUnreachable,
            StoreErrorKind::Malformed | StoreErrorKind::Other => Self::StoreFailed,
        }
    }
}
