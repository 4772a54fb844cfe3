//! Names of the network.

use super::strings::below;
use super::{S, fixed};
use crate::error::FuncError;
use crate::func::FuncMap;
use crate::value::Value;

pub(super) fn register(funcs: &mut FuncMap) {
    fixed(funcs, "getHostByName", &[S], S, |call, a| {
        let name = String::from_utf8_lossy(a.str(0));
        let addresses = call.world()?.lookup_host(&name);
        if addresses.is_empty() {
            // Sprig chooses one by chance, which panics when there is none.
            return Err(FuncError::new("invalid argument to Intn"));
        }
        let chosen = below(call, addresses.len())?;
        Ok(Value::from(addresses[chosen].as_str()))
    });
}
