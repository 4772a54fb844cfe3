//! Interruptions, broken connections, silence, and many objects.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use wait4::Wait4 as _;

use crate::support::{Live, alone, finish};

/// An environment with this many objects.
fn many(live: &Live, count: usize) {
    live.main(&format!(
        "many: [config('many-%d' % i, {{ value: 'v%d' % i, more: std.repeat('x', 500) }}) for i in \
         std.range(1, {count})],"
    ));
}

/// A way to the server that is cut after a number of connections or bytes.
struct Way {
    address: String,
    /// Bytes that may still pass towards the server.
    left: Arc<AtomicUsize>,
}

impl Way {
    fn to(server: &str) -> Self {
        let server = server.trim_start_matches("https://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("https://{}", listener.local_addr().unwrap());
        let left = Arc::new(AtomicUsize::new(usize::MAX));
        let budget = Arc::clone(&left);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(upstream) = TcpStream::connect(&server) else { continue };
                if budget.load(Ordering::SeqCst) == 0 {
                    let _ = client.shutdown(Shutdown::Both);
                    continue;
                }
                let budget = Arc::clone(&budget);
                let (mut from, mut to) =
                    (client.try_clone().unwrap(), upstream.try_clone().unwrap());
                thread::spawn(move || {
                    let mut buffer = [0; 1024];
                    while let Ok(read @ 1..) = from.read(&mut buffer) {
                        let left = budget.load(Ordering::SeqCst);
                        budget.store(left.saturating_sub(read), Ordering::SeqCst);
                        if left < read || to.write_all(&buffer[..read]).is_err() {
                            break;
                        }
                    }
                    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
                });
                let (mut from, mut to) = (upstream, client);
                thread::spawn(move || {
                    let _ = io::copy(&mut from, &mut to);
                    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
                });
            }
        });
        Self { address, left }
    }
}

/// The kubeconfig of a test with other server addresses.
fn redirect(live: &mut Live, to: impl FnOnce(&str) -> String) -> String {
    let text = fs_err::read_to_string(&live.cluster.kubeconfig).unwrap();
    let server = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("server: "))
        .find(|server| !server.ends_with(":1"))
        .unwrap()
        .to_owned();
    let address = to(&server);
    live.set_kubeconfig(&text.replace(&server, &address));
    address
}

#[test]
fn what_a_cut_connection_left_undone_the_next_apply_does() {
    let Some(mut live) = Live::with_contexts("cut") else { return };
    many(&live, 60);
    let mut way = None;
    redirect(&mut live, |server| way.insert(Way::to(server)).address.clone());
    let way = way.unwrap();
    // Discovery is cached by then, and the namespace there.
    live.on_main("apply", &["-t", "Namespace/.*", "--auto-approve", "always"]).exits(0);
    way.left.store(24_000, Ordering::SeqCst);
    let flags = ["--diff-strategy", "none", "--auto-approve", "always", "--concurrency", "2"];
    let cut = live.on_main("apply", &[&flags[..], &["--output", "json"]].concat()).exits(1);
    let counts = cut.json()["counts"].clone();
    let count = |name: &str| counts[name].as_u64().unwrap_or(0);
    assert!(count("created") > 0 && count("created") < 60, "{counts}");
    assert_eq!(
        counts.as_object().unwrap().values().filter_map(serde_json::Value::as_u64).sum::<u64>(),
        61
    );
    assert!(cut.stderr.contains("error: "), "{}", cut.stderr);
    way.left.store(usize::MAX, Ordering::SeqCst);
    live.apply().exits(0);
    live.on_main("diff", &[]).exits(0);
}

#[test]
fn ctrl_c_ends_between_requests_and_tells_what_was_done() {
    let Some(live) = Live::new("ctrl-c") else { return };
    many(&live, 400);
    let flags = ["--diff-strategy", "none", "--auto-approve", "always", "--concurrency", "1"];
    let arguments = [&["apply", "environments/main", "--output", "json"], &flags[..]].concat();
    let child = live.start(&arguments);
    // Once the namespace is there the objects are on their way.
    let begun = Instant::now();
    while live.on_main("diff", &["-t", "Namespace/.*"]).exit != 0 {
        assert!(begun.elapsed() < Duration::from_mins(1), "nothing is applied");
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let ended = finish(child).exits(130);
    let report = ended.json();
    assert_eq!(report["interrupted"], json!(true));
    let count = |name: &str| report["counts"][name].as_u64().unwrap_or(0);
    assert!(count("not attempted") > 0, "{}", report["counts"]);
    assert_eq!(count("failed"), 0, "{}", ended.stderr);
    live.apply().exits(0);
    live.on_main("diff", &[]).exits(0);
}

#[test]
fn two_applies_at_once_both_succeed() {
    let Some(live) = Live::new("twice") else { return };
    many(&live, 30);
    let arguments = ["apply", "environments/main", "--auto-approve", "always"];
    let both = [live.start(&arguments), live.start(&arguments)];
    for child in both {
        finish(child).exits(0);
    }
    live.on_main("diff", &[]).exits(0);
}

#[test]
fn a_server_that_is_silent_is_not_waited_for_forever() {
    let Some(mut live) = Live::with_contexts("silent") else { return };
    live.main("");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    redirect(&mut live, |_| address.clone());
    // Connections are taken by the system, and nobody ever reads from them.
    let silent = live.on_main("diff", &["--request-timeout", "1s"]).exits(1);
    silent.says(&["did not answer within"]);
    drop(listener);
}

#[test]
fn thousands_of_objects_take_little_memory() {
    // Their manifests alone, as evaluated, are about half of it.
    const MOST: u64 = 160 << 20;
    let Some(live) = Live::new("thousands") else { return };
    let _alone = alone();
    many(&live, 5000);
    for (arguments, exit) in [
        (&["diff", "environments/main"][..], 16),
        (&["apply", "environments/main", "--auto-approve", "always", "--diff-strategy", "none"], 0),
        (&["diff", "environments/main"], 0),
    ] {
        let mut command = live.command(arguments);
        let (out, err) = (live.root().join("out"), live.root().join("err"));
        command.stdout(std::fs::File::create(&out).unwrap());
        command.stderr(std::fs::File::create(&err).unwrap());
        let used = command.spawn().unwrap().wait4().unwrap();
        let said = fs_err::read_to_string(&err).unwrap();
        assert_eq!(used.status.code(), Some(exit), "{arguments:?}: {said}");
        let memory = used.rusage.maxrss;
        eprintln!("{arguments:?}: {} MiB", memory >> 20);
        assert!(memory < MOST, "{arguments:?}: {} MiB", memory >> 20);
    }
}
