//! Myers' search for the shortest way from one text to the other, from both ends at once.
//!
//! E. Myers, "An O(ND) Difference Algorithm and its Variations", Algorithmica 1 (1986), section 4b,
//! with the bound of GNU diff: a search that has cost too much takes the best point so far.

use super::Side;

/// What a search may cost at least before it gives up.
const PATIENCE: isize = 4096;

/// A part of the problem: the kept lines from `x` and `y` up to the ends.
#[derive(Clone, Copy)]
struct Part {
    x: isize,
    x_end: isize,
    y: isize,
    y_end: isize,
    /// Whether the shortest way is wanted whatever it costs.
    minimal: bool,
}

struct Search {
    old: Vec<u32>,
    new: Vec<u32>,
    /// How far the search from the start has come on each diagonal, and that from the end.
    forward: Vec<isize>,
    backward: Vec<isize>,
    /// Where diagonal 0 stands in both.
    origin: isize,
    limit: isize,
}

/// Marks the kept lines that have no partner as changed.
pub(super) fn search(old: &mut Side, new: &mut Side) {
    let kept =
        |side: &Side| -> Vec<u32> { side.kept.iter().map(|line| side.lines[*line]).collect() };
    let (old_lines, new_lines) = (kept(old), kept(new));
    let diagonals = old_lines.len() + new_lines.len() + 3;
    let mut search = Search {
        origin: signed(new_lines.len()) + 1,
        forward: vec![0; diagonals],
        backward: vec![0; diagonals],
        limit: limit(diagonals),
        old: old_lines,
        new: new_lines,
    };
    let mut parts = vec![Part {
        x: 0,
        x_end: signed(search.old.len()),
        y: 0,
        y_end: signed(search.new.len()),
        minimal: false,
    }];
    while let Some(part) = parts.pop() {
        let part = search.trimmed(part);
        if part.x == part.x_end {
            for y in part.y..part.y_end {
                let line = new.kept[index(y)];
                new.mark(line, true);
            }
        } else if part.y == part.y_end {
            for x in part.x..part.x_end {
                let line = old.kept[index(x)];
                old.mark(line, true);
            }
        } else {
            parts.extend(search.split(part));
        }
    }
}

fn signed(length: usize) -> isize {
    isize::try_from(length).unwrap_or(isize::MAX)
}

/// Positions are never negative where they are used as one.
fn index(position: isize) -> usize {
    position.cast_unsigned()
}

/// About the square root of the size, but not less than [`PATIENCE`].
fn limit(diagonals: usize) -> isize {
    let mut root = 1;
    let mut rest = diagonals;
    while rest > 0 {
        root <<= 1;
        rest >>= 2;
    }
    PATIENCE.max(root)
}

impl Search {
    fn equal(&self, x: isize, y: isize) -> bool {
        self.old[index(x)] == self.new[index(y)]
    }

    fn at(&self, diagonal: isize) -> usize {
        index(self.origin + diagonal)
    }

    fn trimmed(&self, mut part: Part) -> Part {
        while part.x < part.x_end && part.y < part.y_end && self.equal(part.x, part.y) {
            part.x += 1;
            part.y += 1;
        }
        while part.x < part.x_end
            && part.y < part.y_end
            && self.equal(part.x_end - 1, part.y_end - 1)
        {
            part.x_end -= 1;
            part.y_end -= 1;
        }
        part
    }

    /// Finds a point on a good way through the part and splits it there.
    fn split(&mut self, part: Part) -> [Part; 2] {
        let Part { x, x_end, y, y_end, minimal } = part;
        let (lowest, highest) = (x - y_end, x_end - y);
        let (start, end) = (x - y, x_end - y_end);
        let (mut f_min, mut f_max) = (start, start);
        let (mut b_min, mut b_max) = (end, end);
        let odd = (start - end) & 1 != 0;
        let slot = self.at(start);
        self.forward[slot] = x;
        let slot = self.at(end);
        self.backward[slot] = x_end;
        let mut cost = 0;
        loop {
            cost += 1;

            if f_min > lowest {
                f_min -= 1;
                let slot = self.at(f_min - 1);
                self.forward[slot] = -1;
            } else {
                f_min += 1;
            }
            if f_max < highest {
                f_max += 1;
                let slot = self.at(f_max + 1);
                self.forward[slot] = -1;
            } else {
                f_max -= 1;
            }
            let mut d = f_max;
            while d >= f_min {
                let (low, high) = (self.forward[self.at(d - 1)], self.forward[self.at(d + 1)]);
                let mut to_x = if low < high { high } else { low + 1 };
                let mut to_y = to_x - d;
                while to_x < x_end && to_y < y_end && self.equal(to_x, to_y) {
                    to_x += 1;
                    to_y += 1;
                }
                let slot = self.at(d);
                self.forward[slot] = to_x;
                if odd && b_min <= d && d <= b_max && self.backward[slot] <= to_x {
                    return part.split_at(to_x, to_y, true, true);
                }
                d -= 2;
            }

            if b_min > lowest {
                b_min -= 1;
                let slot = self.at(b_min - 1);
                self.backward[slot] = isize::MAX;
            } else {
                b_min += 1;
            }
            if b_max < highest {
                b_max += 1;
                let slot = self.at(b_max + 1);
                self.backward[slot] = isize::MAX;
            } else {
                b_max -= 1;
            }
            let mut d = b_max;
            while d >= b_min {
                let (low, high) = (self.backward[self.at(d - 1)], self.backward[self.at(d + 1)]);
                let mut to_x = if low < high { low } else { high - 1 };
                let mut to_y = to_x - d;
                while x < to_x && y < to_y && self.equal(to_x - 1, to_y - 1) {
                    to_x -= 1;
                    to_y -= 1;
                }
                let slot = self.at(d);
                self.backward[slot] = to_x;
                if !odd && f_min <= d && d <= f_max && to_x <= self.forward[slot] {
                    return part.split_at(to_x, to_y, true, true);
                }
                d -= 2;
            }

            if !minimal && cost >= self.limit {
                return self.best_so_far(part, (f_min, f_max), (b_min, b_max));
            }
        }
    }

    /// Splits where one of the two searches has come farthest.
    fn best_so_far(
        &self,
        part: Part,
        forward: (isize, isize),
        backward: (isize, isize),
    ) -> [Part; 2] {
        let Part { x, x_end, y, y_end, .. } = part;
        let (mut f_sum, mut f_x) = (-1, x);
        let mut d = forward.1;
        while d >= forward.0 {
            let mut to_x = self.forward[self.at(d)].min(x_end);
            let mut to_y = to_x - d;
            if y_end < to_y {
                (to_x, to_y) = (y_end + d, y_end);
            }
            if f_sum < to_x + to_y {
                (f_sum, f_x) = (to_x + to_y, to_x);
            }
            d -= 2;
        }
        let (mut b_sum, mut b_x) = (isize::MAX, x_end);
        let mut d = backward.1;
        while d >= backward.0 {
            let mut to_x = self.backward[self.at(d)].max(x);
            let mut to_y = to_x - d;
            if to_y < y {
                (to_x, to_y) = (y + d, y);
            }
            if to_x + to_y < b_sum {
                (b_sum, b_x) = (to_x + to_y, to_x);
            }
            d -= 2;
        }
        if (x_end + y_end) - b_sum < f_sum - (x + y) {
            part.split_at(f_x, f_sum - f_x, true, false)
        } else {
            part.split_at(b_x, b_sum - b_x, false, true)
        }
    }
}

impl Part {
    fn split_at(self, x: isize, y: isize, low: bool, high: bool) -> [Self; 2] {
        [Self { x_end: x, y_end: y, minimal: low, ..self }, Self { x, y, minimal: high, ..self }]
    }
}
