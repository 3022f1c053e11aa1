// The table of who may do what: filters, the answers behind a row, and other answers for a study of known labels.

function startMatrix(ask) {
  const form = byId("matrix-filters");
  if (!form) return;
  const { answers, rows } = tables.matrix;
  const table = byId("matrix-table");
  const heads = [...table.tHead.rows[0].cells].slice(1);
  const people = heads.map((head) => head.firstChild.textContent);
  const lines = [...table.querySelectorAll("tr[data-row]")].map((element) => ({
    element,
    number: Number(element.dataset.row),
    client: element.parentElement.dataset.client,
    cells: [...element.cells].slice(1),
    written: [...element.cells].slice(1).map((cell) => cell.dataset.mark),
  }));
  const chosen = () => ({ label: "", ...Object.fromEntries(new FormData(form)) });

  // The effect of an answer for a study with one label or none; "" where labels are not known.
  const effectOf = (answer, label) => {
    if (label === "" || answer.effect !== "conditional") return answer.effect;
    const met = answer.conditions.every(([kind, , numbers]) =>
      kind === "exists" || (kind === "labels" && label !== "none" && numbers.includes(Number(label))));
    return met ? "permit" : "deny";
  };

  const markOf = (line, column, label) => {
    const { asks, cells } = rows[line.number];
    if (label === "" || !asks.length) return line.written[column];
    const essential = cells[column].filter((_, place) => asks[place][1]);
    const effects = (essential.length ? essential : cells[column]).map((one) => effectOf(answers[one], label));
    const denied = effects.filter((effect) => effect === "deny").length;
    if (denied) return denied === effects.length ? "deny" : "partly";
    return effects.includes("conditional") ? "labels" : "permit";
  };

  const filter = () => {
    const { who, client, mark: wanted, label } = chosen();
    let shown = 0;
    for (const line of lines) {
      line.cells.forEach((cell, column) => {
        const kind = markOf(line, column, label);
        if (cell.dataset.mark !== kind) {
          cell.dataset.mark = kind;
          cell.replaceChildren(mark(kind));
        }
        cell.hidden = who !== "" && Number(who) !== column;
      });
      const fits = (client === "" || line.client === client)
        && (wanted === "" || line.cells.some((cell) => !cell.hidden && cell.dataset.mark === wanted));
      line.element.hidden = !fits;
      close(line);
      shown += fits;
    }
    heads.forEach((head, column) => { head.hidden = who !== "" && Number(who) !== column; });
    for (const body of table.tBodies) body.hidden = !body.querySelector("tr[data-row]:not([hidden])");
    byId("matrix-count").textContent = `${shown} of ${lines.length} rows shown`;
  };

  const close = (line) => {
    line.details?.remove();
    line.details = null;
    line.button?.setAttribute("aria-expanded", "false");
  };

  const open = (line) => {
    const { who, label } = chosen();
    const { asks, cells, notes } = rows[line.number];
    const columns = people.map((_, column) => column).filter((column) => who === "" || Number(who) === column);
    const head = make("tr", {}, make("th", { scope: "col" }, "Request"),
      ...columns.map((column) => make("th", { scope: "col" }, people[column])));
    const body = asks.map(([request, essential, symptom], place) => make("tr", {},
      make("th", { scope: "row" }, requestButton(request), essential ? "" : make("span", { class: "muted small" }, "not essential"),
        symptom ? make("span", { class: "muted small" }, `where it is refused: ${symptom}`) : ""),
      ...columns.map((column) => make("td", {}, ...told(answers[cells[column][place]], label)))));
    const said = columns.filter((column) => notes[column]).map((column) => make("li", {}, `${people[column]}: ${notes[column]}`));
    line.details = make("tr", { class: "details" }, make("td", { colspan: columns.length + 1 },
      make("table", { "aria-label": `Requests of ${line.button.textContent}` }, make("thead", {}, head), make("tbody", {}, ...body)),
      said.length ? make("ul", { class: "muted" }, ...said) : ""));
    line.element.after(line.details);
    line.button.setAttribute("aria-expanded", "true");
  };

  const told = (answer, label) => {
    const effect = effectOf(answer, label);
    const parts = [mark(effect === "conditional" ? "labels" : effect, effect), " ", make("span", { class: "muted small" }, answer.reason,
      answer.rule < 0 ? "" : ", ", answer.rule < 0 ? "" : ruleLink(answer.rule))];
    for (const [, text] of effect === "conditional" ? answer.conditions : []) parts.push(make("span", { class: "small" }, `if ${text}`));
    if (answer.then) parts.push(make("span", { class: "small" }, answer.then));
    return parts;
  };

  const requestButton = (request) => {
    const text = make("code", {}, request);
    if (!ask) return text;
    const button = make("button", { type: "button", class: "link", title: "Ask for this decision" }, text);
    button.addEventListener("click", () => ask(request));
    return button;
  };

  for (const line of lines) {
    if (!rows[line.number].asks.length) continue;
    const head = line.element.cells[0];
    line.button = make("button", { type: "button", class: "opens", "aria-expanded": "false" }, head.textContent);
    line.button.addEventListener("click", () => (line.details ? close(line) : open(line)));
    head.replaceChildren(line.button);
  }
  form.addEventListener("change", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  filter();
}
