//! Vendoring of Helm charts.
//!
//! Owns `chartfile.yaml`, `chartfile.lock` and the folder of vendored charts; reads chart
//! repositories (HTTP, OCI, files) and chart archives. One of the few crates that open a socket.
