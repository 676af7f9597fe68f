//! Which addresses belong to the internet, and which to somebody's own network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is one of the public internet: anything else is this machine, its network, the cloud's own
/// services, or a way to write one of those in another form (IANA special-purpose registries).
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// The range for benchmarks (198.18.0.0/15), which proxies on developers' machines use as stand-ins for names.
pub(super) fn is_stand_in(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(address) if matches!(address.octets(), [198, 18 | 19, _, _]))
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = matches!(
        address.octets(),
        [0, ..]
            // Shared by the customers of a provider; also where Alibaba Cloud's metadata lives.
            | [100, 64..=127, ..]
            | [192, 0, 0, _]
            | [192, 88, 99, _]
            // Azure's metadata.
            | [168, 63, 129, 16]
            // Multicast, reserved, broadcast.
            | [224..=255, ..]
    );
    !special
        && !address.is_private()
        && !address.is_loopback()
        && !address.is_link_local()
        && !address.is_documentation()
        && !is_stand_in(IpAddr::V4(address))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let global = matches!(address.segments(), [0x2000..=0x3fff, ..]);
    let special = matches!(
        address.segments(),
        // Teredo and protocol assignments, documentation, 6to4, documentation again.
        [0x2001, 0..=0x01ff, ..] | [0x2001, 0x0db8, ..] | [0x2002, ..] | [0x3fff, 0..=0x0fff, ..]
    );
    global && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_internet_is_public() {
        for public in [
            "8.8.8.8",
            "47.97.0.1",
            "100.63.255.255",
            "2400:3200::1",
            "2606:4700:4700::1111",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for own in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "203.0.113.7",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(own.parse().unwrap()), "{own}");
        }
    }
}
