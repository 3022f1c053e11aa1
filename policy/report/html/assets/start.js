// Everything begins here.

const THEMES = ["system", "light", "dark"];

function startTheme() {
  const button = byId("theme");
  let number = 0;
  button.addEventListener("click", () => {
    number = (number + 1) % THEMES.length;
    if (number) document.documentElement.dataset.theme = THEMES[number];
    else delete document.documentElement.dataset.theme;
    button.textContent = `Theme: ${THEMES[number]}`;
  });
  button.hidden = false;
}

// A place that a link leads to takes the focus, so that it is read from there.
function followLinks() {
  addEventListener("hashchange", () => byId(decodeURIComponent(location.hash.slice(1)))?.focus({ preventScroll: true }));
}

startTheme();
followLinks();
startFindings();
const explorer = startExplorer();
startMatrix(explorer && ((request) => explorer.ask(request)));
startWays();

// For the console, and for the tests that compare the page with the engine.
if (explorer) {
  const { engine, policy } = explorer;
  globalThis.accessReport = Object.freeze({
    decide: (method, address, who, labels = null, share = ANY_SHARE) =>
      engine.decide(method, address, who === "share" ? { ...policy.share, share } : policy.people[who], labels),
  });
}
