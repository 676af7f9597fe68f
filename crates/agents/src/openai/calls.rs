//! Puts the pieces of tool calls together. Pure.

use std::collections::HashSet;

use serde::Deserialize;

use crate::model::ToolCall;

/// Bytes of the arguments of one answer: a file that a model writes fits many times over.
const LARGEST: usize = 2 << 20;
/// Tool calls of one answer.
const MOST: usize = 64;

/// A piece of a call as it streams in: id and name come with the first, the arguments in all of them.
#[derive(Debug, Deserialize)]
pub(super) struct Piece {
    index: Option<u64>,
    id: Option<String>,
    function: Option<FunctionPiece>,
}

#[derive(Debug, Deserialize)]
struct FunctionPiece {
    name: Option<String>,
    #[serde(default, deserialize_with = "arguments")]
    arguments: Option<String>,
}

/// Some servers send the arguments as an object, which they are not to a model.
fn arguments<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    let value = Option::<serde_json::Value>::deserialize(deserializer)?;
    Ok(value.map(|value| match value {
        serde_json::Value::String(text) => text,
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    }))
}

/// The calls of one answer, as far as they have come.
#[derive(Debug, Default)]
pub(super) struct Calls {
    begun: Vec<Begun>,
    bytes: usize,
}

#[derive(Debug)]
struct Begun {
    index: Option<u64>,
    call: ToolCall,
}

/// There is more of it than anybody can want.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooMuch;

impl Calls {
    /// Whether no call is half said; what the server says about the end counts for more.
    pub(super) fn are_whole(&self) -> bool {
        self.begun
            .iter()
            .all(|begun| begun.call.arguments().is_ok())
    }

    /// Adds a piece.
    pub(super) fn add(&mut self, piece: Piece) -> Result<(), TooMuch> {
        let (name, json) = piece
            .function
            .map_or((None, None), |function| (function.name, function.arguments));
        let (name, json) = (name.unwrap_or_default(), json.unwrap_or_default());
        self.bytes += json.len() + name.len();
        let id = piece.id.filter(|id| !id.is_empty());
        let position = self.position(piece.index, id.as_deref(), &name);
        let begun = match position {
            Some(position) => &mut self.begun[position],
            None => {
                self.begun.push(Begun {
                    index: piece.index,
                    call: ToolCall::default(),
                });
                self.begun.last_mut().expect("one was just added")
            }
        };
        if let Some(id) = id {
            begun.call.id = id;
        }
        // Some servers repeat the whole name with every piece.
        if begun.call.name != name {
            begun.call.name.push_str(&name);
        }
        begun.call.json.push_str(&json);
        if self.bytes > LARGEST || self.begun.len() > MOST {
            return Err(TooMuch);
        }
        Ok(())
    }

    /// The call that a piece continues. By its index; some servers number nothing, or everything 0, and then a new id
    /// begins a new call, and so does a name behind complete arguments.
    fn position(&self, index: Option<u64>, id: Option<&str>, name: &str) -> Option<usize> {
        let by_index = |begun: &Begun| begun.index == index;
        let position = match index {
            Some(_) => self.begun.iter().rposition(by_index),
            None => match id {
                Some(id) => self.begun.iter().rposition(|begun| begun.call.id == id),
                None => self.begun.len().checked_sub(1),
            },
        }?;
        let call = &self.begun[position].call;
        let other_id = id.is_some_and(|id| !call.id.is_empty() && call.id != id);
        let again =
            id.is_none() && !name.is_empty() && !call.json.is_empty() && call.arguments().is_ok();
        (!other_id && !again).then_some(position)
    }

    /// The calls, in the order in which they began. Where the answer was cut off by its length, the last one goes when
    /// its arguments are not whole.
    pub(super) fn take(&mut self, cut: bool) -> Vec<ToolCall> {
        let begun = std::mem::take(&mut self.begun);
        let mut calls: Vec<ToolCall> = begun.into_iter().map(|begun| begun.call).collect();
        // A call without a name can be answered by nobody.
        calls.retain(|call| !call.name.is_empty());
        if cut
            && calls
                .last()
                .is_some_and(|last| last.json.is_empty() || last.arguments().is_err())
        {
            calls.pop();
        }
        let mut taken = HashSet::new();
        for (number, call) in calls.iter_mut().enumerate() {
            if call.id.is_empty() || !taken.insert(call.id.clone()) {
                call.id = format!("call_{}", number + 1);
                taken.insert(call.id.clone());
            }
        }
        calls
    }
}
