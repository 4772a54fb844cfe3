//! Against a real API server. Without one (see `renga_test::TestCluster`) each test prints why it is
//! skipped and passes; what needs none runs everywhere.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
#![expect(clippy::needless_pass_by_value, reason = "values are written where they are used")]

mod apply;
mod bad_days;
mod contexts;
mod diff;
mod faults;
mod kubeconfig;
mod kubectl;
mod login;
mod many;
mod prune;
mod support;
mod wait;
