//! Asks an agent, and collects what it says.

use chela_agents::openai::{OpenAi, Settings};
use chela_engine::ports::{Agent, AgentError, AgentEvent, AgentRequest, Usage};
use chela_engine::testing::direct_message;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;

use super::server::{Reply, Server};

/// The key of every test; must never be seen in an error.
pub(crate) const KEY: &str = "sk-test-not-to-be-seen";

/// Settings for a server, with the key.
pub(crate) fn settings(base_url: &str) -> Settings {
    Settings {
        api_key: Some(KEY.into()),
        ..Settings::new(base_url, "test-model")
    }
}

/// An agent that uses no proxy, whatever the environment of the test says.
pub(crate) fn agent(settings: Settings) -> OpenAi {
    // Another test of this process may have installed it already.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    let client = OpenAi::client_builder(&settings).no_proxy().build();
    let client = client.expect("a client needs nothing");
    OpenAi::with_client(settings, client).expect("the settings are right")
}

/// A question without history.
pub(crate) fn request(question: &str) -> AgentRequest {
    chela_engine::testing::request(direct_message("msg-1", "林小满", question))
}

/// All that an agent said.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) text: String,
    pub(crate) reasoning: String,
    pub(crate) usage: Option<Usage>,
    pub(crate) model: Option<String>,
    pub(crate) error: Option<AgentError>,
}

/// Reads a run to its end.
pub(crate) async fn collect(
    mut events: BoxStream<'static, Result<AgentEvent, AgentError>>,
) -> Answer {
    let mut answer = Answer::default();
    while let Some(event) = events.next().await {
        assert!(answer.error.is_none(), "nothing comes after an error");
        match event {
            Ok(AgentEvent::Text(piece)) => answer.text.push_str(&piece),
            Ok(AgentEvent::Reasoning(piece)) => answer.reasoning.push_str(&piece),
            Ok(AgentEvent::Model(model)) => answer.model = Some(model.name),
            Ok(AgentEvent::Usage(usage)) => answer.usage = Some(usage),
            Ok(other) => panic!("unexpected {other:?}"),
            Err(error) => answer.error = Some(error),
        }
    }
    answer
}

/// Asks a server that gives these replies, with default settings.
pub(crate) async fn ask(replies: impl IntoIterator<Item = Reply>) -> Answer {
    let server = Server::start(replies).await;
    let answer = collect(agent(settings(&server.base_url)).run(request("在吗"))).await;
    server.finish().await;
    if let Some(error) = &answer.error {
        assert!(!error.to_string().contains(KEY), "{error}");
    }
    answer
}
