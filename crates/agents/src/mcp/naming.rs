//! What the tools of a server are called. Pure.

/// The longest name that all services take.
const LONGEST: usize = 64;

/// `server__tool`, in the letters that all services take; `None` when that is too long.
pub(super) fn full(server: &str, tool: &str) -> Option<String> {
    let name = format!("{}__{}", plain(server), plain(tool));
    (name.len() <= LONGEST && !tool.is_empty()).then_some(name)
}

fn plain(name: &str) -> String {
    let fits =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
    name.chars()
        .map(|character| if fits(character) { character } else { '_' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_every_service_takes() {
        assert_eq!(
            full("files", "read_file").as_deref(),
            Some("files__read_file")
        );
        assert_eq!(full("my.srv", "a/b 中").as_deref(), Some("my_srv__a_b__"));
        assert_eq!(full("s", &"x".repeat(62)), None);
        assert_eq!(full("s", ""), None);
    }
}
