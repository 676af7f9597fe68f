//! Which models an agent asks, and what a person may choose instead.

use std::collections::BTreeMap;
use std::sync::Arc;

use chela_engine::ports::Choices;

use super::{Candidate, Fallbacks, Model};

/// The models of an installation by their names in the configuration.
#[derive(Clone, Default)]
pub struct Models {
    by_name: BTreeMap<String, Arc<Candidate>>,
}

impl Models {
    /// Adds a model, in the place of one of the same name.
    pub fn add(&mut self, name: impl Into<String>, model: Arc<dyn Model>) {
        let candidate = Candidate::new(name, model);
        self.by_name
            .insert(candidate.name().to_owned(), Arc::new(candidate));
    }

    /// Whether there is a model of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Candidate>> {
        self.by_name.values()
    }
}

/// The models of one agent.
#[derive(Clone)]
pub struct Selection {
    models: Arc<Models>,
    /// Which are asked, in this order.
    usual: Vec<String>,
}

impl Selection {
    /// Asks these of the models, in this order; names that are not known are passed over. `None` when nothing is left.
    pub fn new(models: Arc<Models>, names: impl IntoIterator<Item = String>) -> Option<Self> {
        let names = names.into_iter();
        let usual: Vec<String> = names.filter(|name| models.contains(name)).collect();
        (!usual.is_empty()).then_some(Self { models, usual })
    }

    /// One model, whatever is chosen.
    pub fn only(name: &str, model: Arc<dyn Model>) -> Self {
        let mut models = Models::default();
        models.add(name, model);
        Self {
            models: Arc::new(models),
            usual: vec![name.to_owned()],
        }
    }

    /// What is asked when nobody has chosen anything.
    pub fn usual(&self) -> Arc<dyn Model> {
        self.choose(&Choices::default())
    }

    /// What is asked for a question: the model that the person has chosen first, if it is there, and then the usual
    /// ones.
    pub fn choose(&self, choices: &Choices) -> Arc<dyn Model> {
        let chosen = choices.model.as_ref();
        let others = self.usual.iter().filter(|name| Some(*name) != chosen);
        let names = chosen.into_iter().chain(others);
        let candidates = names.filter_map(|name| self.models.by_name.get(name));
        Arc::new(Fallbacks::new(candidates.cloned()))
    }
}

#[cfg(test)]
mod tests {
    use chela_engine::ports::AgentError;
    use futures_util::StreamExt;
    use futures_util::stream::{self, BoxStream};

    use super::super::{Abilities, Part, Prompt};
    use super::*;

    struct Named(&'static str);

    impl Model for Named {
        fn call(&self, _prompt: Prompt) -> BoxStream<'static, Result<Part, AgentError>> {
            stream::iter([Ok(Part::Text(self.0.to_owned()))]).boxed()
        }

        fn abilities(&self) -> Abilities {
            Abilities::default()
        }
    }

    #[tokio::test]
    async fn a_choice_goes_before_the_usual() {
        let mut models = Models::default();
        for name in ["a/x", "b/y"] {
            models.add(name, Arc::new(Named(name)));
        }
        let models = Arc::new(models);
        let names = ["gone/z".to_owned(), "a/x".to_owned()];
        let selection = Selection::new(Arc::clone(&models), names).unwrap();
        for (chosen, expected) in [(None, "a/x"), (Some("b/y"), "b/y"), (Some("gone/z"), "a/x")] {
            let choices = Choices {
                model: chosen.map(str::to_owned),
                ..Choices::default()
            };
            let prompt = Prompt::new(chela_engine::id::MessageId::new("m"));
            let mut parts = selection.choose(&choices).call(prompt);
            assert_eq!(
                parts.next().await,
                Some(Ok(Part::Text(expected.to_owned())))
            );
        }
        assert!(Selection::new(models, ["gone/z".to_owned()]).is_none());
    }
}
