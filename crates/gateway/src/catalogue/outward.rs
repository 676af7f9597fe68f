//! What is said about the way to the internet.

use std::path::Path;

use super::Phrase;
use super::text::phrase;

/// A file of certificates cannot be used.
pub fn unusable_authority(setting: &str, path: &Path) -> Phrase {
    let path = path.display();
    phrase!(
        "{setting} 指定的 {path} 里读不到证书。",
        "{path}, which {setting} names, holds no certificate that can be read.",
    )
}

/// What a setting says is no address of a proxy.
pub fn no_proxy_address(setting: &str) -> Phrase {
    phrase!(
        "{setting} 不是代理地址，应以 http://、https://、socks5:// 或 socks5h:// 开头。",
        "{setting} is no address of a proxy: it begins with http://, https://, socks5:// or socks5h://.",
    )
}
