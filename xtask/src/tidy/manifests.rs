//! Versions live in the manifest of the workspace and nowhere else.

use super::finding::Finding;
use super::tree::Tree;

const RULE: &str = "manifests";

/// Every dependency of a member that is not taken from the workspace.
///
/// The members' manifests are plain (`name.workspace = true` or a short inline table), so that lines are enough to
/// read them; a form that is not understood is a finding too.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree
        .texts()
        .filter(|(path, _)| path.ends_with("/Cargo.toml"))
        // What is built by another compiler is a workspace of its own, and cannot inherit from ours.
        .filter(|(_, text)| !text.lines().any(|line| line.trim() == "[workspace]"))
    {
        let mut section = String::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.split(" #").next().unwrap_or(line).trim();
            if let Some(name) = line.strip_prefix('[') {
                section = name.trim_end_matches(']').to_owned();
            } else if is_of_dependencies(&section)
                && !line.is_empty()
                && !line.starts_with('#')
                && !is_inherited(line)
            {
                findings.push(Finding {
                    path: path.to_owned(),
                    line: number,
                    rule: RULE,
                    advice: format!(
                        "`{line}`: put the version into [workspace.dependencies] of the root and write `name.workspace = \
                         true` (or `name = {{ workspace = true, features = […] }}`) here"
                    ),
                });
            }
        }
    }
    findings
}

fn is_of_dependencies(section: &str) -> bool {
    section
        .rsplit('.')
        .next()
        .is_some_and(|name| name.ends_with("dependencies"))
        || section
            .split('.')
            .any(|part| part.ends_with("dependencies"))
}

fn is_inherited(line: &str) -> bool {
    let compact: String = line
        .chars()
        .filter(|character| !character.is_whitespace())
        .collect();
    let names_version = ["version=", "path=", "git=", "registry="]
        .iter()
        .any(|key| compact.contains(key));
    !names_version && (compact.ends_with(".workspace=true") || compact.contains("={workspace=true"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_text(text: &str, expected: &[usize]) {
        let findings = check(&Tree::of(&[("crates/a/Cargo.toml", text)]));
        assert_eq!(
            findings
                .iter()
                .map(|finding| finding.line)
                .collect::<Vec<_>>(),
            expected,
            "{findings:?}"
        );
    }

    #[test]
    fn inherited_dependencies_are_allowed() {
        check_text(
            "[package]\nname = \"a\"\nversion = \"1.0.0\"\n\n[dependencies]\n# Why.\nserde.workspace = true # Here too.\n\
             tokio = { workspace = true, features = [\"fs\"] }\n\n[features]\ndefault = []\n",
            &[],
        );
    }

    #[test]
    fn versions_and_places_are_found() {
        check_text("[dependencies]\nserde = \"1\"\n", &[2]);
        check_text("[dev-dependencies]\nserde = { version = \"1\" }\n", &[2]);
        check_text(
            "[target.'cfg(unix)'.dependencies]\nb = { path = \"../b\" }\n",
            &[2],
        );
        check_text("[build-dependencies.serde]\nversion = \"1\"\n", &[2]);
    }

    #[test]
    fn another_workspace_has_its_own_versions() {
        check_text("[dependencies]\nserde = \"1\"\n\n[workspace]\n", &[]);
    }

    #[test]
    fn the_workspace_manifest_has_the_versions() {
        assert_eq!(
            check(&Tree::of(&[(
                "Cargo.toml",
                "[workspace.dependencies]\nserde = \"1\"\n"
            )])),
            []
        );
    }
}
