//! What a reader works with: its limits, its time, where its text goes, and what it has to remark.

use tokio::time::Instant;

use crate::extract::Error;
use crate::limits::{Limit, Limits};
use crate::markdown::Markdown;
use crate::note::Note;

/// How many names of pictures are kept.
const NAMES: usize = 20;

/// The reading of one attachment.
#[derive(Debug)]
pub(crate) struct Job<'a> {
    /// Where the text goes.
    pub(crate) markdown: Markdown,
    limits: &'a Limits,
    deadline: Instant,
    notes: Vec<Note>,
    images: usize,
    image_names: Vec<String>,
    unreadable: usize,
    damaged: usize,
    /// How many bytes may still be unpacked.
    unpacked: u64,
    depth: usize,
    is_out_of_time: bool,
}

impl<'a> Job<'a> {
    pub(crate) fn new(limits: &'a Limits) -> Self {
        Self {
            markdown: Markdown::new(limits.characters),
            limits,
            deadline: Instant::now() + limits.time,
            notes: Vec::new(),
            images: 0,
            image_names: Vec::new(),
            unreadable: 0,
            damaged: 0,
            unpacked: limits.unpacked,
            depth: 0,
            is_out_of_time: false,
        }
    }

    pub(crate) fn limits(&self) -> &'a Limits {
        self.limits
    }

    pub(crate) fn note(&mut self, note: Note) {
        self.notes.push(note);
    }

    /// A picture that is not read.
    pub(crate) fn image(&mut self, name: Option<&str>) {
        self.images += 1;
        if let Some(name) = name.filter(|_| self.image_names.len() < NAMES) {
            self.image_names.push(crate::archive::harmless(name));
        }
    }

    /// Characters that nobody can read.
    pub(crate) fn unreadable(&mut self, count: usize) {
        self.unreadable += count;
    }

    /// A part of the document that is left out because it is damaged.
    pub(crate) fn damaged(&mut self) {
        self.damaged += 1;
    }

    /// Whether there is a reason to stop: no room, or no time.
    pub(crate) fn is_over(&mut self) -> bool {
        self.is_out_of_time |= Instant::now() >= self.deadline;
        self.is_out_of_time || self.markdown.is_full()
    }

    /// Takes bytes from what may be unpacked.
    pub(crate) fn unpack(&mut self, bytes: u64) -> Result<(), Error> {
        self.unpacked = self.unpacked.checked_sub(bytes).ok_or(Error::TooLarge {
            limit: Limit::Unpacked,
        })?;
        Ok(())
    }

    /// Whether what lies inside this document may be read.
    pub(crate) fn may_descend(&self) -> bool {
        self.depth < self.limits.depth
    }

    /// Reads something that lies inside this document.
    pub(crate) fn descend<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    pub(crate) fn finish(mut self) -> (String, Vec<Note>) {
        if self.images > 0 {
            self.notes.push(Note::Images {
                count: self.images,
                names: self.image_names,
            });
        }
        if self.unreadable > 0 {
            self.notes.push(Note::UnreadableCharacters {
                count: self.unreadable,
            });
        }
        if self.damaged > 0 {
            self.notes.push(Note::DamagedParts {
                count: self.damaged,
            });
        }
        if self.is_out_of_time {
            self.notes.push(Note::OutOfTime);
        }
        if self.markdown.is_full() {
            self.notes.push(Note::Truncated {
                characters: self.limits.characters,
            });
        }
        (self.markdown.finish(), self.notes)
    }
}
