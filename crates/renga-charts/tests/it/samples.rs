//! The sample charts of this repository: their sources, the packages served, the vendored trees.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use renga_charts::{
    Limits, ProxySettings, Prune, SourceOptions, Sources, TreeDigest, VendorOptions, Workspace,
    package_dir, read_archive, tree_digest, vendor,
};
use renga_test::{ChartServer, chart_sources};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The folders of the charts, by repository.
fn sources() -> Vec<PathBuf> {
    let mut charts: Vec<PathBuf> = walkdir::WalkDir::new(chart_sources())
        .min_depth(2)
        .max_depth(2)
        .into_iter()
        .map(|found| found.unwrap().into_path())
        .filter(|path| path.join("Chart.yaml").is_file())
        .collect();
    charts.sort();
    charts
}

/// The trees below `charts/` were unpacked from what `helm package` v4.3.1 made of the sources.
#[test]
fn a_source_packs_to_what_helm_made_of_it() {
    let mut compared = BTreeSet::new();
    for source in sources() {
        // Where the name alone says too little, the chartfile puts the repository's before it.
        let name = source.file_name().unwrap().to_str().unwrap();
        let repository = source.parent().and_then(Path::file_name).unwrap().to_str().unwrap();
        let folders = [name.to_owned(), format!("{repository}-{name}")];
        let Some(folder) =
            folders.into_iter().find(|name| root().join("charts").join(name).exists())
        else {
            continue;
        };
        let vendored = root().join("charts").join(&folder);
        let packed = read_archive(&package_dir(&source).unwrap(), &Limits::default()).unwrap();
        let (packed, vendored) = (TreeDigest::of_entries(&packed), tree_digest(&vendored).unwrap());
        let paths = |tree: &TreeDigest| tree.files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(paths(&packed), paths(&vendored), "{}", source.display());
        for (path, digest) in &packed.files {
            assert_eq!(*digest, vendored.files[path], "{} in {}", path, source.display());
        }
        assert_eq!(packed.digest, vendored.digest);
        compared.insert(folder);
    }
    let vendored = std::fs::read_dir(root().join("charts")).unwrap();
    let vendored: BTreeSet<String> =
        vendored.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(compared, vendored);
}

/// The workspace's own chartfile, as it is, from a server that stands in for the named host.
#[test]
fn the_chartfile_vendors_to_what_is_there() {
    let server = ChartServer::start_proxy(0, &["charts.example.com"]).unwrap();
    for repository in std::fs::read_dir(chart_sources()).unwrap() {
        let repository = repository.unwrap();
        let name = repository.file_name().into_string().unwrap();
        server.add_charts_below(&name, &repository.path()).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(root().join("chartfile.yaml"), folder.path().join("chartfile.yaml")).unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, &server.certificates().unwrap().ca).unwrap();
    let mut config = "repositories:\n".to_owned();
    let chartfile = Workspace::new(folder.path()).chartfile().unwrap();
    for repository in chartfile.repositories() {
        let (name, url) = (&repository.name, &repository.url);
        let ca = ca.display();
        config = format!("{config}- {{name: {name}, url: \"{url}\", caFile: {ca}}}\n");
    }
    let config_file = folder.path().join("repositories.yaml");
    std::fs::write(&config_file, config).unwrap();

    let proxies = ProxySettings { https: server.url(), ..ProxySettings::default() };
    let sources = Sources::new(SourceOptions { proxies, ..SourceOptions::default() });
    let options = VendorOptions {
        repository_config: Some(config_file),
        prune: Prune::Vendored,
        ..VendorOptions::default()
    };
    let report = vendor(&Workspace::new(folder.path()), &sources, &options, &()).unwrap();
    assert_eq!(report.charts.len(), chartfile.requirements().len());
    let vendored = tree_digest(&folder.path().join("charts")).unwrap();
    assert_eq!(vendored.files, tree_digest(&root().join("charts")).unwrap().files);
    let lock = std::fs::read_to_string(folder.path().join("chartfile.lock")).unwrap();
    assert!(!lock.contains("127.0.0.1"), "the lock names the host of the chartfile: {lock}");
    assert!(server.requests().iter().any(|request| request.method == "CONNECT"));
}
