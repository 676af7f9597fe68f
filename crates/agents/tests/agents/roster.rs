//! Requests find the agent that they name.

use std::sync::Arc;

use crate::support::{DONE, Reply, Server, agent, collect, request, settings, text};
use chela_agents::{Agents, Pace, Scripted};
use chela_engine::id::AgentId;
use chela_engine::ports::{Agent, AgentErrorKind};

#[tokio::test(start_paused = true)]
async fn each_request_reaches_the_agent_that_it_names() {
    let server = Server::start([Reply::events([text("我是模型"), DONE.to_owned()])]).await;
    let model = agent(settings(&server.base_url));
    let agents = Agents::default()
        .with(AgentId::new("main"), Arc::new(Scripted::new(Pace::INSTANT)))
        .with(AgentId::new("model"), Arc::new(model));
    assert_eq!(agents.ids().count(), 2);

    let mut question = request("复述 我是演示");
    let scripted = collect(agents.run(question.clone())).await;
    assert_eq!(scripted.text, "我是演示");
    question.agent = AgentId::new("model");
    assert_eq!(collect(agents.run(question.clone())).await.text, "我是模型");
    question.agent = AgentId::new("nobody");
    let error = collect(agents.run(question)).await.error.unwrap();
    assert_eq!(error.kind, AgentErrorKind::NotConfigured);
    assert_eq!(error.detail, "there is no agent named `nobody`");
}
