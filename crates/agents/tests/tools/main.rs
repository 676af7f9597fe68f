//! Agents with tools: through the agent, with models that say what the test wants.

mod bounds;
mod rounds;
mod support;
mod taint;
mod workspace;
