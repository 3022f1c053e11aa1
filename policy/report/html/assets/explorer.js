// The decision explorer: a request, somebody, and what is known of the archive; the answer is computed while one types.

const EFFECTS = { permit: "Permitted", deny: "Refused", conditional: "It depends", undecided: "This page cannot tell" };
const PASSED = new Map([[true, ["+", "passed"]], [false, ["−", "failed"]], [null, ["·", "noted"]]]);
const LEVEL_NAMES = ["patient", "study", "series", "instance"];

class Explorer {
  constructor(policy) {
    this.policy = policy;
    this.engine = new Engine(policy);
    this.form = byId("explorer-form");
    this.answer = byId("explorer-answer");
    this.fillForm();
    const decide = () => this.show();
    this.form.addEventListener("input", unhurried(decide, 200));
    this.form.addEventListener("change", decide);
    this.form.addEventListener("submit", (event) => { event.preventDefault(); decide(); });
    this.form.hidden = false;
    this.show();
  }

  fillForm() {
    const { who } = this.form.elements;
    const groups = new Map();
    this.policy.people.forEach((person, number) => {
      const option = make("option", { value: number }, person.name === "anonymous" ? "anybody (no token)" : person.name);
      groups.set(person.labels, [...(groups.get(person.labels) ?? []), option]);
    });
    for (const [labels, options] of groups) who.append(...(labels ? [make("optgroup", { label: labels }, ...options)] : options));
    if (this.policy.share) who.append(make("option", { value: "share" }, "the holder of a share link"));
    const levels = LEVEL_NAMES.filter((level) => this.policy.levels.includes(level));
    byId("explorer-labels").hidden = !levels.length || !this.policy.labels.length;
    byId("explorer-levels").append(...levels.map((level) =>
      make("label", { class: "inline" }, `${level} `, make("input", { name: `level-${level}`, disabled: true, autocomplete: "off", spellcheck: "false" }))));
    const known = new Set((tables.matrix?.rows ?? []).flatMap(({ asks }) => asks.map(([request]) => request.replace(/^\S+ /, ""))));
    byId("explorer-known").append(...[...known].map((value) => make("option", { value })));
  }

  // Puts a request into the form, as "METHOD target", and shows its answer.
  ask(request) {
    const at = request.indexOf(" ");
    this.form.elements.method.value = request.slice(0, at);
    this.form.elements.address.value = request.slice(at + 1);
    this.show();
    byId("explorer").scrollIntoView();
    this.form.elements.address.focus();
  }

  get labels() {
    const { elements } = this.form;
    const known = elements.known.value === "yes";
    const given = LEVEL_NAMES.filter((level) => elements[`level-${level}`]);
    for (const level of given) elements[`level-${level}`].disabled = !known;
    if (!known) return null;
    const split = (text) => text.split(",").map((part) => part.trim()).filter(Boolean);
    return Object.fromEntries(given.map((level) => [level, split(elements[`level-${level}`].value)]));
  }

  get sharer() {
    const { uid, id } = this.form.elements;
    const [one, other] = [uid.value.trim(), id.value.trim()];
    const share = one || other ? [{ uid: one ? toBytes(one) : null, id: other ? toBytes(other) : null }] : ANY_SHARE;
    return { ...this.policy.share, share };
  }

  show() {
    const { method, address, who } = this.form.elements;
    const labels = this.labels;
    byId("explorer-share").hidden = who.value !== "share";
    try {
      if (who.value === "all") {
        const decisions = this.policy.people.map((person) => this.engine.decide(method.value, address.value, person, labels));
        this.answer.replaceChildren(this.sideBySide(decisions));
      } else {
        const person = who.value === "share" ? this.sharer : this.policy.people[Number(who.value)];
        this.answer.replaceChildren(...this.inFull(this.engine.decide(method.value, address.value, person, labels)));
      }
    } catch (problem) {
      if (!(problem instanceof UsageProblem)) throw problem;
      this.answer.replaceChildren(make("p", { class: "notice" }, problem.message));
    }
  }

  sideBySide(decisions) {
    const rows = decisions.map((decision, number) => {
      const person = this.policy.people[number];
      const name = make("button", { type: "button", class: "link", title: "Show how this is decided" },
        person.name === "anonymous" ? "anybody (no token)" : person.name);
      name.addEventListener("click", () => {
        this.form.elements.who.value = String(number);
        this.form.elements.who.focus();
        this.show();
      });
      return make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, mark(effectOf(decision))), make("td", {}, ...this.because(decision)));
    });
    const head = ["Who", "Answer", "Because"].map((text) => make("th", { scope: "col" }, text));
    return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Answers for everybody" },
      make("table", { class: "answers" }, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows)));
  }

  because(decision) {
    if (decision.undecided !== undefined) return [this.unable(decision)];
    const parts = [decision.reason];
    if (decision.rule !== NO_RULE) parts.push(", ", ruleLink(decision.rule));
    for (const { text } of decision.conditions) parts.push(make("span", { class: "small" }, `if ${text}`));
    return parts;
  }

  unable({ undecided, rule }) {
    return rule === NO_RULE ? undecided
      : `This page cannot decide rule ${rule}, which only Boost's own matching settles: use policy explain.`;
  }

  inFull(decision) {
    const effect = effectOf(decision);
    const status = effect === "deny" ? ` (${decision.status})` : "";
    const parts = [make("p", { class: `verdict ${effect}` }, make("span", { "aria-hidden": "true" }, SIGNS[effect]), ` ${EFFECTS[effect]}${status}`)];
    if (effect === "undecided") parts.push(make("p", {}, this.unable(decision)));
    else {
      parts.push(make("p", {}, make("code", {}, decision.reason), ` ${this.policy.reasons[decision.reason]}`));
      if (decision.conditions.length) {
        parts.push(make("p", {}, "It is permitted if all of this is true:"),
          make("ul", {}, ...decision.conditions.map(({ text }) => make("li", {}, text))));
      }
    }
    if (effect !== "deny" && decision.doubts?.length) {
      parts.push(make("p", {}, "Before that the reverse proxy may answer itself:"), make("ul", {}, ...decision.doubts.map((text) => make("li", {}, text))));
    }
    if (decision.rule !== NO_RULE) {
      const { method, pattern, where } = this.policy.rules[decision.rule];
      parts.push(make("p", {}, "The first rule that matches: ", ruleLink(decision.rule), " ", make("code", {}, `${method} ${pattern}`), " ",
        make("span", { class: "muted" }, where)));
    }
    const checks = decision.checks.map(({ step, text, passed }) => {
      const [sign, words] = PASSED.get(passed);
      return make("li", { class: words }, make("span", { class: "sign", "aria-hidden": "true" }, sign),
        make("span", { class: "step" }, step), make("span", {}, make("span", { class: "hidden" }, `${words}: `), text));
    });
    parts.push(make("h3", {}, "Every check, in the server's order"), make("ol", { class: "trace" }, ...checks));
    return parts;
  }
}

const effectOf = (decision) => (decision.undecided !== undefined ? "undecided" : decision.effect);

function startExplorer() {
  if (!tables.policy || !byId("explorer-form")) return null;
  return new Explorer(tables.policy);
}
