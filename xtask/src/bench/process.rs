//! What the kernel knows of a process (Linux: `/proc`).

use std::fs;
use std::process::Child;

use anyhow::{Context, Result};

/// Kills and reaps its process when dropped, so that a failed measurement leaves nothing running.
#[derive(Debug)]
pub(super) struct Guard(pub(super) Child);

impl Drop for Guard {
    fn drop(&mut self) {
        // Both fail only when the process has ended and been reaped already.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// The memory of a process in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Memory {
    /// Resident now.
    pub(super) resident: f64,
    /// The part of it that is the process's own: heaps and stacks.
    pub(super) anonymous: f64,
    /// The part of it that are pages of files, the binary itself above all: the kernel takes them back when it needs to.
    pub(super) file: f64,
    /// The most that ever was resident. The kernel keeps it, so that it need not be sampled.
    pub(super) peak: f64,
}

impl Memory {
    /// Asks the kernel.
    ///
    /// # Errors
    /// When the process is gone, or the kernel is no Linux.
    pub(super) fn of(process: u32) -> Result<Self> {
        let path = format!("/proc/{process}/status");
        let status = fs::read_to_string(&path).with_context(|| format!("{path} cannot be read"))?;
        Self::parse(&status).with_context(|| format!("{path} names no memory"))
    }

    fn parse(status: &str) -> Option<Self> {
        Some(Self {
            resident: kibibytes(status, "VmRSS:")?,
            anonymous: kibibytes(status, "RssAnon:")?,
            file: kibibytes(status, "RssFile:")?,
            peak: kibibytes(status, "VmHWM:")?,
        })
    }
}

/// The processes that a process has started and that still run.
pub(super) fn children(parent: u32) -> Vec<u32> {
    let Ok(processes) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    processes
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter(|process| {
            fs::read_to_string(format!("/proc/{process}/status")).is_ok_and(|status| {
                field(&status, "PPid:").and_then(|id| id.parse().ok()) == Some(parent)
            })
        })
        .collect()
}

fn kibibytes(status: &str, name: &str) -> Option<f64> {
    let number = field(status, name)?
        .strip_suffix("kB")?
        .trim()
        .parse::<f64>()
        .ok()?;
    Some(number * 1024.0)
}

fn field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_from_the_status_of_a_process() {
        let status = "Name:\tchela\nPPid:\t7\nVmPeak:\t  900000 kB\nVmHWM:\t   20480 kB\nVmRSS:\t   10240 kB\n\
                      RssAnon:\t    2048 kB\nRssFile:\t    8192 kB\n";
        assert_eq!(
            Memory::parse(status),
            Some(Memory {
                resident: 10_485_760.0,
                anonymous: 2_097_152.0,
                file: 8_388_608.0,
                peak: 20_971_520.0
            })
        );
        assert_eq!(Memory::parse("Name:\tkthreadd\n"), None);
    }

    #[test]
    fn a_running_process_has_memory_and_a_parent() {
        let child = std::process::Command::new("cat")
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let child = Guard(child);
        assert!(children(std::process::id()).contains(&child.0.id()));
        assert!(Memory::of(child.0.id()).unwrap().peak > 0.0);
    }
}
