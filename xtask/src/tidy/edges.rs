//! Which crate may depend on which: the table of ARCHITECTURE.md.

use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, MetadataCommand};

use super::finding::Finding;
use crate::workspace;

const RULE: &str = "edges";

/// For every crate of the workspace: what it may depend on, and what its tests may use besides.
const TABLE: &[Allowed] = &[
    Allowed {
        name: "dingtalk",
        uses: &[],
        tests_use: &["dingtalk-emulator"],
    },
    Allowed {
        name: "dingtalk-emulator",
        uses: &[],
        tests_use: &[],
    },
    Allowed {
        name: "chela-engine",
        uses: &[],
        tests_use: &[],
    },
    Allowed {
        name: "chela-channels",
        uses: &["chela-engine", "dingtalk"],
        tests_use: &["chela-engine", "dingtalk-emulator"],
    },
    Allowed {
        name: "chela-agents",
        uses: &["chela-engine"],
        tests_use: &["chela-engine"],
    },
    Allowed {
        name: "chela-store",
        uses: &["chela-engine"],
        tests_use: &["chela-engine"],
    },
    Allowed {
        name: "chela-documents",
        uses: &["chela-engine"],
        tests_use: &["chela-engine"],
    },
    Allowed {
        name: "chela-gateway",
        uses: &[
            "chela-engine",
            "chela-channels",
            "chela-agents",
            "chela-store",
            "chela-documents",
            "dingtalk",
            "dingtalk-emulator",
        ],
        tests_use: &["chela-engine", "dingtalk-emulator"],
    },
    Allowed {
        name: "xtask",
        uses: &[],
        tests_use: &[],
    },
];

/// A row of the table.
struct Allowed {
    name: &'static str,
    uses: &'static [&'static str],
    tests_use: &'static [&'static str],
}

/// A crate of the workspace and the edges that begin at it.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    name: String,
    /// From the root of the repository.
    manifest: String,
    edges: Vec<Edge>,
}

/// A dependency on another crate of the workspace.
#[derive(Clone, Debug)]
struct Edge {
    to: String,
    /// Whether only tests and examples see it.
    is_for_tests: bool,
}

/// Asks cargo for the crates of the workspace.
///
/// # Errors
/// When `cargo metadata` fails: usually a manifest is broken.
pub(crate) fn read() -> Result<Vec<Member>> {
    let root = workspace::root();
    let metadata = MetadataCommand::new()
        .current_dir(&root)
        .no_deps()
        .exec()
        .context("`cargo metadata` failed")?;
    let names: Vec<String> = metadata
        .packages
        .iter()
        .map(|package| package.name.to_string())
        .collect();
    let member = |package: &cargo_metadata::Package| Member {
        name: package.name.to_string(),
        manifest: package
            .manifest_path
            .strip_prefix(&root)
            .unwrap_or(&package.manifest_path)
            .to_string(),
        edges: package
            .dependencies
            .iter()
            .filter(|dependency| names.contains(&dependency.name))
            .map(|dependency| Edge {
                to: dependency.name.clone(),
                is_for_tests: dependency.kind == DependencyKind::Development,
            })
            .collect(),
    };
    Ok(metadata.packages.iter().map(member).collect())
}

/// Edges that the table does not have, and crates that it does not know.
pub(crate) fn check(members: &[Member]) -> Vec<Finding> {
    members.iter().flat_map(check_member).collect()
}

fn check_member(member: &Member) -> Vec<Finding> {
    let finding = |advice: String| Finding {
        path: member.manifest.clone(),
        line: 1,
        rule: RULE,
        advice,
    };
    let Some(allowed) = TABLE.iter().find(|allowed| allowed.name == member.name) else {
        return vec![finding(format!(
            "the crate `{}` is not in the table of xtask/src/tidy/edges.rs: add it there and to ARCHITECTURE.md",
            member.name
        ))];
    };
    member
        .edges
        .iter()
        .filter(|edge| {
            let list = if edge.is_for_tests { allowed.tests_use } else { allowed.uses };
            !list.contains(&edge.to.as_str())
        })
        .map(|edge| {
            let kind = if edge.is_for_tests { "in its tests" } else { "as a dependency" };
            finding(format!(
                "`{}` may not use `{}` {kind}: let a port of the engine stand between them, or wire them in the gateway",
                member.name, edge.to
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str, uses: &[&str], tests_use: &[&str]) -> Member {
        let edge = |is_for_tests| {
            move |to: &&str| Edge {
                to: (*to).to_owned(),
                is_for_tests,
            }
        };
        Member {
            name: name.to_owned(),
            manifest: format!("crates/{name}/Cargo.toml"),
            edges: uses
                .iter()
                .map(edge(false))
                .chain(tests_use.iter().map(edge(true)))
                .collect(),
        }
    }

    #[test]
    fn the_design_is_allowed() {
        let members = [
            member(
                "chela-gateway",
                &["chela-engine", "chela-store", "dingtalk-emulator"],
                &["dingtalk-emulator"],
            ),
            member(
                "chela-channels",
                &["chela-engine", "dingtalk"],
                &["dingtalk-emulator"],
            ),
            member("chela-store", &["chela-engine"], &["chela-engine"]),
            member("dingtalk", &[], &["dingtalk-emulator"]),
        ];
        assert_eq!(check(&members), []);
    }

    #[test]
    fn other_edges_are_found() {
        for (from, to) in [
            ("chela-engine", "chela-store"),
            ("chela-agents", "chela-store"),
            ("chela-channels", "dingtalk-emulator"),
            ("dingtalk", "chela-engine"),
            ("dingtalk-emulator", "dingtalk"),
            ("xtask", "dingtalk-emulator"),
        ] {
            assert_eq!(check(&[member(from, &[to], &[])]).len(), 1, "{from} → {to}");
        }
        assert_eq!(
            check(&[member("dingtalk-emulator", &[], &["dingtalk"])]).len(),
            1
        );
    }

    #[test]
    fn a_new_crate_must_be_put_into_the_table() {
        assert_eq!(check(&[member("chela-telepathy", &[], &[])]).len(), 1);
    }

    #[test]
    fn the_workspace_can_be_read_and_is_all_in_the_table() {
        let members = read().unwrap();
        assert_eq!(members.len(), TABLE.len());
        let gateway = members
            .iter()
            .find(|member| member.name == "chela-gateway")
            .unwrap();
        assert_eq!(gateway.manifest, "crates/gateway/Cargo.toml");
        assert!(gateway.edges.iter().any(|edge| edge.to == "chela-engine"));
    }
}
