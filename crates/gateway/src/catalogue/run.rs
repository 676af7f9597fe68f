//! What is said when the gateway starts.

use std::net::SocketAddr;

use super::Phrase;
use super::text::phrase;

/// The administration interface has no address.
pub fn not_listening(address: SocketAddr) -> Phrase {
    phrase!(
        "管理接口无法监听 {address}（配置项 gateway.port；命令行 --port 可临时换一个，0 表示自动选择）。",
        "the administration interface cannot listen on {address} (setting gateway.port; --port chooses another for once, 0 any free one).",
    )
}
