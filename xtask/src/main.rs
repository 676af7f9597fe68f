//! The project's own chores: `cargo xtask test`, `ci`, `tidy` and `bench`.
//!
//! Whatever a contributor or the CI machine runs goes through here, so that both run the same thing. `xtask` imports
//! nothing of the workspace: it must build, and be right, while everything else is broken.

mod bench;
mod ci;
mod command;
mod output;
mod stopwatch;
mod suite;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::output::Verdict;

/// 开发任务。 The chores of this workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// 安装测试所需并运行全部测试。 Install what the tests need, then run all of them.
    Test(TestArguments),
    /// 运行 CI 的全部检查。 Run everything that CI runs: format, lints, tidy, docs, licences, tests.
    Ci,
    /// 检查代码结构与约定。 Check what the compiler cannot: crate edges, file length, docs, error pages.
    Tidy,
    /// 测量发布版程序。 Build `--release` and measure the real binary.
    Bench(bench::Options),
}

#[derive(Debug, Args)]
struct TestArguments {
    /// Run only tests whose name contains this text.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Test(arguments) => suite::test(arguments.filter.as_deref()),
        Task::Ci => ci::run(),
        Task::Tidy => tidy::run(),
        Task::Bench(options) => bench::run(&options),
    };
    match outcome {
        Ok(Verdict::Passed) => ExitCode::SUCCESS,
        // What failed has been printed where it was found.
        Ok(Verdict::Failed) => ExitCode::FAILURE,
        Err(error) => {
            output::error(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
