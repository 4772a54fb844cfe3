use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use tar::{Builder, Header};

use super::*;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A header with any name at all, which [`Builder`] would refuse to write.
fn header(kind: EntryType, name: &[u8], size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(size);
    header.as_old_mut().name[..name.len()].copy_from_slice(name);
    header.set_cksum();
    header
}

fn packed(files: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (name, data) in files {
        builder.append(&header(EntryType::Regular, name, data.len() as u64), *data).unwrap();
    }
    gzip(&builder.into_inner().unwrap())
}

fn linked(kind: EntryType, name: &str, target: &str) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    let mut header = header(kind, name.as_bytes(), 0);
    header.as_old_mut().linkname[..target.len()].copy_from_slice(target.as_bytes());
    header.set_cksum();
    builder.append(&header, &[][..]).unwrap();
    gzip(&builder.into_inner().unwrap())
}

fn read(bytes: &[u8]) -> Result<Vec<Entry>, ArchiveError> {
    read_archive(bytes, &Limits::default())
}

fn paths(files: &[(&[u8], &[u8])]) -> Vec<String> {
    read(&packed(files)).unwrap().into_iter().map(|entry| entry.path).collect()
}

fn refused(name: &str) -> String {
    read(&packed(&[(b"c/Chart.yaml", b"name: c"), (name.as_bytes(), b"x")]))
        .unwrap_err()
        .to_string()
}

#[test]
fn the_first_component_is_dropped() {
    assert_eq!(
        paths(&[
            (b"c/Chart.yaml", b"name: c"),
            (b"d/./templates//a.yaml", b""),
            (b"c\\templates\\b.yaml", b""),
            (b"c/x/../y", b""),
            (b"../up", b""),
            (b"c/Chart.yaml", b"name: d"),
            (b"c/folder/", b""),
        ]),
        ["Chart.yaml", "templates/a.yaml", "templates/b.yaml", "y", "up", "Chart.yaml"]
    );
    let entries = read(&packed(&[(b"c/values.yaml", b"\xEF\xBB\xBFa: 1")])).unwrap();
    assert_eq!(entries[0].data, b"a: 1");
}

#[test]
fn long_names_are_whole() {
    let name = format!("c/{}/x.yaml", ["folder"; 40].join("/"));
    let mut builder = Builder::new(Vec::new());
    let mut header = header(EntryType::Regular, b"", 1);
    builder.append_data(&mut header, &name, &b"x"[..]).unwrap();
    let entries = read(&gzip(&builder.into_inner().unwrap())).unwrap();
    assert_eq!(entries[0].path, name[2..]);
}

#[test]
fn bad_names_are_refused_in_helms_words() {
    // Recorded from helm v3.22.0 (`helm show chart`).
    for (name, message) in [
        ("c//etc/passwd", "chart illegally contains absolute paths"),
        ("c/../x", "chart illegally references parent directory"),
        ("c/a/../../x", "chart illegally references parent directory"),
        ("c\\..\\x", "chart illegally references parent directory"),
        ("c/..x", "chart illegally references parent directory"),
        ("c/c:/x", "chart contains illegally named files"),
        ("c\\c:\\x", "chart contains illegally named files"),
        ("Chart.yaml/x", "chart yaml not in base directory"),
        ("x", "chart illegally contains content outside the base directory: \"x\""),
        ("c/.", "chart illegally contains content outside the base directory: \"c/.\""),
    ] {
        assert_eq!(refused(name), message, "{name}");
    }
    // Helm takes these as if a folder were before them.
    for name in ["/etc/passwd", "\\etc\\passwd"] {
        assert_eq!(refused(name), "chart illegally contains absolute paths", "{name}");
    }
    assert!(matches!(read(&packed(&[(b"c/\xff", b"")])), Err(ArchiveError::Name { .. })));
}

#[test]
fn links_may_not_leave() {
    for (kind, name, target) in [
        (EntryType::Symlink, "c/a", "/etc/passwd"),
        (EntryType::Symlink, "c/a", "../x"),
        (EntryType::Symlink, "c/b/a", "../../x"),
        (EntryType::Symlink, "c/b/a", "x/../../../y"),
        (EntryType::Symlink, "c/a", "..\\x"),
        (EntryType::Symlink, "c/a", "c:x"),
        (EntryType::Link, "c/a", "/etc/passwd"),
        (EntryType::Link, "c/a", "c/../../x"),
        (EntryType::Link, "c/a", "x"),
    ] {
        let error = read(&linked(kind, name, target)).unwrap_err();
        assert!(matches!(error, ArchiveError::Link { .. }), "{name} to {target}: {error}");
    }
    for (kind, target) in [(EntryType::Symlink, "../Chart.yaml"), (EntryType::Link, "c/Chart.yaml")]
    {
        let entries = read(&linked(kind, "c/b/a", target)).unwrap();
        assert_eq!(entries, [Entry { path: "b/a".to_owned(), data: Vec::new() }]);
    }
    for kind in [EntryType::Char, EntryType::Block, EntryType::Fifo] {
        assert!(matches!(read(&linked(kind, "c/a", "")), Err(ArchiveError::Special { .. })));
    }
}

#[test]
fn other_files_are_no_archives() {
    let error = read(b"<!DOCTYPE html>").unwrap_err();
    assert_eq!(error.to_string(), "gzip: invalid header");
    assert!(matches!(read(b""), Err(ArchiveError::NotGzip { .. })));
    assert!(matches!(read(&gzip(b"")), Err(ArchiveError::Empty)));
    assert!(matches!(read(&gzip(&[b'x'; 2048])), Err(ArchiveError::Damaged(_))));
    assert!(matches!(read(&gzip(&[b'x'; 100])), Err(ArchiveError::Truncated)));
}

#[test]
fn every_cut_is_noticed() {
    let data: Vec<u8> =
        (0..5000_u32).flat_map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let whole = packed(&[(b"c/Chart.yaml", b"name: c"), (b"c/data", &data)]);
    assert_eq!(read(&whole).unwrap().len(), 2);
    for end in 2..whole.len() {
        let error = read(&whole[..end]).unwrap_err();
        assert!(matches!(error, ArchiveError::Truncated), "{end}: {error}");
    }
    let mut damaged = whole.clone();
    let end = damaged.len();
    damaged[end - 5] ^= 1;
    assert!(matches!(read(&damaged), Err(ArchiveError::Damaged(_))), "the checksum counts");
    let mut padded = whole;
    padded.extend_from_slice(b"\n\0\0");
    assert_eq!(read(&padded).unwrap().len(), 2, "what follows does not");
}

#[test]
fn a_tar_may_span_gzip_members() {
    let mut builder = Builder::new(Vec::new());
    builder.append(&header(EntryType::Regular, b"c/a", 3), &b"abc"[..]).unwrap();
    let tar = builder.into_inner().unwrap();
    let mut bytes = gzip(&tar[..700]);
    bytes.extend(gzip(&tar[700..]));
    assert_eq!(read(&bytes).unwrap()[0].data, b"abc");
}

#[test]
fn a_size_that_is_not_there_is_a_cut() {
    let mut tar = header(EntryType::Regular, b"c/a", 5000).as_bytes().to_vec();
    tar.extend([0; 512]);
    assert!(matches!(read(&gzip(&tar)), Err(ArchiveError::Truncated)));
    let tar = header(EntryType::Regular, b"c/a", u64::MAX / 2).as_bytes().to_vec();
    assert!(matches!(read(&gzip(&tar)), Err(ArchiveError::TooLarge { .. })));
}

#[test]
fn limits_hold() {
    let limits = Limits { total_bytes: 1000, entries: 3, ratio: 250 };
    let with = |sizes: &[usize]| {
        let data: Vec<_> = sizes.iter().map(|size| vec![b'x'; *size]).collect();
        let files: Vec<(&[u8], &[u8])> = data.iter().map(|data| (&b"c/a"[..], &data[..])).collect();
        read_archive(&packed(&files), &limits)
    };
    assert_eq!(with(&[500, 499]).unwrap().len(), 2);
    let error = with(&[500, 500]).unwrap_err();
    assert_eq!(error.to_string(), "decompressed chart is larger than the maximum size 1000");
    assert!(matches!(with(&[0, 0, 0, 0]), Err(ArchiveError::TooMany { limit: 3 })));
}

#[test]
fn bombs_do_not_unfold() {
    // A file of zeros, more than a thousand times its compressed size.
    let zeros = packed(&[(b"c/Chart.yaml", b"name: c"), (b"c/zeros", &vec![0; 60 * 1024 * 1024])]);
    assert!(zeros.len() < 100_000, "{}", zeros.len());
    assert!(matches!(read(&zeros), Err(ArchiveError::Ratio { limit: 250 })));

    // The same after the end of the tar, and as the name of a file.
    let mut tail = packed(&[(b"c/Chart.yaml", b"name: c")]);
    tail.extend(gzip(&vec![0; 60 * 1024 * 1024]));
    assert!(matches!(read(&tail), Err(ArchiveError::Ratio { .. })));
    let mut name = header(EntryType::GNULongName, b"././@LongLink", 60 << 20).as_bytes().to_vec();
    name.extend(vec![b'a'; 60 << 20]);
    assert!(matches!(read(&gzip(&name)), Err(ArchiveError::Ratio { .. })));

    // Without help from the ratio, the total stops it.
    let limits = Limits { total_bytes: 1 << 20, entries: 10, ratio: u64::MAX };
    let mut tail = packed(&[(b"c/Chart.yaml", b"name: c")]);
    tail.extend(gzip(&vec![0; 60 << 20]));
    assert!(matches!(read_archive(&tail, &limits), Err(ArchiveError::TooLarge { .. })));
}

/// Names made of the pieces that attacks are made of.
fn hostile_name() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("..".to_owned()),
        Just(".".to_owned()),
        Just(String::new()),
        Just("c:".to_owned()),
        Just("Chart.yaml".to_owned()),
        Just("templates".to_owned()),
        "[a-zé ~%.]{1,4}",
    ];
    let separator = prop_oneof![3 => Just("/"), 1 => Just("\\"), 1 => Just("//")];
    prop_oneof![
        4 => proptest::collection::vec((piece, separator), 1..8).prop_map(|parts| {
            parts.into_iter().flat_map(|(piece, separator)| [piece, separator.to_owned()]).collect::<String>().into_bytes()
        }),
        1 => proptest::collection::vec(any::<u8>(), 1..40),
    ]
    .prop_map(|mut name| {
        name.truncate(100);
        name
    })
}

proptest! {
    #[test]
    fn no_name_escapes(names in proptest::collection::vec(hostile_name(), 1..4)) {
        let files: Vec<(&[u8], &[u8])> = names.iter().map(|name| (&name[..], &b"x"[..])).collect();
        let Ok(entries) = read(&packed(&files)) else { return Ok(()) };
        let outside = tempfile::tempdir().unwrap();
        let into = outside.path().join("inside");
        for entry in &entries {
            prop_assert!(!entry.path.contains('\0'), "{:?}", entry.path);
            for part in entry.path.split('/') {
                prop_assert!(!matches!(part, "" | "." | ".."), "{:?}", entry.path);
            }
        }
        // A file may stand where another needs a folder; nothing is written outside either way.
        let _ = crate::unpack(&entries, &into);
        let found: Vec<_> = std::fs::read_dir(outside.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        prop_assert_eq!(found, ["inside"]);
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let _ = read(&gzip(&bytes));
        let mut raw = b"\x1f\x8b\x08\0\0\0\0\0\0\0".to_vec();
        raw.extend(bytes);
        let _ = read(&raw);
    }
}
