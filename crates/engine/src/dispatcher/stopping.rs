//! `/stop` and the button of a card: they reach what runs and what waits, and only what is one's own.

use super::{Dispatcher, Key};
use crate::ports::{Notice, StoredMessage};
use crate::press::{Press, Pressed};
use crate::question::Asker;
use crate::turn::driver::Stop;

impl Dispatcher {
    /// Stops what a person has asked in this chat: of one agent when it was named, else of all.
    pub(super) fn stop(&mut self, key: Key, stored: StoredMessage, named: bool) {
        let asker = Asker::of(&stored.message);
        let keys = if named {
            vec![key]
        } else {
            let concerned = self.conversations.iter();
            let concerned = concerned.filter(|(_, conversation)| conversation.concerns(&asker));
            concerned.map(|(key, _)| key.clone()).collect()
        };
        let (mut said, mut dropped) = (false, 0);
        for key in keys {
            let (stopped, count) = self.stop_in(&key, &asker);
            said |= stopped;
            dropped += count;
        }
        said |= self.stop_asides(&asker);
        // A stopped turn says that it was stopped; a second sentence would be noise. A turn that has just ended by
        // itself has given its answer, which is as good.
        let notice = match (said, dropped) {
            (true, _) => None,
            (false, 0) => Some(Notice::NothingToStop),
            (false, dropped) => Some(Notice::StoppedEmpty { dropped }),
        };
        self.conclude(stored.into(), "stop", notice);
    }

    /// Whether a turn was stopped, and how many waiting questions were dropped.
    fn stop_in(&mut self, key: &Key, asker: &Asker) -> (bool, usize) {
        let stopped = self.update(key, |conversation| conversation.stop(asker));
        let mut dropped = 0;
        for question in stopped.dropped {
            // What the running agent has taken ends with its turn.
            if self.withdraw(key, question.message.sequence) {
                dropped += 1;
                self.conclude(question, "dropped", None);
            }
        }
        let run = self.runs.get_mut(key).filter(|_| stopped.running);
        let stop = run.and_then(|run| run.stop.take());
        let said = stop.is_some_and(|stop| stop.send(Stop::Person { dropped }).is_ok());
        (said, dropped)
    }

    fn stop_asides(&mut self, asker: &Asker) -> bool {
        let own = self.asides.extract_if(|_, (whose, _)| whose == asker);
        let sent = own.map(|(_, (_, stop))| stop.send(Stop::Person { dropped: 0 }).is_ok());
        sent.fold(false, |said, sent| said | sent)
    }

    /// Somebody wants to stop what is written on a card: only who asked may.
    pub(super) fn pressed(&mut self, press: Press) {
        let running = self.cards.get(&press.card).cloned();
        let asker = running
            .as_ref()
            .and_then(|key| self.conversations.get(key)?.asker());
        let pressed = match (running, asker) {
            (Some(key), Some(asker)) if asker.person == press.person => {
                let stop = self.runs.get_mut(&key).and_then(|run| run.stop.take());
                stop.map_or(Pressed::Over, |stop| {
                    // One that has just ended by itself has given its answer.
                    stop.send(Stop::Person { dropped: 0 })
                        .map_or(Pressed::Over, |()| Pressed::Stopping)
                })
            }
            (Some(_), _) => Pressed::NotYours,
            (None, _) => Pressed::Over,
        };
        // Whoever asked may have gone meanwhile.
        press.answer.send(pressed).ok();
    }
}
