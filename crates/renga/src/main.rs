//! The `renga` command, which is also `tk` when started under that name.
//!
//! The binary composes the libraries: it reads the command line ([`args`], [`dialect`]), resolves
//! settings ([`settings`]), runs one command ([`commands`]) and owns the streams ([`printer`]).

mod args;
mod commands;
mod completion;
mod dialect;
mod external;
mod interrupt;
mod narrow;
mod printer;
mod settings;
mod start;

use renga_diag::ExitStatus;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitStatus {
    start::run(std::env::args_os().collect())
}
