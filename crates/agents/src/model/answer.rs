//! The answer of one call, as the next prompt wants it back.

use serde_json::{Map, Value};

use super::Part;

/// What a model has said in one call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// What it thought first, in stretches.
    pub reasoning: Vec<Reasoning>,
    /// What it said.
    pub text: String,
    /// The tools that it calls, in its order.
    pub calls: Vec<ToolCall>,
}

/// A stretch of reasoning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasoning {
    /// What can be read of it.
    pub text: String,
    /// What the service wants to have back; nothing from most.
    pub seal: Option<Seal>,
}

/// Data with which a service knows its own reasoning again. Means nothing to anybody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seal {
    /// Signs the text of the stretch.
    Signature(String),
    /// Stands in the place of the text, which is not shown.
    Hidden(String),
}

/// A tool that a model wants to be called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolCall {
    /// Ties the result to the call. Never empty, and different for all calls of an answer.
    pub id: String,
    /// The tool.
    pub name: String,
    /// The arguments as JSON, or what the model takes for it: see [`Self::arguments`].
    pub json: String,
}

impl Answer {
    /// Adds a part.
    pub fn add(&mut self, part: &Part) {
        match part {
            Part::Text(more) => self.text.push_str(more),
            Part::Reasoning(more) => self.stretch().text.push_str(more),
            Part::Seal(seal) => self.stretch().seal = Some(seal.clone()),
            Part::ToolCall(call) => self.calls.push(call.clone()),
            Part::Attempt(_) | Part::Usage(_) | Part::End(_) => {}
        }
    }

    /// The stretch that is not sealed yet.
    fn stretch(&mut self) -> &mut Reasoning {
        if self.reasoning.last().is_none_or(|last| last.seal.is_some()) {
            self.reasoning.push(Reasoning::default());
        }
        self.reasoning.last_mut().expect("one was just added")
    }
}

impl ToolCall {
    /// The arguments. Models write nothing where a tool takes none.
    ///
    /// # Errors
    /// When the model has not written a JSON object; the model should be told.
    pub fn arguments(&self) -> Result<Map<String, Value>, serde_json::Error> {
        if self.json.trim().is_empty() {
            return Ok(Map::new());
        }
        serde_json::from_str(&self.json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_of_reasoning_end_with_their_seals() {
        let seal = |text: &str| Part::Seal(Seal::Signature(text.to_owned()));
        let mut answer = Answer::default();
        for part in [
            Part::Reasoning("想".to_owned()),
            Part::Reasoning("想".to_owned()),
            seal("s1"),
            Part::Seal(Seal::Hidden("h".to_owned())),
            Part::Reasoning("再想".to_owned()),
            Part::Text("好".to_owned()),
        ] {
            answer.add(&part);
        }
        let stretch = |text: &str, seal| Reasoning {
            text: text.to_owned(),
            seal,
        };
        assert_eq!(
            answer.reasoning,
            [
                stretch("想想", Some(Seal::Signature("s1".to_owned()))),
                stretch("", Some(Seal::Hidden("h".to_owned()))),
                stretch("再想", None),
            ]
        );
        assert_eq!(answer.text, "好");
    }

    #[test]
    fn arguments_are_an_object_or_nothing() {
        let call = |json: &str| ToolCall {
            json: json.to_owned(),
            ..ToolCall::default()
        };
        assert_eq!(call(" ").arguments().unwrap(), Map::new());
        assert_eq!(
            call(r#"{"城市":"杭州"}"#).arguments().unwrap()["城市"],
            "杭州"
        );
        for wrong in ["[1]", "\"x\"", "{\"a\":", "null"] {
            assert!(call(wrong).arguments().is_err(), "{wrong}");
        }
    }
}
