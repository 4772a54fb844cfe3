//! Rules `api/*`: API versions that a release serves.

use renga_schema::{Lifecycle, Release};

use crate::finding::Remark;
use crate::object::ObjectName;
use crate::rule::Rule;

pub(crate) fn check(name: &ObjectName, release: &Release, remarks: &mut Vec<Remark>) {
    let ObjectName { api_version, kind, .. } = name;
    let Some(life) = Lifecycle::of(api_version, kind) else {
        return;
    };
    let number = release.number();
    let (rule, (major, minor), happens) = if number >= life.removed {
        (Rule::ApiRemoved, life.removed, "is not served since")
    } else if life.deprecated.is_some_and(|deprecated| number >= deprecated) {
        (Rule::ApiDeprecated, life.removed, "will not be served from")
    } else {
        return;
    };
    let message = format!("{kind} of {api_version} {happens} Kubernetes {major}.{minor}");
    let mut remark = Remark::new(rule, "apiVersion", message);
    if let Some((version, name)) = life.replacement {
        remark = remark.help(if name == kind {
            format!("use {version}")
        } else {
            format!("use {name} of {version}")
        });
    }
    remarks.push(remark);
}
