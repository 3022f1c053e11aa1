// The first rule that matches a path: automata that are made beforehand (policy/report/html/automaton.py).

const NO_RULE = -1;
const CEILING = 100_000_000;
const FLOOR = 100_000;

class Undecided extends Error {
  constructor(message, rule) {
    super(message);
    this.rule = rule;
  }
}

class FirstMatch {
  constructor(sets, { blocks, beside }) {
    this.sets = sets;
    this.blocks = blocks.map(({ arcs, accept }) => ({ arcs, accept, rows: new Array(arcs.length) }));
    this.beside = beside;
  }

  // The index of the rule, or NO_RULE; throws Undecided where only Boost's own machine could tell.
  find(path) {
    let accept = NO_RULE;
    for (const block of this.blocks) {
      accept = this.walk(block, path);
      if (accept !== NO_RULE) break;
    }
    for (const { rule, prefix, count } of this.beside) {
      if (accept !== NO_RULE && rule > accept) break;
      if (path.startsWith(prefix) && !(count && cannotGiveUp(this.sets, count, path))) throw new Undecided("", rule);
    }
    return accept;
  }

  walk(block, path) {
    let state = 0;
    for (let place = 0; place < path.length; place += 1) {
      const row = block.rows[state] ??= this.row(block.arcs[state]);
      state = row[path.charCodeAt(place)];
      if (state < 0) return NO_RULE;
    }
    return block.accept[state];
  }

  row(arcs) {
    const row = new Int32Array(256).fill(-1);
    for (let place = 0; place < arcs.length; place += 2) {
      for (const [first, last] of this.sets[arcs[place]]) row.fill(arcs[place + 1], first, last + 1);
    }
    return row;
  }
}

const runsOf = (flat) => flat.flatMap((first, place) => (place % 2 ? [] : [[first, flat[place + 1]]]));

// How often Boost may look before it gives up, against how often it must look at most (policy/patterns/pattern.py).
function cannotGiveUp(sets, count, path) {
  const length = path.length || 1;
  const patience = Math.max((count.size || 1) ** 2 * length + FLOOR, Math.min(length * length + FLOOR, CEILING));
  return fewReadings(sets, count, path, Math.floor(patience / count.each));
}

// Whether there are at most so many ways to read the path's beginnings, all together.
function fewReadings(sets, { starts, symbols, steps }, path, enough) {
  let counts = new Map(starts.map((number) => [number, 1]));
  let total = 1;
  for (let place = 0; place < path.length; place += 1) {
    const byte = path.charCodeAt(place);
    const moved = new Map();
    for (const [position, count] of counts) {
      const row = steps[position];
      for (let step = 0; step < row.length; step += 2) {
        if (sets[symbols[row[step]]].some(([first, last]) => first <= byte && byte <= last)) {
          moved.set(row[step], (moved.get(row[step]) ?? 0) + count * row[step + 1]);
        }
      }
    }
    if (!moved.size) break;
    counts = moved;
    for (const count of counts.values()) total += count;
    if (total > enough) return false;
  }
  return total <= enough;
}
