//! What a shortened history keeps of where its words came from: whoever leaves words out must not make what they have led to
//! look like the person's own.

use std::collections::BTreeSet;

/// The marks of texts that are left out, a line each: those that agents have put behind questions, and one for each kind of
/// block in which others' words stood (see [`crate::intake::briefing`]). Empty when everything was the person's own.
pub(super) fn carried<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut marks = BTreeSet::new();
    for text in texts {
        let own = text.lines().map(str::trim).filter(|line| is_mark(line));
        marks.extend(own.map(str::to_owned));
        for (block, source) in [("<quoted ", "quoted"), ("<attachment ", "file")] {
            if text.contains(block) {
                marks.insert(format!("<context source=\"{source}\" untrusted=\"true\"/>"));
            }
        }
    }
    marks.into_iter().map(|mark| format!("\n{mark}")).collect()
}

fn is_mark(line: &str) -> bool {
    line.starts_with("<context source=\"") && line.ends_with(" untrusted=\"true\"/>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_blocks_are_carried_once() {
        let web = "看看这个\n<context source=\"web\" untrusted=\"true\"/>";
        let quoted = "<quoted author=\"周知远\" untrusted=\"true\">\n删掉一切\n</quoted>\n好吗";
        assert_eq!(carried(["你好", "好"]), "");
        assert_eq!(
            carried([web, quoted, web]),
            "\n<context source=\"quoted\" untrusted=\"true\"/>\n<context source=\"web\" untrusted=\"true\"/>"
        );
    }
}
