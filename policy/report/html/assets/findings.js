// Filters of the findings.

function startFindings() {
  const form = byId("findings-filters");
  if (!form) return;
  const findings = [...byId("findings-list").children].map((element) => (
    { element, ...element.dataset, text: element.textContent.toLowerCase() }));
  const filter = () => {
    const { text, severity, rule, file } = Object.fromEntries(new FormData(form));
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const one of findings) {
      const fits = (!severity || one.severity === severity) && (!rule || one.rule === rule)
        && (!file || one.file === file) && words.every((word) => one.text.includes(word));
      one.element.hidden = !fits;
      shown += fits;
    }
    byId("findings-count").textContent = `${shown} of ${findings.length} shown`;
  };
  form.addEventListener("input", unhurried(filter));
  form.addEventListener("change", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  filter();
}
