//! What a name promises.

use super::Format;

/// The format that the ending of a name stands for, or the name itself (`Dockerfile`).
pub(super) fn format(name: &str) -> Option<Format> {
    let ending = of(name);
    Some(match ending.as_str() {
        "pdf" => Format::Pdf,
        "docx" | "docm" | "dotx" | "dotm" => Format::Docx,
        "xlsx" | "xlsm" | "xltx" | "xltm" => Format::Xlsx,
        "xlsb" => Format::Xlsb,
        "pptx" | "pptm" | "ppsx" | "potx" => Format::Pptx,
        "doc" | "dot" | "wps" => Format::Doc,
        "xls" | "xlt" | "et" => Format::Xls,
        "ppt" | "pps" | "dps" => Format::Ppt,
        "rtf" => Format::Rtf,
        "odt" | "ott" | "fodt" => Format::Odt,
        "ods" | "ots" => Format::Ods,
        "odp" | "otp" => Format::Odp,
        "ofd" => Format::Ofd,
        "eml" | "mht" | "mhtml" => Format::Eml,
        "zip" => Format::Zip,
        "html" | "htm" | "xhtml" => Format::Html,
        "csv" | "tsv" | "tab" => Format::Csv,
        "json" | "jsonl" | "ndjson" | "json5" | "geojson" | "ipynb" => Format::Json,
        "xml" | "xsd" | "xsl" | "xslt" | "svg" | "plist" | "rss" | "atom" => Format::Xml,
        "yaml" | "yml" => Format::Yaml,
        "md" | "markdown" | "mdx" => Format::Markdown,
        "txt" | "text" | "log" | "out" | "err" | "rst" | "srt" | "vtt" => Format::Text,
        _ => return is_code(&ending).then_some(Format::Code),
    })
}

/// What stands behind the last dot, in small letters; without a dot, the whole name.
pub(crate) fn of(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let ending = name.rsplit('.').next().unwrap_or(name);
    let known = ending.chars().filter(char::is_ascii_alphanumeric);
    known.take(12).collect::<String>().to_ascii_lowercase()
}

fn is_code(ending: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "asm",
        "astro",
        "awk",
        "bat",
        "c",
        "cc",
        "cfg",
        "clj",
        "cmake",
        "cmd",
        "coffee",
        "conf",
        "cpp",
        "cs",
        "css",
        "cu",
        "cxx",
        "dart",
        "diff",
        "dockerfile",
        "elm",
        "env",
        "erl",
        "ex",
        "exs",
        "fs",
        "gitignore",
        "go",
        "gradle",
        "graphql",
        "groovy",
        "h",
        "hcl",
        "hh",
        "hpp",
        "hs",
        "ini",
        "java",
        "jl",
        "js",
        "jsx",
        "kt",
        "kts",
        "less",
        "lisp",
        "lua",
        "m",
        "makefile",
        "mjs",
        "ml",
        "nginx",
        "nim",
        "nix",
        "patch",
        "php",
        "pl",
        "pm",
        "prisma",
        "properties",
        "proto",
        "ps1",
        "py",
        "r",
        "rb",
        "rs",
        "sass",
        "scala",
        "scm",
        "scss",
        "sh",
        "sql",
        "svelte",
        "swift",
        "tcl",
        "tex",
        "tf",
        "toml",
        "ts",
        "tsx",
        "v",
        "vb",
        "vbs",
        "vue",
        "wat",
        "zig",
        "zsh",
    ];
    ENDINGS.binary_search(&ending).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_has_an_ending() {
        for (name, expected) in [
            ("a.DOCX", "docx"),
            ("../../etc/passwd\0.pdf", "pdf"),
            ("报告.最终.Pdf", "pdf"),
            ("\u{202e}fdp.exe", "exe"),
            ("Makefile", "makefile"),
            ("", ""),
            (".", ""),
        ] {
            assert_eq!(of(name), expected, "{name:?}");
        }
    }

    #[test]
    fn code_is_found() {
        assert_eq!(format("a.rs"), Some(Format::Code));
        assert_eq!(format("a.zsh"), Some(Format::Code));
        assert_eq!(format("a.asm"), Some(Format::Code));
        assert_eq!(format("a.exe"), None);
    }
}
