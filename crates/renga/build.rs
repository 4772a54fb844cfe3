//! How the program is linked: on Linux, released builds have everything in them, at fixed places.
//!
//! A short command is over in two milliseconds, half of which went into loading libraries and
//! moving tens of thousands of pointers to where the program happened to be loaded. So where the
//! static libraries of the C library are installed, they are linked in; a linker that cannot do so
//! is found out by trying. Everywhere else, and for other profiles, nothing is changed.
//! `RENGA_LINK=plain` in the environment asks for that, too.

#![expect(clippy::disallowed_methods, reason = "build scripts are told everything in variables")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

/// The libraries the compiler asks for, and the archives that stand in for them. Unwinding is in
/// one library when it is shared and in another when it is not.
const ARCHIVES: [(&str, &str); 3] =
    [("libc.a", "libc.a"), ("libm.a", "libm.a"), ("libgcc_s.a", "libgcc_eh.a")];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=RENGA_LINK");
    if !is_wanted() {
        return;
    }
    println!("cargo::rustc-link-arg-bins=-no-pie");
    if let Some(archives) = static_libraries() {
        println!("cargo::rustc-link-arg-bins=-static");
        println!("cargo::rustc-link-arg-bins=-L{}", archives.display());
    }
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

fn is_wanted() -> bool {
    let has_static_libraries = variable("CARGO_CFG_TARGET_FEATURE").contains("crt-static");
    variable("RENGA_LINK") != "plain"
        && variable("PROFILE") == "release"
        && variable("CARGO_CFG_TARGET_OS") == "linux"
        && variable("CARGO_CFG_TARGET_ENV") == "gnu"
        && variable("HOST") == variable("TARGET")
        && !has_static_libraries
}

/// A folder with the static libraries under the names they are asked for, if a program can be made
/// of them.
fn static_libraries() -> Option<PathBuf> {
    let linker = match variable("RUSTC_LINKER") {
        name if name.is_empty() => "cc".to_owned(),
        name => name,
    };
    let out = PathBuf::from(env::var_os("OUT_DIR")?);
    let folder = out.join("static");
    fs::create_dir_all(&folder).ok()?;
    for (name, archive) in ARCHIVES {
        let found =
            Command::new(&linker).arg(format!("-print-file-name={archive}")).output().ok()?;
        let path = PathBuf::from(String::from_utf8(found.stdout).ok()?.trim());
        // Without the file its name alone is printed.
        let path = Some(path).filter(|path| path.is_absolute() && path.exists())?;
        link(&path, &folder.join(name)).ok()?;
    }
    let source = out.join("probe.c");
    fs::write(&source, "#include <math.h>\nint main(int n, char **a) { return sin(n) > 2; }\n")
        .ok()?;
    let program = out.join("probe");
    let tried = Command::new(&linker)
        .args(["-no-pie", "-static", "-Wl,-Bdynamic"])
        .arg("-L")
        .arg(&folder)
        .arg(&source)
        .args(["-lgcc_s", "-lm", "-lc", "-o"])
        .arg(&program)
        .output();
    let works = tried.is_ok_and(|tried| tried.status.success())
        && Command::new(&program).status().is_ok_and(|status| status.success());
    works.then_some(folder)
}

#[cfg(unix)]
fn link(target: &Path, link: &Path) -> io::Result<()> {
    match fs::remove_file(link) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => std::os::unix::fs::symlink(target, link),
    }
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
