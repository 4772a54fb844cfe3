//! Frames: the variables of running code.

use super::slab::Slab;
use super::value::Value;

/// Frames larger than this give their slots back only with the evaluation.
const REUSED: usize = 256;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Env {
    pub parent: u32,
    pub file: u32,
    start: u32,
    len: u32,
}

impl Default for Env {
    fn default() -> Self {
        Self { parent: u32::MAX, file: u32::MAX, start: 0, len: 0 }
    }
}

/// No frame.
pub(crate) const NO_ENV: u32 = u32::MAX;

/// All frames.
#[derive(Default)]
pub(crate) struct Envs {
    pub heads: Slab<Env>,
    slots: Vec<Value>,
    /// For each length, where slots are free.
    free: Vec<Vec<u32>>,
    /// The frames in use, for sweeping.
    used: Vec<u32>,
}

impl Envs {
    pub(crate) fn add(&mut self, parent: u32, file: u32, len: u32) -> u32 {
        let reused = self.free.get_mut(len as usize).and_then(Vec::pop);
        let start = if let Some(start) = reused {
            self.slots[start as usize..(start + len) as usize].fill(Value::Unset);
            start
        } else {
            let start = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
            self.slots.resize(self.slots.len() + len as usize, Value::Unset);
            start
        };
        let env = self.heads.add(Env { parent, file, start, len });
        self.used.push(env);
        env
    }

    pub(crate) fn head(&self, env: u32) -> Env {
        *self.heads.get(env)
    }

    pub(crate) fn outer(&self, mut env: u32, depth: u32) -> u32 {
        for _ in 0..depth {
            env = self.heads.get(env).parent;
        }
        env
    }

    pub(crate) fn get(&self, env: u32, slot: u32) -> Value {
        self.slots[(self.heads.get(env).start + slot) as usize]
    }

    pub(crate) fn set(&mut self, env: u32, slot: u32, value: Value) {
        let at = self.heads.get(env).start + slot;
        self.slots[at as usize] = value;
    }

    pub(crate) fn slots(&self, env: u32) -> &[Value] {
        let head = self.heads.get(env);
        &self.slots[head.start as usize..(head.start + head.len) as usize]
    }

    /// Gives the unmarked frames back; returns the bytes of the others.
    pub(super) fn sweep(&mut self) -> usize {
        let mut live = 0;
        let mut used = std::mem::take(&mut self.used);
        used.retain(|&env| {
            let head = *self.heads.get(env);
            let len = head.len as usize;
            if self.heads.is_marked(env) {
                live += size_of::<Env>() + len * size_of::<Value>();
                return true;
            }
            if len > 0 && len <= REUSED {
                if self.free.len() <= len {
                    self.free.resize_with(len + 1, Vec::new);
                }
                self.free[len].push(head.start);
            }
            false
        });
        self.used = used;
        self.heads.sweep(|_| ());
        live
    }
}
