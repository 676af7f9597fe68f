//! The side that reads, and may die of it.

use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use rustix::process::{Resource, Rlimit, setrlimit};

use super::request::Request;
use crate::extract::{Error, Extract, extract};
use crate::format;
use crate::limits::{Limit, Limits};

/// Parsers walk what lies in each other by recursion.
const STACK: usize = 64 * 1024 * 1024;
/// Standard streams, and a few for the runtime.
const FILES: u64 = 16;
/// Allocators reserve more addresses than they use.
const RESERVE: u64 = 4 * 1024 * 1024 * 1024;

/// Reads the document on the standard input and writes the result to the standard output, as one line of JSON.
///
/// This is all that a hidden command of the program has to do. `request` is the last argument of that command, which
/// [`crate::Worker`] adds. It limits memory, processor time and files of the whole process for good.
///
/// # Errors
/// When the request is not understood, the process cannot be limited, or its streams are closed.
pub fn serve(request: &str) -> io::Result<()> {
    let request: Request = serde_json::from_str(request)?;
    confine(&request.limits)?;
    let reader = thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || read(&request))?;
    let result = reader.join().unwrap_or(Err(Error::WorkerDied));
    let mut output = serde_json::to_vec(&result)?;
    output.push(b'\n');
    io::stdout().lock().write_all(&output)
}

fn read(request: &Request) -> Result<Extract, Error> {
    let limits = &request.limits;
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(limits.bytes.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| match error.kind() {
            io::ErrorKind::OutOfMemory => Error::TooLarge {
                limit: Limit::Memory,
            },
            _ => Error::WorkerUnavailable,
        })?;
    let name = request.name();
    // Who panics on a file has been told something that cannot be.
    catch_unwind(AssertUnwindSafe(|| extract(&bytes, &name, limits))).unwrap_or_else(|_panic| {
        let found = format::detect(&bytes, &name)?;
        Err(Error::Damaged {
            format: found.format,
        })
    })
}

fn confine(limits: &Limits) -> io::Result<()> {
    let seconds = limits.time.as_secs() + 2;
    let wanted = [
        // What is really used. Other systems than Linux count differently.
        (Resource::Data, limits.memory),
        (Resource::As, limits.memory.saturating_add(RESERVE)),
        (Resource::Cpu, seconds),
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        (Resource::Nofile, FILES),
    ];
    for (resource, most) in wanted {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        let result = setrlimit(resource, limit);
        if cfg!(target_os = "linux") {
            result?;
        }
    }
    Ok(())
}
