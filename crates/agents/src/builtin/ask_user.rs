//! `ask_user`: a question to the person in the middle of the work, with choices or a form.

use std::sync::Arc;
use std::time::Duration;

use chela_engine::inquiry::{Field, FieldKind, Form, Subject};
use chela_engine::ports::{Asking, Deciders, Unasked, Verdict};
use chela_engine::text::truncate;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};

use crate::tool::{Call, Definition, Effect, Output, Provenance, Tool};

/// Characters of a label, and of what is said before the fields.
const LABEL: usize = 200;
const DESCRIPTION: usize = 2_000;

/// Asks the person.
#[derive(Clone)]
pub struct AskUser {
    definition: Arc<Definition>,
    patience: Duration,
}

impl AskUser {
    /// Waits so long for an answer.
    pub fn new(patience: Duration) -> Self {
        let option = json!({
            "type": "object",
            "required": ["label"],
            "properties": {
                "label": { "type": "string", "minLength": 1 },
                "value": { "type": "string" },
            },
        });
        let kinds: Vec<&str> = FieldKind::ALL.iter().map(|(word, _)| *word).collect();
        let definition = Definition {
            name: "ask_user".to_owned(),
            description: "Asks the person whom you work for, and waits for the answer. Only for what you cannot \
                          find out or decide yourself. `questions` for choices and free text, or `fields` for a form."
                .to_owned(),
            schema: json!({
                "type": "object",
                "properties": {
                    "title": { "type": "string", "maxLength": LABEL },
                    "description": { "type": "string", "maxLength": DESCRIPTION },
                    "questions": { "type": "array", "minItems": 1, "maxItems": 6, "items": {
                        "type": "object",
                        "required": ["question"],
                        "properties": {
                            "question": { "type": "string", "minLength": 1 },
                            "options": { "type": "array", "maxItems": 20, "items": option },
                            "multiSelect": { "type": "boolean" },
                        },
                    } },
                    "fields": { "type": "array", "minItems": 1, "maxItems": 20, "items": {
                        "type": "object",
                        "required": ["name", "label", "type"],
                        "properties": {
                            "name": { "type": "string", "minLength": 1, "maxLength": 64 },
                            "label": { "type": "string", "minLength": 1 },
                            "type": { "type": "string", "enum": kinds },
                            "required": { "type": "boolean" },
                            "options": { "type": "array", "maxItems": 50, "items": option },
                        },
                    } },
                },
            }),
            effect: Effect::Read,
            carries: None,
        };
        Self {
            definition: Arc::new(definition),
            patience,
        }
    }

    async fn ask(self, call: Call) -> Output {
        let form = match form(&call) {
            Ok(form) => form,
            Err(reason) => return Output::failed(reason),
        };
        let asking = Asking {
            subject: Subject::Form(form.clone()),
            deciders: Deciders::Asker,
            patience: self.patience,
        };
        let asked = call.situation.inquirer.ask(asking);
        match call.cancel.run_until_cancelled(asked).await {
            Some(Ok(Verdict::Filled { values })) => {
                // In the order of the form, by what was asked.
                let answers = form.fields.iter().map(|field| {
                    let values = values.get(&field.name).cloned().unwrap_or_default();
                    (field.name.clone(), json!(values))
                });
                let answers: Map<String, Value> = answers.collect();
                Output::new(Value::Object(answers).to_string(), Provenance::Member)
            }
            Some(Ok(Verdict::Expired)) => Output::failed(
                "nobody answered in time. Do not ask again; go on without it, or say what is missing",
            ),
            Some(Ok(Verdict::Superseded)) => Output::failed(
                "the person wrote something else in place of an answer, which is answered next. Do not ask again",
            ),
            Some(Ok(_)) => Output::failed("the person does not want to answer. Do not ask again"),
            Some(Err(Unasked::Nobody)) => {
                Output::failed("there is nobody to ask here; ask in your answer instead")
            }
            Some(Err(Unasked::NotKept)) => Output::failed("the question could not be asked"),
            None => Output::failed("stopped"),
        }
    }
}

impl Tool for AskUser {
    fn definition(&self) -> &Definition {
        &self.definition
    }

    fn waits_for_people(&self) -> bool {
        true
    }

    fn call(&self, call: Call) -> BoxFuture<'static, Output> {
        self.clone().ask(call).boxed()
    }
}

fn form(call: &Call) -> Result<Form, String> {
    let list = |name: &str| {
        let list = call.arguments.get(name).and_then(Value::as_array);
        list.filter(|list| !list.is_empty())
    };
    let fields: Vec<Field> = match (list("questions"), list("fields")) {
        (Some(questions), None) => (1..)
            .zip(questions)
            .map(|(number, question)| of_question(number, question))
            .collect(),
        (None, Some(fields)) => fields.iter().map(of_field).collect(),
        _ => return Err("either questions or fields".to_owned()),
    };
    let mut names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err("each field has a name of its own".to_owned());
    }
    let lost = |field: &&Field| field.kind.is_choice() && field.options.is_empty();
    if let Some(field) = fields.iter().find(lost) {
        return Err(format!("`{}` has nothing to choose from", field.name));
    }
    let title = call.text("title").trim();
    let title = match fields.first() {
        Some(first) if title.is_empty() => first.label.clone(),
        _ => title.to_owned(),
    };
    Ok(Form {
        title,
        description: call.text("description").trim().to_owned(),
        fields,
    })
}

/// A question is a field: with options a choice, without a text.
fn of_question(number: usize, question: &Value) -> Field {
    let options = options(&question["options"]);
    let kind = match (options.is_empty(), question["multiSelect"] == true) {
        (true, _) => FieldKind::Text,
        (false, false) => FieldKind::CheckboxGroup,
        (false, true) => FieldKind::MultiCheckboxGroup,
    };
    Field {
        name: format!("question_{number}"),
        label: label(&question["question"]),
        kind,
        required: true,
        options,
    }
}

fn of_field(field: &Value) -> Field {
    let kind = FieldKind::parse(field["type"].as_str().unwrap_or_default());
    Field {
        name: field["name"].as_str().unwrap_or_default().trim().to_owned(),
        label: label(&field["label"]),
        kind: kind.unwrap_or_default(),
        required: field["required"] == true,
        options: options(&field["options"]),
    }
}

fn options(list: &Value) -> Vec<(String, String)> {
    let list = list.as_array().into_iter().flatten();
    list.map(|option| {
        let text = label(&option["label"]);
        let value = option["value"]
            .as_str()
            .map_or_else(|| text.clone(), str::to_owned);
        (value, text)
    })
    .collect()
}

fn label(value: &Value) -> String {
    truncate(value.as_str().unwrap_or_default().trim(), LABEL).to_owned()
}
