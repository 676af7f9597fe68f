//! The files that an answer names: taken out of its text, to be sent beside it.
//!
//! Three ways to name one, outside of code: `MEDIA:` and a path or an address on a line of their own; an image of markdown
//! that lies on this machine; and a path alone on a line. `[[audio_as_voice]]` asks for sound to be shown as a voice
//! message. The forms are those of OpenClaw, so that agents written for it work here.

use super::fence::Fence;
use super::marks;
use crate::attachment::AttachmentKind;

/// An answer, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// What is left to be read.
    pub text: String,
    /// The same with a mark behind the line that has named a file, for answers that show pictures where they stand.
    pub(crate) marked: String,
    /// The files, in the order in which they were named, each once.
    pub files: Vec<FileReference>,
}

/// A file that an answer names. Whether it may be sent is another question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileReference {
    /// A path or an address, as it was written.
    pub reference: String,
    /// How it shall be shown; `None`: as what it is.
    pub kind: Option<AttachmentKind>,
}

const DIRECTIVE: &str = "MEDIA:";
const AS_VOICE: &str = "[[audio_as_voice]]";
/// An answer that names more is out of its mind.
const MOST: usize = 10;

/// A row of a table, which a mark must not tear off from the next.
fn is_row(line: &str) -> bool {
    line.trim_start().starts_with('|')
}

/// Takes the files out of an answer.
pub fn take_files(answer: &str) -> Answer {
    let as_voice = answer.contains(AS_VOICE);
    let mut taken = Answer::default();
    let mut fence = None;
    let mut marked = 0;
    for line in answer.lines() {
        if !is_row(line) {
            taken.mark(&mut marked);
        }
        let was_code = fence.is_some();
        fence = Fence::behind(fence, line);
        if was_code || fence.is_some() {
            taken.keep(line);
            continue;
        }
        let line = line.replace(AS_VOICE, "");
        match whole_line(line.trim()) {
            Some(reference) => taken.add(reference, as_voice.then_some(AttachmentKind::Voice)),
            None => {
                let rest = taken.take_images(&line);
                if !rest.trim().is_empty() || line.trim().is_empty() {
                    taken.keep(&rest);
                }
            }
        }
    }
    taken.mark(&mut marked);
    taken.text = taken.text.trim_end().to_owned();
    taken.marked = taken.marked.trim_end().to_owned();
    taken
}

impl Answer {
    fn keep(&mut self, line: &str) {
        for text in [&mut self.text, &mut self.marked] {
            text.push_str(line);
            text.push('\n');
        }
    }

    /// Marks the files that were named since `marked` of them.
    fn mark(&mut self, marked: &mut usize) {
        for index in *marked..self.files.len() {
            self.marked.push_str(&marks::picture(index));
            self.marked.push('\n');
        }
        *marked = self.files.len();
    }

    fn add(&mut self, reference: &str, kind: Option<AttachmentKind>) {
        let known = self.files.iter().any(|file| file.reference == reference);
        if !known && self.files.len() < MOST {
            self.files.push(FileReference {
                reference: reference.to_owned(),
                kind,
            });
        }
    }

    /// Takes the images of this machine out of a line; those of the web stay, and so does inline code.
    fn take_images(&mut self, line: &str) -> String {
        let mut rest = line;
        let mut kept = String::new();
        while let Some((before, image)) = rest.split_once("![") {
            let inside_code = (kept.matches('`').count() + before.matches('`').count()) % 2 == 1;
            let image = image
                .split_once("](")
                .and_then(|(name, target)| Some((name, target.split_once(')')?)));
            match image {
                Some((name, (target, behind)))
                    if !inside_code && !name.contains('\n') && is_local(target) =>
                {
                    kept.push_str(before);
                    self.add(target.trim(), Some(AttachmentKind::Picture));
                    rest = behind;
                }
                _ => {
                    kept.push_str(before);
                    kept.push_str("![");
                    rest = rest.split_once("![").map_or("", |(_, behind)| behind);
                }
            }
        }
        kept.push_str(rest);
        kept
    }
}

/// The file that a whole line names.
fn whole_line(line: &str) -> Option<&str> {
    let bare = line.trim_matches('`').trim();
    if let Some(reference) = bare.strip_prefix(DIRECTIVE) {
        let reference = reference.trim().trim_matches(['`', '"', '\'', '<', '>']);
        return Some(reference).filter(|reference| !reference.is_empty());
    }
    let is_path = is_local(bare) && !bare.starts_with("./") && !bare.starts_with("../");
    Some(bare).filter(|bare| is_path && !bare.contains(char::is_whitespace) && bare.len() > 1)
}

/// Whether a reference means something on this machine.
fn is_local(reference: &str) -> bool {
    let reference = reference.trim();
    ["/", "~/", "./", "../", "file://"]
        .iter()
        .any(|beginning| reference.starts_with(beginning))
        && !reference.starts_with("//")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(answer: &str) -> (String, Vec<(String, Option<AttachmentKind>)>) {
        let answer = take_files(answer);
        let files = answer.files.into_iter();
        (
            answer.text,
            files.map(|file| (file.reference, file.kind)).collect(),
        )
    }

    #[test]
    fn three_ways_to_name_a_file() {
        let (text, files) = named(
            "图表在这里：\n![销量](/tmp/chart.png) 请看。\nMEDIA: `https://files.example/a.pdf`\n\n/srv/out/报告.docx\n完。",
        );
        assert_eq!(text, "图表在这里：\n 请看。\n\n完。");
        assert_eq!(
            files,
            [
                ("/tmp/chart.png".to_owned(), Some(AttachmentKind::Picture)),
                ("https://files.example/a.pdf".to_owned(), None),
                ("/srv/out/报告.docx".to_owned(), None),
            ]
        );
    }

    #[test]
    fn a_mark_stands_behind_the_line_or_the_table_that_names_the_file() {
        let answer = take_files(
            "图：![销量](/tmp/a.png) 请看。\nMEDIA:/tmp/b.png\n\n| 甲 | 图 |\n|---|---|\n| 1 | ![](/tmp/c.png) |\n| 2 | x |\n完。\n/tmp/a.png\n",
        );
        let mark = marks::picture;
        assert_eq!(
            answer.marked,
            format!(
                "图： 请看。\n{}\n{}\n\n| 甲 | 图 |\n|---|---|\n| 1 |  |\n| 2 | x |\n{}\n完。",
                mark(0),
                mark(1),
                mark(2)
            )
        );
        assert_eq!(marks::with_pictures(&answer.marked, |_| None), answer.text);
        assert_eq!(answer.files.len(), 3);
    }

    #[test]
    fn voice_is_asked_for_and_a_file_is_sent_once() {
        let (text, files) = named("[[audio_as_voice]]\nMEDIA:/tmp/a.ogg\nMEDIA:/tmp/a.ogg");
        assert_eq!(text, "");
        assert_eq!(
            files,
            [("/tmp/a.ogg".to_owned(), Some(AttachmentKind::Voice))]
        );
    }

    #[test]
    fn code_and_the_web_stay_as_they_are() {
        for answer in [
            "```sh\nMEDIA:/etc/passwd\n/etc/passwd\n```",
            "看 ![图](https://example.com/a.png) 和 `![x](/tmp/a.png)`",
            "路径 /etc/hosts 里有",
            "// 注释",
            "a ![b",
            "![ ]( ![",
        ] {
            assert_eq!(named(answer), (answer.to_owned(), Vec::new()));
        }
    }

    #[test]
    fn no_more_files_than_make_sense() {
        let answer: String = (0..50)
            .map(|number| format!("MEDIA:/tmp/{number}\n"))
            .collect();
        assert_eq!(take_files(&answer).files.len(), MOST);
    }
}
