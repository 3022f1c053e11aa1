// The decision graph as four columns: pick a node, and the columns show what it leads to and what leads to it.

const WAYS = [["who", "Who"], ["permissions", "holds a permission"], ["rules", "that a rule asks for"], ["requests", "which decides"]];

class Ways {
  constructor({ nodes, edges, proved }) {
    this.nodes = nodes.map(([column, kind, text, origin, labels]) => ({ column, kind, text, origin, labels, next: [], before: [] }));
    for (const [source, target] of edges) {
      this.nodes[source].next.push(this.nodes[target]);
      this.nodes[target].before.push(this.nodes[source]);
    }
    this.proved = proved;
    this.picked = null;
    this.lists = WAYS.map(([column, title]) => this.column(column, title));
    byId("ways-columns").append(...this.lists.map(({ box }) => box));
    byId("ways-columns").addEventListener("keydown", (event) => this.key(event));
    this.show();
  }

  column(column, title) {
    const list = make("div", { role: "listbox", "aria-label": title });
    const nodes = this.nodes.filter((node) => node.column === column);
    for (const node of nodes) {
      node.element = make("div", { role: "option", tabindex: "-1", "aria-selected": "false", class: `node ${node.kind}` },
        make(column === "who" || column === "permissions" ? "span" : "code", {}, node.text),
        node.kind === "role" ? make("span", { class: "muted small" }, node.labels ? `sees ${node.labels}` : "sees no label") : "",
        column === "rules" && node.origin ? make("span", { class: "muted small" }, node.origin) : "");
      node.element.addEventListener("click", () => this.pick(node));
    }
    list.append(...nodes.map((node) => node.element));
    const count = make("span", { class: "muted small" });
    return { column, nodes, list, count, box: make("div", { class: "way" }, make("h3", {}, title, " ", count), list) };
  }

  pick(node) {
    this.picked = node === this.picked ? null : node;
    this.show();
    node.element.focus();
  }

  show() {
    const kept = this.picked && reached(this.picked);
    let first = null;
    for (const { column, nodes, list, count } of this.lists) {
      const shown = nodes.filter((node) => !kept || kept.has(node));
      for (const node of nodes) {
        node.element.hidden = kept !== null && !kept.has(node);
        node.element.setAttribute("aria-selected", String(node === this.picked));
        node.element.tabIndex = -1;
      }
      const entry = shown.includes(this.picked) ? this.picked : shown[0];
      if (entry) entry.element.tabIndex = 0;
      first ??= entry;
      list.toggleAttribute("data-empty", !shown.length);
      count.textContent = shown.length === nodes.length ? `${nodes.length}` : `${shown.length} of ${nodes.length}`;
      if (column === "requests" && !this.proved) count.textContent += ", unchecked paths only: the rules are too many";
    }
    byId("ways-status").textContent = this.picked
      ? `Shown is what is connected with ${this.picked.text}. Pick it again, or press Escape, to see everything.` : "Everything is shown.";
  }

  key(event) {
    const column = this.lists.findIndex(({ list }) => list.contains(event.target));
    if (column < 0) return;
    const shown = (place) => this.lists[place].nodes.filter((node) => !node.element.hidden);
    const here = shown(column);
    const place = here.findIndex((node) => node.element === event.target);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    let target = null;
    if (event.key === "Enter" || event.key === " ") this.pick(here[place]);
    else if (event.key === "Escape") {
      if (this.picked) this.pick(this.picked);
    } else if (event.key === "Home") target = here[0];
    else if (event.key === "End") target = here.at(-1);
    else if (step) target = here[place + step];
    else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      const direction = event.key === "ArrowRight" ? 1 : -1;
      for (let next = column + direction; this.lists[next] && !target; next += direction) {
        target = shown(next).find((node) => node.element.tabIndex === 0);
      }
    } else return;
    event.preventDefault();
    if (!target) return;
    const list = this.lists.find(({ nodes }) => nodes.includes(target));
    for (const node of list.nodes) node.element.tabIndex = node === target ? 0 : -1;
    target.element.focus();
  }
}

// A node, what it leads to, and what leads to it.
function reached(node) {
  const found = new Set([node]);
  for (const direction of ["next", "before"]) {
    const pending = [node];
    while (pending.length) {
      for (const other of pending.pop()[direction]) {
        if (!found.has(other)) {
          found.add(other);
          pending.push(other);
        }
      }
    }
  }
  return found;
}

function startWays() {
  if (tables.ways && byId("ways-columns")) new Ways(tables.ways);
}
