//! What a configuration says, kept only so far that two of them can be compared.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::fmt;
use std::hash::{Hash as _, Hasher as _};

use super::problem::KeyPath;
use super::tree::{Node, Value};

/// The settings of a configuration by their paths. Of the values there are only hashes; `Debug` shows neither.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<String, u64>);

impl Values {
    pub(super) fn of(tree: &Node) -> Self {
        let mut values = BTreeMap::new();
        gather(tree, &KeyPath::default(), &mut values);
        Self(values)
    }

    /// The settings that say something else here than there, stand only here, or only there.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let names = self.0.keys().chain(other.0.keys());
        let mut changed: Vec<String> = names
            .filter(|name| self.0.get(*name) != other.0.get(*name))
            .cloned()
            .collect();
        changed.sort();
        changed.dedup();
        changed
    }
}

fn gather(node: &Node, key: &KeyPath, values: &mut BTreeMap<String, u64>) {
    match &node.value {
        Value::Object(members) if !members.is_empty() => {
            for member in members {
                gather(&member.node, &key.key(&member.key), values);
            }
        }
        // Lists are short, and an entry more moves all behind it.
        _ => {
            let mut hasher = DefaultHasher::new();
            node.to_json().to_string().hash(&mut hasher);
            values.insert(key.to_string(), hasher.finish());
        }
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Values(…)")
    }
}
