//! A table whose entries can be given back.

/// Entries addressed by number. A free entry holds the default value.
pub(crate) struct Slab<T> {
    items: Vec<T>,
    free: Vec<u32>,
    marks: Vec<u64>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { items: Vec::new(), free: Vec::new(), marks: Vec::new() }
    }
}

impl<T: Default> Slab<T> {
    pub(crate) fn add(&mut self, item: T) -> u32 {
        if let Some(at) = self.free.pop() {
            self.items[at as usize] = item;
            return at;
        }
        let at = u32::try_from(self.items.len()).unwrap_or(u32::MAX);
        self.items.push(item);
        at
    }

    pub(crate) fn get(&self, at: u32) -> &T {
        &self.items[at as usize]
    }

    pub(crate) fn get_mut(&mut self, at: u32) -> &mut T {
        &mut self.items[at as usize]
    }

    pub(crate) fn set(&mut self, at: u32, item: T) {
        self.items[at as usize] = item;
    }

    pub(crate) fn begin_marking(&mut self) {
        self.marks.clear();
        self.marks.resize(self.items.len().div_ceil(64), 0);
    }

    /// Marks an entry; whether it was unmarked.
    pub(crate) fn mark(&mut self, at: u32) -> bool {
        let (word, bit) = (at as usize / 64, 1 << (at % 64));
        let new = self.marks[word] & bit == 0;
        self.marks[word] |= bit;
        new
    }

    pub(crate) fn is_marked(&self, at: u32) -> bool {
        self.marks[at as usize / 64] & (1 << (at % 64)) != 0
    }

    /// Gives the unmarked entries back; `weigh` sees the marked ones.
    pub(crate) fn sweep(&mut self, mut weigh: impl FnMut(&T)) {
        self.free.clear();
        let used =
            (0..self.items.len()).rev().find(|&at| self.marks[at / 64] & (1 << (at % 64)) != 0);
        self.items.truncate(used.map_or(0, |last| last + 1));
        for at in (0..self.items.len()).rev() {
            if self.marks[at / 64] & (1 << (at % 64)) == 0 {
                self.items[at] = T::default();
                self.free.push(u32::try_from(at).unwrap_or(u32::MAX));
            } else {
                weigh(&self.items[at]);
            }
        }
        if self.items.capacity() > 4 * self.items.len().max(256) {
            self.items.shrink_to(2 * self.items.len());
        }
    }
}
