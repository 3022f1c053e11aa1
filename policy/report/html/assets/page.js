// What every part of the page uses: elements made from text alone, and the tables.

const byId = (id) => document.getElementById(id);

// An element; attributes by name, true for one without value, null for none; children are texts or elements.
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

const SIGNS = { permit: "✓", deny: "–", labels: "◐", partly: "◔", conditional: "◐", undecided: "?" };

function mark(kind, word = kind) {
  return make("span", { class: `mark ${kind}` },
    make("span", { "aria-hidden": "true" }, SIGNS[kind]), " ", make("span", { class: "word" }, word));
}

// A link to a rule in the table of rules.
function ruleLink(number) {
  return make("a", { href: `#effective-rule-${number}` }, `rule ${number}`);
}

const tables = JSON.parse(byId("tables").textContent);

// Calls back soon after the last of many calls, so that typing is not slowed down.
function unhurried(action, milliseconds = 120) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, milliseconds);
  };
}
