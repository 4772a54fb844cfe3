//! Which variable a name means.

use renga_syntax::StrId;

const NONE: u32 = u32::MAX;

struct Entry {
    name: u32,
    frame: u32,
    slot: u32,
    /// The entry the same name had before.
    shadowed: u32,
}

/// A frame that code being analysed can see.
pub(super) struct Frame {
    pub size: u32,
}

/// The variables that can be seen, innermost last.
pub(super) struct Scopes {
    heads: Vec<u32>,
    entries: Vec<Entry>,
    pub frames: Vec<Frame>,
    /// The frames that belong to objects.
    pub objects: Vec<u32>,
}

impl Scopes {
    pub(super) fn new(names: usize) -> Self {
        Self {
            heads: vec![NONE; names],
            entries: Vec::new(),
            frames: Vec::new(),
            objects: Vec::new(),
        }
    }

    pub(super) fn mark(&self) -> usize {
        self.entries.len()
    }

    /// Forgets what was declared since `mark`.
    pub(super) fn release(&mut self, mark: usize) {
        while self.entries.len() > mark {
            if let Some(entry) = self.entries.pop() {
                self.heads[entry.name as usize] = entry.shadowed;
            }
        }
    }

    /// Opens a frame and returns its number.
    pub(super) fn open(&mut self, size: u32) -> u32 {
        self.frames.push(Frame { size });
        self.innermost()
    }

    pub(super) fn innermost(&self) -> u32 {
        u32::try_from(self.frames.len() - 1).unwrap_or(NONE)
    }

    /// Closes the innermost frame and returns its size.
    pub(super) fn close(&mut self) -> u32 {
        self.frames.pop().map_or(0, |frame| frame.size)
    }

    /// Takes a slot of a frame for a variable.
    pub(super) fn declare(&mut self, name: StrId, frame: u32) -> u32 {
        let size = &mut self.frames[frame as usize].size;
        let slot = *size;
        *size += 1;
        let head = &mut self.heads[name.0 as usize];
        let shadowed = std::mem::replace(head, u32::try_from(self.entries.len()).unwrap_or(NONE));
        self.entries.push(Entry { name: name.0, frame, slot, shadowed });
        slot
    }

    /// The frame and the slot of a variable.
    pub(super) fn find(&self, name: StrId) -> Option<(u32, u32)> {
        let entry = self.entries.get(self.heads[name.0 as usize] as usize)?;
        Some((entry.frame, entry.slot))
    }

    /// How many frames `frame` is outside of the innermost one.
    pub(super) fn depth(&self, frame: u32) -> u32 {
        self.innermost() - frame
    }
}
