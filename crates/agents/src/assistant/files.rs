//! The files of conversations, so that a later question can be about an earlier file.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use chela_engine::id::{SessionId, SessionKey};
use chela_engine::ports::{AgentRequest, Material};

/// Files of one session, and sessions that have any. Of those that a restart or a thousand other sessions have let forget,
/// the history tells.
const FILES: usize = 20;
const SESSIONS: usize = 1_000;

/// Files by session. Their content stays on disk.
#[derive(Debug, Default)]
pub(super) struct Files(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    sessions: HashMap<SessionKey, (SessionId, VecDeque<Material>)>,
    /// The longest unused first.
    order: VecDeque<SessionKey>,
}

impl Files {
    /// Adds what came with a request; tells all files of its session, the newest first.
    pub(super) fn of(&self, request: &AgentRequest) -> Vec<Material> {
        let quoted = request.quotes.iter().flat_map(|quoted| &quoted.materials);
        let new: Vec<Material> = quoted
            .chain(&request.materials)
            .map(|material| Material {
                text: None,
                pictures: Vec::new(),
                remarks: Vec::new(),
                ..material.clone()
            })
            .collect();
        // No step leaves it half done.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.add(request, new)
    }
}

impl Known {
    fn add(&mut self, request: &AgentRequest, new: Vec<Material>) -> Vec<Material> {
        let key = &request.session_key;
        let known = self.sessions.get(key);
        let is_known = known.is_some_and(|(session, _)| *session == request.session);
        let told = request.earlier.iter().filter(|_| !is_known).cloned();
        let new: Vec<Material> = told.chain(new).collect();
        if new.is_empty() && !self.sessions.contains_key(key) {
            return Vec::new();
        }
        self.order.retain(|known| known != key);
        self.order.push_back(key.clone());
        if self.order.len() > SESSIONS
            && let Some(oldest) = self.order.pop_front()
        {
            self.sessions.remove(&oldest);
        }
        let (session, files) = self.sessions.entry(key.clone()).or_default();
        if *session != request.session {
            *session = request.session;
            files.clear();
        }
        for file in new {
            files.retain(|known| known.path.is_none() || known.path != file.path);
            files.push_front(file);
        }
        files.truncate(FILES);
        files.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use chela_engine::attachment::AttachmentKind;
    use chela_engine::testing::{direct_message, request};

    use super::*;

    fn with(session: i64, names: &[&str]) -> AgentRequest {
        AgentRequest {
            session: SessionId(session),
            materials: names
                .iter()
                .map(|name| Material {
                    kind: AttachmentKind::File,
                    name: Some((*name).to_owned()),
                    media_type: None,
                    size: None,
                    path: Some(name.into()),
                    text: Some("内容".to_owned()),
                    pictures: Vec::new(),
                    remarks: Vec::new(),
                })
                .collect(),
            ..request(direct_message("m", "林小满", "看看"))
        }
    }

    #[test]
    fn a_session_knows_its_files_and_no_others() {
        let files = Files::default();
        let names = |request: &AgentRequest| -> Vec<String> {
            let files = files.of(request).into_iter();
            files.filter_map(|file| file.name).collect()
        };
        assert!(names(&with(1, &[])).is_empty());
        assert_eq!(names(&with(1, &["甲", "乙"])), ["乙", "甲"]);
        assert_eq!(names(&with(1, &["甲"])), ["甲", "乙"]);
        assert_eq!(names(&with(1, &[])), ["甲", "乙"]);
        assert!(names(&with(2, &[])).is_empty());
        let restarted = Files::default();
        let earlier = with(1, &["甲", "乙"]).materials;
        let after = |request| AgentRequest {
            earlier: earlier.clone(),
            ..request
        };
        let told = restarted.of(&after(with(1, &["丙", "甲"])));
        let told: Vec<_> = told.into_iter().filter_map(|file| file.name).collect();
        assert_eq!(told, ["甲", "丙", "乙"]);
        assert_eq!(names(&after(with(1, &[]))), ["乙", "甲"]);
        let many: Vec<String> = (0..50).map(|number| number.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(names(&with(2, &many)).len(), FILES);
    }
}
