//! Every check, in the order in which they are made.

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;

use super::examination::Examination;
use super::finding::Finding;
use super::{
    cards, dingtalk, local, machine, models, network, permissions, security, services, template,
    troubles,
};
use crate::catalogue::diagnosis::Check;

/// A check.
pub(super) struct Entry {
    pub(super) check: Check,
    pub(super) kind: Kind,
    /// What must have been examined before, for checks that look at what others found.
    pub(super) needs: &'static [Check],
    pub(super) run: for<'a> fn(&'a Examination<'a>) -> LocalBoxFuture<'a, Vec<Finding>>,
}

/// What a check needs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The configuration and files only: part of `--lint`.
    Offline,
    /// This machine.
    Machine,
    /// The network.
    Online,
}

macro_rules! registry {
    ($($kind:ident $check:ident $(after [$($need:ident)*])? => $run:path;)*) => {
        pub(super) const REGISTRY: &[Entry] = &[$(Entry {
            check: Check::$check,
            kind: Kind::$kind,
            needs: &[$($(Check::$need,)*)?],
            run: |examination| $run(examination).boxed_local(),
        },)*];
    };
}

registry! {
    Offline Configuration => local::configuration;
    Offline Account => local::account;
    Offline Dialect => local::dialect;
    Offline ConfigExposed => security::config_exposed;
    Offline ConfigGroupReadable => security::config_group_readable;
    Offline ConfigWritable => security::config_writable;
    Offline SecretInFile => security::secret_in_file;
    Offline SecretsExposed => security::secrets_exposed;
    Offline TokenShort => security::token_short;
    Offline TokenPlaceholder => security::token_placeholder;
    Offline Bind => security::bind;
    Offline DirectOpen => security::direct_open;
    Machine State => local::state;
    Machine StateExposed => security::state_exposed;
    Machine StateWritable => security::state_writable;
    Machine LogsExposed => security::logs_exposed;
    Machine Synced => security::synced;
    Machine Disk => local::disk;
    Machine Store after [State] => local::store;
    Machine Ffmpeg => local::ffmpeg;
    Machine Gateway => machine::gateway;
    Machine Version => machine::version;
    Machine Port => machine::port;
    Online ProxyServer => network::proxy_server;
    Online Names => network::names;
    Online Network => network::network;
    Online Ipv6 => network::ipv6;
    Online Proxy => network::proxy;
    Online Certificate => network::certificate;
    Online Clock => machine::clock;
    Online Credentials => dingtalk::credentials;
    Online AddressList => dingtalk::address_list;
    Online Stream => dingtalk::stream;
    Online Published => dingtalk::published;
    Online WebSocket => dingtalk::web_socket;
    Machine SecondConsumer => dingtalk::second_consumer;
    Offline Duplicates => dingtalk::duplicates;
    Online SendScope => permissions::send;
    Online CardScope => permissions::cards;
    Online StreamScope => permissions::streaming;
    Online UploadScope => permissions::upload;
    Online PeopleScope => permissions::people;
    Online FileScope => permissions::files;
    Online RobotCode => permissions::robot_code;
    Online Range => permissions::range;
    Online Certified => permissions::certified;
    Online Template => template::template;
    Machine Cards => cards::cards;
    Online Groups => permissions::groups;
    Online Quota after [SendScope] => permissions::quota;
    Online Model => models::model;
    Online ModelLatency => models::latency;
    Online ToolServers => services::servers;
    Online AlertRobot => services::robot;
    Machine Unresponsive after [Configuration Account ProxyServer Names Network Proxy Certificate Credentials Stream Published AddressList Range SendScope] => troubles::unresponsive;
    Machine NoReply after [Model ModelLatency SendScope Quota] => troubles::no_reply;
    Machine Drops after [ProxyServer Names Network Ipv6 Proxy WebSocket SecondConsumer Duplicates Clock] => troubles::drops;
    Machine GroupFiles after [FileScope PeopleScope Certified] => troubles::group_files;
    Machine CardStreaming after [CardScope StreamScope Template Cards] => troubles::card_streaming;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_is_made_once_and_after_what_it_needs() {
        for &check in Check::ALL {
            let count = REGISTRY.iter().filter(|entry| entry.check == check).count();
            assert_eq!(count, 1, "{}", check.name());
        }
        for (place, entry) in REGISTRY.iter().enumerate() {
            for need in entry.needs {
                let earlier = REGISTRY
                    .iter()
                    .take(place)
                    .any(|other| other.check == *need);
                assert!(earlier, "{} needs {}", entry.check.name(), need.name());
            }
        }
    }
}
