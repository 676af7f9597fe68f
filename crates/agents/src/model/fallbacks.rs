//! Several models of which the first that works answers.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chela_engine::ports::{AgentError, AgentErrorKind};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use tokio::time::Instant;

use super::{Abilities, Content, Message, Model, Part, Prompt};

/// The first rest of a model that may be there again soon; doubles with each failure in a row.
const SHORT: Duration = Duration::from_secs(30);
/// The first rest of a model that somebody must see to: a refused key, no money, no such model.
const LONG: Duration = Duration::from_secs(5 * 60);
/// The longest rest.
const LONGEST: Duration = Duration::from_secs(30 * 60);

/// A model that is left alone for a while after it failed, whoever asks. Shared by all agents that name it.
pub struct Candidate {
    name: String,
    model: Arc<dyn Model>,
    rest: Mutex<Rest>,
}

#[derive(Debug, Default)]
struct Rest {
    /// Failures in a row.
    failures: u32,
    until: Option<Instant>,
}

/// Models of which the first that works answers.
///
/// The next one is asked when a model fails before it has said anything, by something that another model may not
/// suffer from. A model that failed is passed over for a while, unless no other is left; the next call behind that
/// time asks it again. What the others cannot take (pictures, tools) is left out for them, or they are.
#[derive(Clone)]
pub struct Fallbacks {
    candidates: Arc<[Arc<Candidate>]>,
}

impl Candidate {
    /// A model by its name in the configuration.
    pub fn new(name: impl Into<String>, model: Arc<dyn Model>) -> Self {
        Self {
            name: name.into(),
            model,
            rest: Mutex::default(),
        }
    }

    /// Its name in the configuration.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How long it is still left alone; `None` when it is not.
    pub fn resting(&self) -> Option<Duration> {
        let until = self.lock().until?;
        let left = until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    fn failed(&self, error: &AgentError) {
        let mut rest = self.lock();
        let usual = match error.kind {
            AgentErrorKind::Auth
            | AgentErrorKind::QuotaExhausted
            | AgentErrorKind::UnknownModel => LONG,
            _ => SHORT,
        };
        let doubled = usual.saturating_mul(2_u32.saturating_pow(rest.failures));
        let pause = doubled
            .max(error.retry_after.unwrap_or_default())
            .min(LONGEST);
        rest.failures = rest.failures.saturating_add(1);
        rest.until = Some(Instant::now() + pause);
        tracing::warn!(
            model = self.name,
            kind = ?error.kind,
            detail = error.detail,
            ?pause,
            "the model failed; for a while others are asked first"
        );
    }

    fn works(&self) {
        *self.lock() = Rest::default();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Rest> {
        // No step leaves it half done.
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fallbacks {
    /// Asks these in this order. There must be one at least; without any, every call fails.
    pub fn new(candidates: impl IntoIterator<Item = Arc<Candidate>>) -> Self {
        Self {
            candidates: candidates.into_iter().collect(),
        }
    }

    /// Those that can take the prompt: the rested ones first, the others behind them.
    fn order(&self, prompt: &Prompt) -> Vec<Arc<Candidate>> {
        let uses_tools = prompt.messages.iter().any(|message| match message {
            Message::Assistant(answer) => !answer.calls.is_empty(),
            Message::ToolResult { .. } => true,
            Message::User(_) => false,
        });
        let able = self
            .candidates
            .iter()
            .filter(|candidate| !uses_tools || candidate.model.abilities().calls_tools);
        let (rested, resting): (Vec<_>, Vec<_>) = able
            .cloned()
            .partition(|candidate| candidate.resting().is_none());
        rested.into_iter().chain(resting).collect()
    }
}

impl Model for Fallbacks {
    fn call(&self, prompt: Prompt) -> BoxStream<'static, Result<Part, AgentError>> {
        let mut candidates = self.order(&prompt);
        candidates.reverse();
        let asking = Asking {
            candidates,
            prompt,
            current: None,
            speaking: false,
            failures: Vec::new(),
        };
        stream::unfold(asking, |mut asking| async move {
            let part = asking.next().await?;
            Some((part, asking))
        })
        .boxed()
    }

    /// What any of them can do: the prompt is made for the best of them, and cut down for the others. The window is the
    /// first one's.
    fn abilities(&self) -> Abilities {
        let each = || {
            self.candidates
                .iter()
                .map(|candidate| candidate.model.abilities())
        };
        Abilities {
            sees: each().any(|abilities| abilities.sees),
            calls_tools: each().any(|abilities| abilities.calls_tools),
            reasons: each().any(|abilities| abilities.reasons),
            context_window: each().next().and_then(|abilities| abilities.context_window),
        }
    }
}

type Parts = BoxStream<'static, Result<Part, AgentError>>;

/// A call under way.
struct Asking {
    /// Those that were not asked yet, the next one last.
    candidates: Vec<Arc<Candidate>>,
    prompt: Prompt,
    current: Option<(Arc<Candidate>, Parts)>,
    /// Whether something was said that cannot be taken back.
    speaking: bool,
    failures: Vec<(String, AgentError)>,
}

impl Asking {
    async fn next(&mut self) -> Option<Result<Part, AgentError>> {
        loop {
            let Some((candidate, parts)) = &mut self.current else {
                let Some(candidate) = self.candidates.pop() else {
                    // Behind the last part or error of a call there is nothing.
                    return self.give_up().map(Err);
                };
                let prompt = adapted(&self.prompt, candidate.model.abilities());
                let parts = candidate.model.call(prompt);
                self.current = Some((candidate, parts));
                continue;
            };
            match parts.next().await {
                Some(Ok(part)) => {
                    if part.is_visible() && !self.speaking {
                        self.speaking = true;
                        candidate.works();
                    }
                    return Some(Ok(part));
                }
                Some(Err(error)) => {
                    if passes_to_another(error.kind) {
                        candidate.failed(&error);
                    }
                    let name = candidate.name.clone();
                    self.current = None;
                    let last = self.speaking || !passes_to_another(error.kind);
                    let kind = error.kind;
                    self.failures.push((name, error));
                    if last {
                        self.candidates.clear();
                        let all = self.give_up();
                        return all.map(|error| Err(AgentError { kind, ..error }));
                    }
                }
                None => {
                    self.current = None;
                    self.candidates.clear();
                    self.failures.clear();
                }
            }
        }
    }

    /// All have failed. The first of them is what people know as the model; the operator reads of all.
    fn give_up(&mut self) -> Option<AgentError> {
        let failures = std::mem::take(&mut self.failures);
        let (_, first) = failures.first()?;
        let kind = first.kind;
        let soonest = failures
            .iter()
            .filter_map(|(_, error)| error.retry_after)
            .min();
        let details = failures
            .iter()
            .map(|(name, error)| format!("{name}: {:?}: {}", error.kind, error.detail));
        let detail = match failures.len() {
            1 => first.detail.clone(),
            _ => details.collect::<Vec<_>>().join("; "),
        };
        Some(AgentError {
            kind,
            detail,
            retry_after: soonest,
        })
    }
}

/// Whether another model may not suffer from it. A filter refuses the content, a long conversation is the same for the
/// next one, and a wrong request is ours.
fn passes_to_another(kind: AgentErrorKind) -> bool {
    match kind {
        AgentErrorKind::Auth
        | AgentErrorKind::QuotaExhausted
        | AgentErrorKind::RateLimited
        | AgentErrorKind::Unavailable
        | AgentErrorKind::Timeout
        | AgentErrorKind::UnknownModel
        | AgentErrorKind::Protocol => true,
        AgentErrorKind::NotConfigured
        | AgentErrorKind::ContextTooLong
        | AgentErrorKind::Refused
        | AgentErrorKind::InvalidRequest
        | AgentErrorKind::OverBudget(_) => false,
    }
}

/// The prompt as a model can take it.
fn adapted(prompt: &Prompt, abilities: Abilities) -> Prompt {
    let mut prompt = prompt.clone();
    if !abilities.calls_tools {
        prompt.tools.clear();
    }
    if !abilities.sees {
        for message in &mut prompt.messages {
            if let Message::User(contents) = message {
                hide_pictures(contents);
            }
        }
    }
    prompt
}

fn hide_pictures(contents: &mut Vec<Content>) {
    let before = contents.len();
    contents.retain(|content| matches!(content, Content::Text(_)));
    let hidden = before - contents.len();
    if hidden > 0 {
        contents.push(Content::Text(unseen(hidden)));
    }
}

/// What a model is told of pictures that it is not shown.
pub(crate) fn unseen(count: usize) -> String {
    format!("(Pictures that you cannot see: {count}. Say so if the question is about them.)")
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use bytes::Bytes;
    use chela_engine::id::MessageId;
    use chela_engine::media_type::MediaType;

    use super::super::{Image, Stop};
    use super::*;

    /// Answers as it is told, call by call, and then with its name.
    struct Fake {
        name: &'static str,
        abilities: Abilities,
        script: Mutex<VecDeque<Vec<Result<Part, AgentError>>>>,
        asked: Mutex<Vec<Prompt>>,
    }

    impl Model for Fake {
        fn call(&self, prompt: Prompt) -> BoxStream<'static, Result<Part, AgentError>> {
            self.asked.lock().unwrap().push(prompt);
            let script = self.script.lock().unwrap().pop_front();
            let usual = || vec![text(self.name), Ok(Part::End(Stop::Finished))];
            stream::iter(script.unwrap_or_else(usual)).boxed()
        }

        fn abilities(&self) -> Abilities {
            self.abilities
        }
    }

    fn text(text: &str) -> Result<Part, AgentError> {
        Ok(Part::Text(text.to_owned()))
    }

    fn failure(kind: AgentErrorKind) -> Result<Part, AgentError> {
        Err(AgentError {
            kind,
            detail: format!("because {kind:?}"),
            retry_after: None,
        })
    }

    fn fake(name: &'static str, script: Vec<Vec<Result<Part, AgentError>>>) -> Arc<Fake> {
        Arc::new(Fake {
            name,
            abilities: Abilities {
                calls_tools: true,
                ..Abilities::default()
            },
            script: Mutex::new(script.into()),
            asked: Mutex::default(),
        })
    }

    fn chain(fakes: &[&Arc<Fake>]) -> Fallbacks {
        Fallbacks::new(fakes.iter().map(|fake| {
            let model = Arc::clone(fake) as Arc<dyn Model>;
            Arc::new(Candidate::new(fake.name, model))
        }))
    }

    /// What a call says, and how it fails.
    async fn ask(model: &Fallbacks) -> (String, Option<AgentError>) {
        let prompt = Prompt::new(MessageId::new("m"));
        let mut parts = model.call(prompt);
        let (mut said, mut error) = (String::new(), None);
        while let Some(part) = parts.next().await {
            match part {
                Ok(Part::Text(text)) => said.push_str(&text),
                Ok(_) => {}
                Err(failure) => error = Some(failure),
            }
        }
        (said, error)
    }

    fn said(text: &str) -> (String, Option<AgentError>) {
        (text.to_owned(), None)
    }

    #[tokio::test(start_paused = true)]
    async fn the_next_one_answers_and_the_first_rests() {
        use AgentErrorKind::*;
        for kind in [
            Auth,
            QuotaExhausted,
            RateLimited,
            Unavailable,
            Timeout,
            UnknownModel,
            Protocol,
        ] {
            let first = fake("first", vec![vec![failure(kind)]]);
            let second = fake("second", Vec::new());
            let model = chain(&[&first, &second]);
            assert_eq!(ask(&model).await, said("second"), "{kind:?}");
            // Not asked again for the next message, and then it is.
            assert_eq!(ask(&model).await, said("second"), "{kind:?}");
            assert_eq!(first.asked.lock().unwrap().len(), 1);
            tokio::time::advance(LONG).await;
            assert_eq!(ask(&model).await, said("first"), "{kind:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_rest_doubles_until_it_works_again() {
        let down = || vec![failure(AgentErrorKind::Unavailable)];
        let first = fake("first", vec![down(), down()]);
        let second = fake("second", Vec::new());
        let model = chain(&[&first, &second]);
        for pause in [SHORT, SHORT * 2] {
            assert_eq!(ask(&model).await, said("second"));
            tokio::time::advance(pause - Duration::from_millis(1)).await;
            assert_eq!(ask(&model).await, said("second"));
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        assert_eq!(ask(&model).await, said("first"));
        assert_eq!(model.candidates[0].resting(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_another_model_would_suffer_from_is_told_at_once() {
        use AgentErrorKind::*;
        for kind in [Refused, ContextTooLong, InvalidRequest] {
            let first = fake("first", vec![vec![failure(kind)]]);
            let second = fake("second", Vec::new());
            let model = chain(&[&first, &second]);
            let (said, error) = ask(&model).await;
            assert_eq!(
                (said.as_str(), error.map(|error| error.kind)),
                ("", Some(kind))
            );
            assert!(second.asked.lock().unwrap().is_empty());
            assert_eq!(model.candidates[0].resting(), None);
        }
        // Nor is anybody asked behind the first word.
        let first = fake("first", vec![vec![text("半"), failure(Unavailable)]]);
        let second = fake("second", Vec::new());
        let (said, error) = ask(&chain(&[&first, &second])).await;
        assert_eq!(
            (said.as_str(), error.map(|error| error.kind)),
            ("半", Some(Unavailable))
        );
        assert!(second.asked.lock().unwrap().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn when_all_fail_all_are_told_and_asked_again() {
        let first = fake("a/x", vec![vec![failure(AgentErrorKind::Auth)]]);
        let second = fake("b/y", vec![vec![failure(AgentErrorKind::Unavailable)]]);
        let model = chain(&[&first, &second]);
        let (_, error) = ask(&model).await;
        let error = error.unwrap();
        assert_eq!(error.kind, AgentErrorKind::Auth);
        assert_eq!(
            error.detail,
            "a/x: Auth: because Auth; b/y: Unavailable: because Unavailable"
        );
        // Both rest, and there is no other: the first is asked all the same.
        assert_eq!(ask(&model).await, said("a/x"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_model_gets_what_it_can_take() {
        let mut sees = fake("sees", vec![vec![failure(AgentErrorKind::Unavailable)]]);
        Arc::get_mut(&mut sees).unwrap().abilities.sees = true;
        let blind = fake("blind", Vec::new());
        let model = chain(&[&sees, &blind]);
        assert!(model.abilities().sees);
        let image = Content::Image(Image {
            media_type: MediaType::sniff(b"GIF8"),
            bytes: Bytes::from_static(b"GIF8"),
        });
        let question = Content::Text("这是什么？".to_owned());
        let prompt = Prompt {
            messages: vec![Message::User(vec![question.clone(), image.clone()])],
            ..Prompt::new(MessageId::new("m"))
        };
        assert_eq!(model.call(prompt.clone()).count().await, 2);
        assert_eq!(sees.asked.lock().unwrap()[0].messages, prompt.messages);
        let told = vec![question, Content::Text(unseen(1))];
        assert_eq!(
            blind.asked.lock().unwrap()[0].messages,
            [Message::User(told)]
        );
    }
}
