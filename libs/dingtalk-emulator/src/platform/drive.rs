//! The drive: the space of every conversation, in which its files lie (protocol reference §5.4).

use std::collections::HashMap;

use crate::id::{ConversationId, PersonId};
use crate::platform::Platform;
use crate::platform::scene::Scene;
use crate::screen::Attachment;

/// All spaces.
#[derive(Debug)]
pub(crate) struct Drive {
    space_of: HashMap<ConversationId, String>,
    spaces: HashMap<String, Space>,
    memory: usize,
}

/// The space of one conversation.
#[derive(Debug)]
pub(crate) struct Space {
    pub(crate) conversation: ConversationId,
    pub(crate) created_ms: i64,
    /// Oldest first.
    pub(crate) dentries: Vec<Dentry>,
}

/// Where a file lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DentryKey {
    /// `spaceId`.
    pub(crate) space: String,
    /// `dentryId`, also called `fileId`.
    pub(crate) id: String,
}

/// A file in a space.
#[derive(Debug)]
pub(crate) struct Dentry {
    pub(crate) key: DentryKey,
    pub(crate) uuid: String,
    pub(crate) name: String,
    pub(crate) extension: String,
    pub(crate) size: usize,
    pub(crate) creator: PersonId,
    pub(crate) created_ms: i64,
    pub(crate) number: u64,
}

impl Drive {
    pub(crate) fn remembering(memory: usize) -> Self {
        Self {
            space_of: HashMap::new(),
            spaces: HashMap::new(),
            memory,
        }
    }

    pub(crate) fn space(&self, id: &str) -> Option<&Space> {
        self.spaces.get(id)
    }

    pub(crate) fn dentry(&self, key: &DentryKey) -> Option<&Dentry> {
        let space = self.spaces.get(&key.space)?;
        space
            .dentries
            .iter()
            .rev()
            .find(|dentry| dentry.key == *key)
    }
}

impl Platform {
    /// Puts a file into the space of the conversation in which it is said.
    pub(crate) fn put_into_drive(&mut self, scene: &Scene, attachment: &Attachment) -> DentryKey {
        let key = DentryKey {
            space: self.space_of(&scene.conversation),
            id: self.chance.digits(),
        };
        let extension = attachment
            .file_name
            .rsplit_once('.')
            .map(|(_, extension)| extension.to_owned());
        let dentry = Dentry {
            key: key.clone(),
            uuid: self.chance.hex(16),
            name: attachment.file_name.clone(),
            extension: extension.unwrap_or_default(),
            size: attachment.size,
            creator: scene.person.id.clone(),
            created_ms: self.now_ms,
            number: attachment.number,
        };
        let memory = self.drive.memory;
        if let Some(space) = self.drive.spaces.get_mut(&key.space) {
            if space.dentries.len() >= memory {
                space.dentries.remove(0);
            }
            space.dentries.push(dentry);
        }
        key
    }

    /// The space of a conversation, made when it is first asked for.
    pub(crate) fn space_of(&mut self, conversation: &ConversationId) -> String {
        if let Some(space) = self.drive.space_of.get(conversation) {
            return space.clone();
        }
        let id = self.chance.digits();
        let space = Space {
            conversation: conversation.clone(),
            created_ms: self.now_ms,
            dentries: Vec::new(),
        };
        self.drive.spaces.insert(id.clone(), space);
        self.drive.space_of.insert(conversation.clone(), id.clone());
        id
    }
}
