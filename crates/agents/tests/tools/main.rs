//! Agents with tools: through the agent, with models that say what the test wants.

#![expect(clippy::unwrap_used, reason = "a failure names its line")]

mod approvals;
mod bounds;
mod rounds;
mod support;
mod taint;
mod workspace;
