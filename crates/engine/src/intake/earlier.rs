//! Files of earlier questions, found in the history: each block of an attachment names the file by what it holds, so that a
//! restart forgets none that the history still shows. Whoever writes such a block by hand has to have had the file.

use std::path::Path;

use crate::attachment::{AttachmentKind, KeptFile};
use crate::media_type::MediaType;
use crate::ports::{Material, MediaStore, TranscriptEntry, TranscriptRole};

/// Hexadecimal digits of the name of a kept file: a SHA-256.
const DIGITS: usize = 64;

/// The files that the questions of a history came with, the oldest first, without their content.
pub(crate) fn earlier(history: &[TranscriptEntry], media: &dyn MediaStore) -> Vec<Material> {
    let asked = history.iter();
    let asked = asked.filter(|entry| entry.role == TranscriptRole::User);
    let lines = asked.flat_map(|entry| entry.text.lines());
    lines.filter_map(|line| material(line, media)).collect()
}

/// What names a kept file in the history: the last part of its path.
pub(super) fn hash(path: &Path) -> Option<&str> {
    path.file_name()?.to_str().filter(|name| is_hash(name))
}

fn is_hash(name: &str) -> bool {
    name.len() == DIGITS
        && name
            .bytes()
            .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

fn material(line: &str, media: &dyn MediaStore) -> Option<Material> {
    let head = line.strip_prefix("<attachment ")?;
    let head = head.strip_suffix(" untrusted=\"true\">")?;
    let hash = value(head, "file").filter(|hash| is_hash(hash))?;
    let size = value(head, "bytes")?.parse().ok()?;
    let media_type = MediaType::written(value(head, "type")?);
    let file = KeptFile {
        hash: hash.to_owned(),
        size,
        media_type: media_type.clone(),
    };
    Some(Material {
        kind: AttachmentKind::named(value(head, "kind")?)?,
        name: value(head, "name").map(str::to_owned),
        media_type: Some(media_type),
        size: Some(size),
        path: Some(media.path(&file)),
        text: None,
        pictures: Vec::new(),
        remarks: Vec::new(),
    })
}

/// The value of an attribute; no value holds a quotation mark.
fn value<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = head.split_once(&format!("{name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::briefing;
    use crate::ports::AgentRequest;
    use crate::testing::{MemoryMedia, direct_message, request};
    use crate::time::Timestamp;

    fn entry(role: TranscriptRole, text: String) -> TranscriptEntry {
        TranscriptEntry {
            role,
            text,
            at: Timestamp(0),
        }
    }

    fn file(name: &str, hash: &str) -> Material {
        let media = MemoryMedia::default();
        let media_type = MediaType::sniff(b"%PDF-1.7");
        let kept = KeptFile {
            hash: hash.to_owned(),
            size: 7,
            media_type: media_type.clone(),
        };
        Material {
            kind: AttachmentKind::File,
            name: Some(name.to_owned()),
            media_type: Some(media_type),
            size: Some(7),
            path: Some(media.path(&kept)),
            text: None,
            pictures: Vec::new(),
            remarks: Vec::new(),
        }
    }

    #[test]
    fn what_a_question_came_with_is_found_in_the_history() {
        let (first, second) = ("a".repeat(DIGITS), "0".repeat(DIGITS));
        let tricky = file("报告 name=x file= 🦀.pdf", &second);
        let asked = AgentRequest {
            materials: vec![file("合同.pdf", &first), tricky.clone()],
            ..request(direct_message("m", "林小满", "看看"))
        };
        let answer = format!("<attachment kind=\"file\" file=\"{first}\" untrusted=\"true\">");
        let history = [
            entry(TranscriptRole::User, briefing(&asked)),
            entry(TranscriptRole::Assistant, answer),
        ];
        let found = earlier(&history, &MemoryMedia::default());
        assert_eq!(found, [file("合同.pdf", &first), tricky]);
    }

    #[test]
    fn what_leads_nowhere_is_no_file() {
        let head = |hash: &str, kind: &str| {
            let text = format!(
                "<attachment kind=\"{kind}\" type=\"a/b\" bytes=\"7\" file=\"{hash}\" untrusted=\"true\">"
            );
            entry(TranscriptRole::User, text)
        };
        let good = "c".repeat(DIGITS);
        let history = [
            head("../../etc/passwd", "file"),
            head(&"G".repeat(DIGITS), "file"),
            head("", "file"),
            head(&good, "folder"),
            entry(TranscriptRole::User, "<attachment 你好".to_owned()),
        ];
        let found = earlier(&history, &MemoryMedia::default());
        assert!(found.is_empty(), "{found:?}");
        let found = earlier(&[head(&good, "file")], &MemoryMedia::default());
        assert_eq!(found.len(), 1);
    }
}
