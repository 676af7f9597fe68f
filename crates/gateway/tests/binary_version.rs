//! The real binary says who it is.

use std::process::Command;

#[test]
fn version_is_printed() {
    let output = Command::new(env!("CARGO_BIN_EXE_chela"))
        .arg("--version")
        .output()
        .expect("the binary runs");
    let printed = String::from_utf8(output.stdout).expect("the version is text");
    assert!(output.status.success());
    assert!(printed.contains(env!("CARGO_PKG_VERSION")), "{printed}");
}
