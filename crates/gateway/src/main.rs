//! The program `chela`.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Only fails when it was done before.
    drop(rustls::crypto::ring::default_provider().install_default());
    chela_gateway::cli::main()
}
