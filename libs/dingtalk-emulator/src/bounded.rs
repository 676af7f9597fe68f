//! A map that forgets its oldest entries, so that an emulator can run for days.

use std::borrow::Borrow;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// Keeps the latest `memory` entries; each key is to be put in once.
#[derive(Debug)]
pub(crate) struct Bounded<K, V> {
    entries: HashMap<K, V>,
    order: VecDeque<K>,
    memory: usize,
}

impl<K: Clone + Eq + Hash, V> Bounded<K, V> {
    pub(crate) fn remembering(memory: usize) -> Self {
        Self {
            entries: HashMap::new(),
            order: VecDeque::new(),
            memory,
        }
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        if self.order.len() >= self.memory
            && let Some(forgotten) = self.order.pop_front()
        {
            self.entries.remove(&forgotten);
        }
        self.order.push_back(key.clone());
        self.entries.insert(key, value);
    }

    pub(crate) fn get<Q>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.entries.get(key)
    }

    /// Oldest first.
    pub(crate) fn keys(&self) -> impl DoubleEndedIterator<Item = &K> {
        self.order.iter()
    }

    /// Oldest first.
    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.order.iter().filter_map(|key| self.entries.get(key))
    }

    pub(crate) fn get_mut<Q>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.entries.get_mut(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten() {
        let mut map = Bounded::remembering(2);
        for number in 0..3 {
            map.insert(number, number * 10);
        }
        assert_eq!((map.get(&0), map.get(&2)), (None, Some(&20)));
    }
}
