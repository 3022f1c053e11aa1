// From a public address to the path at the server (policy/configuration/proxy.py, policy/engine/front.py).

const UNESCAPED = "!\"$&'()*+,-./:;<=>@[\\]^_`{|}~";
const MOST_REWRITES = 10;

class Endless extends Error {}

// An expression of nginx; exec throws Endless where looking for it may take too long (nginx_regex.py).
class Expression {
  constructor({ text, flags, enough, count }, sets) {
    Object.assign(this, { text, enough, count, sets, pattern: new RegExp(toBytes(text), flags) });
  }

  exec(path) {
    if (this.enough !== null && !(this.count && fewReadings(this.sets, this.count, path, this.enough))) {
      throw new Endless(`to look for ${this.text} in this path may take for ever`);
    }
    return this.pattern.exec(path);
  }
}

class Front {
  constructor(proxies, sets) {
    const compiled = (written) => written && new Expression(written, sets);
    this.proxies = proxies.map((proxy) => ({
      ...proxy,
      routes: proxy.routes.map((route) => ({
        ...route,
        prefix: toBytes(route.prefix),
        target: route.target === null ? null : toBytes(route.target),
        pattern: compiled(route.pattern),
        rewrites: route.rewrites.map((one) => ({
          ...one, pattern: compiled(one.pattern), replacement: toBytes(one.replacement),
        })),
      })),
    }));
  }

  // {target, conditions} for the server, or {stopped} where somebody else answers.
  toOrthanc(address) {
    const parts = addressParts(address);
    if (!this.proxies.length) return { target: parts.path + (parts.query === "?" ? "" : parts.query) };
    const named = this.proxies.filter((proxy) => proxy.hosts.includes(parts.host));
    const every = (named.length ? named : this.proxies).map((proxy) => routed(proxy, parts));
    const ours = every.find((one) => one.ours);
    return ours ? { target: ours.path, conditions: ours.conditions } : stopped("proxy", "proxy", ...answered(every[0]));
  }
}

function answered({ answer, other, unknown }) {
  if (unknown) return [404, `where the reverse proxy sends it is not known: ${unknown}`];
  const never = "it never reaches this Orthanc";
  if (!answer) return [404, `the reverse proxy sends it to ${other}: ${never}`];
  const what = answer.status === null ? "serves a file of its own" : `answers ${answer.status}`;
  const where = answer.target ? ` to ${answer.target}` : "";
  const because = answer.because ? ` (${answer.because})` : "";
  return [answer.status || 200, `the reverse proxy ${what}${where}${because}: ${never}`];
}

const answer = (status, target, because) => ({ answer: { status, target, because } });

function routed(proxy, parts) {
  try {
    return route(proxy, parts);
  } catch (endless) {
    if (!(endless instanceof Endless)) throw endless;
    return { unknown: endless.message };
  }
}

function route(proxy, { scheme, path: raw, query }) {
  if (scheme === "http" && proxy.plainHttp) return { answer: proxy.plainHttp };
  let path = normalised(raw);
  if (path === null) return answer(400, null, "the path leads above the root");
  if (proxy.unknown) return { unknown: proxy.unknown };
  let changed = false;
  for (let times = 0; times < MOST_REWRITES; times += 1) {
    const found = locationOf(proxy.routes, path);
    if (!found) return slash(proxy.routes, path, query) || { answer: proxy.default };
    if (found.certificate) return { answer: proxy.default };
    if (found.unknown) return { unknown: found.unknown };
    const result = rewritten(found, path, query);
    path = result.path;
    changed ||= result.rewritten;
    if (result.answer) return result;
    if (!result.again) return sent(found, path, changed ? null : raw, query, !result.rewritten);
  }
  return answer(500, null, "its rewrites go round in circles");
}

function normalised(raw) {
  const parts = [];
  const segments = percentDecoded(raw).split("/");
  for (const segment of segments) {
    if (segment === "..") {
      if (!parts.length) return null;
      parts.pop();
    } else if (segment !== "" && segment !== ".") parts.push(segment);
  }
  const ends = ["", ".", ".."].includes(segments.at(-1));
  return "/" + parts.join("/") + (ends && parts.length ? "/" : "");
}

function locationOf(routes, path) {
  let longest = null;
  for (const one of routes) {
    if (one.kind === "exact" && path === one.prefix) return one;
    if ((one.kind === "prefix" || one.kind === "first") && path.startsWith(one.prefix)
      && (!longest || one.prefix.length > longest.prefix.length)) longest = one;
  }
  if (longest?.kind === "first") return longest;
  return routes.find((one) => one.kind === "regex" && one.pattern && one.pattern.exec(path) !== null) ?? longest;
}

function slash(routes, path, query) {
  const found = routes.some((one) => one.prefix === path + "/" && one.sends && one.kind !== "exact");
  return found ? answer(301, fromBytes(path + "/" + query), "the slash at the end of the location is added") : null;
}

function rewritten(found, before, query) {
  let path = before;
  let changed = false;
  for (const one of found.rewrites) {
    const match = one.pattern.exec(path);
    if (match === null) continue;
    const next = one.replacement.replace(/\$(\d)/g, (_, number) => match[Number(number)] ?? "");
    if (one.flag === "redirect" || one.flag === "permanent" || /^https?:\/\//.test(next)) {
      const status = one.flag === "permanent" ? 301 : 302;
      return { path, rewritten: changed, ...answer(status, fromBytes(next + query), "a rewrite redirects") };
    }
    if (!next) return { path, rewritten: changed, ...answer(500, null, "a rewrite leaves an empty path") };
    path = next.split("?")[0];
    changed = true;
    if (one.flag === "last") return { again: true, path, rewritten: true };
    if (one.flag === "break") break;
  }
  return { again: false, path, rewritten: changed };
}

function sent(found, path, raw, query, here) {
  if (!found.sends) return { answer: found.answer || { status: null, target: null, because: "the proxy serves a file of its own" } };
  const onward = found.target !== null && here ? percentEncoded(found.target + path.slice(found.prefix.length), UNESCAPED)
    : raw === null ? percentEncoded(path, UNESCAPED) : raw;
  return found.ours ? { ours: true, path: onward + query, conditions: found.conditions } : { other: found.other };
}
