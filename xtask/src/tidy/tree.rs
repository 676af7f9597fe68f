//! The text files of the repository, read once.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::source::Source;

/// Folders with files that nobody wrote.
const SKIPPED: &[&str] = &[".git", "node_modules", "target"];

/// Every text file by its path from the root, with `/`, in the order of the paths.
#[derive(Debug)]
pub(crate) struct Tree {
    texts: BTreeMap<String, String>,
    sources: Vec<Source>,
}

impl Tree {
    /// Reads the folder. Files that are not UTF-8 are left out: they are images and the like.
    ///
    /// # Errors
    /// When a folder or file cannot be read.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let mut texts = BTreeMap::new();
        read_folder(root, "", &mut texts)?;
        Ok(Self::new(texts))
    }

    /// A tree that never was on a disk.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Self::new(
            files
                .iter()
                .map(|&(path, text)| (path.to_owned(), text.to_owned()))
                .collect(),
        )
    }

    fn new(texts: BTreeMap<String, String>) -> Self {
        let sources = texts
            .iter()
            .filter(|(path, _)| path.ends_with(".rs"))
            .map(|(path, text)| Source::new(path, text))
            .collect();
        Self { texts, sources }
    }

    /// How many files there are.
    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }

    /// One file.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// All files: path and text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }
    /// The Rust files.
    pub(crate) fn sources(&self) -> &[Source] {
        &self.sources
    }
}

fn read_folder(folder: &Path, prefix: &str, texts: &mut BTreeMap<String, String>) -> Result<()> {
    let cannot = || format!("{} cannot be read", folder.display());
    for entry in fs::read_dir(folder).with_context(cannot)? {
        let entry = entry.with_context(cannot)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().with_context(cannot)?;
        let path = format!("{prefix}{name}");
        if kind.is_dir() && !SKIPPED.contains(&name.as_str()) {
            read_folder(&entry.path(), &format!("{path}/"), texts)?;
        } else if kind.is_file() {
            let bytes = fs::read(entry.path()).with_context(|| format!("{path} cannot be read"))?;
            if let Ok(text) = String::from_utf8(bytes) {
                texts.insert(path, text);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_read_without_what_nobody_wrote() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, bytes: &[u8]| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        };
        write("README.md", "钳".as_bytes());
        write("crates/a/src/lib.rs", b"//! A.\n");
        write("crates/a/picture.png", &[0x89, 0xff, 0xfe]);
        write("target/debug/build.rs", b"fn main() {}\n");
        write(".git/config", b"[core]\n");

        let tree = Tree::read(folder.path()).unwrap();

        assert_eq!(
            tree.texts().collect::<Vec<_>>(),
            [("README.md", "钳"), ("crates/a/src/lib.rs", "//! A.\n")]
        );
        assert_eq!(tree.sources().len(), 1);
    }
}
