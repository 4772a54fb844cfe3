//! Serves the charts below a folder, for trying things by hand.
//!
//! `cargo run -p renga-test --features charts --example chart_server -- [FOLDER [PORT]]`: every
//! folder in FOLDER (default `tests/charts-src`) is a repository whose folders are charts. It is
//! a proxy for `charts.example.com`, too: with `HTTPS_PROXY=http://127.0.0.1:PORT` and the CA that
//! it prints, the sample workspace's chartfile works as it is.

#![expect(clippy::print_stdout, reason = "it is for people")]

use std::path::PathBuf;
use std::{io, thread};

use renga_test::{ChartServer, chart_sources};

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().map_or_else(chart_sources, PathBuf::from);
    let port = arguments.next().and_then(|port| port.parse().ok()).unwrap_or(0);
    let server = ChartServer::start_proxy(port, &["charts.example.com", "127.0.0.1"])?;
    for repository in fs_err::read_dir(&folder)? {
        let repository = repository?;
        let name = repository.file_name().to_string_lossy().into_owned();
        if repository.file_type()?.is_dir() {
            server.add_charts_below(&name, &repository.path())?;
            println!("{}", server.repository(&name));
        }
    }
    if let Some(certificates) = server.certificates() {
        println!("{}", certificates.ca);
    }
    loop {
        thread::park();
    }
}
