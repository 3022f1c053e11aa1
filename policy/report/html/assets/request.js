// What the web server and the core make of a request before the filter sees it (policy/engine/request.py, route.py).

const WRITTEN_SAFE = "/?#[]@!$&'()*+,;=:%-._~|\\\"<>^`{}";

class UsageProblem extends Error {}

// What a person writes: a path or an address; blanks and letters beyond ASCII are percent-encoded.
function targetOf(written) {
  const target = written.trim();
  if (!target.startsWith("/") && !target.includes("://")) {
    throw new UsageProblem("Write a path that begins with /, or a full address.");
  }
  const bytes = toBytes(target);
  return /[^\x00-\x7f]| /.test(bytes) ? percentEncoded(bytes, WRITTEN_SAFE) : bytes;
}

const isAddress = (target) => target.includes("://") && !target.startsWith("/");

function addressParts(address) {
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(\?[^#]*)?(?:#.*)?$/s.exec(address);
  if (match === null || match[2] === "" || /[[\]]/.test(match[2])) throw new UsageProblem("Write http://HOST/PATH.");
  const host = match[2].slice(match[2].lastIndexOf("@") + 1).replace(/:.*$/s, "").toLowerCase();
  return { scheme: match[1].toLowerCase(), host, path: match[3] || "/", query: match[4] || "" };
}

const UNSAFE = /[^\x21-\x7f]/;

// The path that the core sees, or null where the web server refuses the request.
function pathOf(raw) {
  if (!raw.startsWith("/") || UNSAFE.test(raw)) return null;
  const decoded = percentDecoded(raw.replaceAll("+", " ")).split("\0")[0].replaceAll("\\", "/");
  const cleaned = withoutStrayDots(withoutDotSegments(decoded));
  return cleaned.startsWith("/") ? cleaned : null;
}

function withoutDotSegments(path) {
  const out = [];
  const segments = path.split("/").slice(1);
  segments.forEach((segment, place) => {
    const last = place === segments.length - 1;
    if (segment === "..") {
      out.pop();
      if (last) out.push("");
    } else if (segment === ".") {
      if (last) out.push("");
    } else out.push(segment);
  });
  return out.length ? "/" + out.join("/") : "";
}

function withoutStrayDots(path) {
  const segments = path.split("/").slice(1);
  const kept = segments.map((segment) => trimmedRight(segment, "."))
    .filter((segment, place) => segment || place === segments.length - 1);
  return "/" + kept.join("/");
}

function argumentsOf(query) {
  const decoded = (text) => percentDecoded(text.replaceAll("+", " ")).split("\0")[0];
  return query.split("&").map((part) => {
    const at = part.indexOf("=");
    return at < 0 ? [decoded(part), ""] : [decoded(part.slice(0, at)), decoded(part.slice(at + 1))];
  });
}

const SERVED = ["GET", "POST", "PUT", "DELETE"];

function methodOf(verb, pairs) {
  let faked = verb === "GET" ? pairs.find(([name]) => name === "_method")?.[1] : undefined;
  if (faked) {
    faked = fromBytes(faked).toUpperCase();
    if (faked === "PUT" || faked === "DELETE") return faked;
  } else if (SERVED.includes(verb)) return verb;
  if (["HEAD", "OPTIONS", "PROPFIND"].includes(verb)) return "GET";
  return ["PROPPATCH", "LOCK", "UNLOCK", "MKCOL"].includes(verb) ? "PUT" : null;
}

const stopped = (step, reason, status, text) => ({ stopped: { step, reason, status, text } });

// What reaches the filter, or why nothing does.
function see(verb, target) {
  const mark = target.indexOf("?");
  const query = mark < 0 ? null : target.slice(mark + 1);
  const path = pathOf(mark < 0 ? target : target.slice(0, mark));
  if (path === null || (query && UNSAFE.test(query))) {
    return stopped("core", "malformed-request", 400, "the web server refuses this request line");
  }
  const pairs = verb === "GET" && query !== null ? argumentsOf(query) : [];
  const method = methodOf(verb, pairs);
  if (method === null) {
    const text = `the core does not serve the method ${quoted(verb.slice(0, 40))} in this way`;
    return stopped("core", "method", 400, text);
  }
  return { method, path, verb, arguments: new Map(pairs) };
}
