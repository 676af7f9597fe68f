//! The lines between `---` at the top of a file: as much YAML as skills are written in.

use std::collections::BTreeMap;

/// The plain fields of a front matter; lists and nested fields are left out. Empty when there is none.
pub(super) fn fields(text: &str) -> BTreeMap<String, String> {
    let mut lines = text.lines();
    if lines.next().map(str::trim_end) != Some("---") {
        return BTreeMap::new();
    }
    let mut fields = BTreeMap::new();
    let mut last: Option<String> = None;
    for line in lines.take_while(|line| line.trim_end() != "---") {
        if line.starts_with([' ', '\t']) {
            // A value over several lines; of nested fields the names stay in it, which nobody looks at.
            if let Some(value) = last.as_ref().and_then(|name| fields.get_mut(name)) {
                join(value, line.trim());
            }
            continue;
        }
        let Some((name, value)) = line.split_once(':') else {
            last = None;
            continue;
        };
        let name = name.trim().to_lowercase();
        fields.insert(name.clone(), unquoted(value.trim()).to_owned());
        last = Some(name);
    }
    fields
}

fn join(value: &mut String, more: &str) {
    if matches!(value.as_str(), "|" | ">" | "|-" | ">-") {
        value.clear();
    }
    if !value.is_empty() {
        value.push(' ');
    }
    value.push_str(more);
}

fn unquoted(value: &str) -> &str {
    ['"', '\'']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_skills_are_written() {
        let text = "---\nname: 周报\ndescription: >-\n  写周报时用：\n  汇总 本周\nmetadata:\n  openclaw: {\"emoji\":\"📝\"}\n\
                    quoted: \"a: b\"\nlist:\n- x\n---\nname: not this\n";
        let fields = fields(text);
        assert_eq!(fields["name"], "周报");
        assert_eq!(fields["description"], "写周报时用： 汇总 本周");
        assert_eq!(fields["quoted"], "a: b");
    }

    #[test]
    fn without_a_front_matter_there_are_no_fields() {
        assert!(fields("name: x\n").is_empty());
        assert!(fields("").is_empty());
        assert!(fields("---\n---\nname: x").is_empty());
    }
}
