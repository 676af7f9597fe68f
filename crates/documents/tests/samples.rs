//! What is known to be in the samples comes out of them, in order.

mod support;

use std::fs;

use chela_documents::{Error, Extract, Limits, extract};
use support::{folder, manifest, sample};

fn read(file: &str) -> Result<Extract, Error> {
    extract(&sample(file), file, &Limits::default())
}

/// The characters that count: no white space, and no marks of markdown.
fn characters(text: &str) -> Vec<char> {
    let is_counted = |character: &char| {
        !character.is_whitespace() && !matches!(character, '|' | '-' | '#' | '*' | '\\' | '>')
    };
    text.chars().filter(is_counted).collect()
}

/// How much of the known text is in the other one, in order, from 0 to 1.
fn score(known: &str, found: &str) -> f64 {
    let (known, found) = (characters(known), characters(found));
    // The longest common subsequence, with one row of its table.
    let mut row = vec![0_u32; found.len() + 1];
    for character in &known {
        let mut diagonal = 0;
        for (index, other) in found.iter().enumerate() {
            let above = row[index + 1];
            row[index + 1] = if character == other {
                diagonal + 1
            } else {
                above.max(row[index])
            };
            diagonal = above;
        }
    }
    f64::from(row[found.len()]) / known.len() as f64
}

#[test]
fn the_known_text_is_in_every_sample() {
    let mut bad = Vec::new();
    for (file, known) in manifest() {
        let Some(known) = known else {
            assert_eq!(read(&file), Err(Error::Encrypted), "{file}");
            continue;
        };
        let known = fs::read_to_string(folder().join(format!("{known}.known"))).unwrap();
        match read(&file) {
            Ok(extract) => {
                let score = score(&known, &extract.markdown);
                let is_clean =
                    characters(&extract.markdown).len() < characters(&known).len() * 3 / 2;
                if score < 0.99 || !is_clean {
                    bad.push(format!(
                        "{file}: {score:.4}, clean: {is_clean}\n{}",
                        extract.markdown
                    ));
                }
            }
            Err(error) => bad.push(format!("{file}: {error}")),
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n\n"));
}
