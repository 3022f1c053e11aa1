// What the routes behind the filter say of themselves where the body is not known (policy/engine/behind.py).

const RESOURCE = /^\/(patients|studies|series|instances)\/([a-f0-9-]+)(?:\/([a-z-]+)(?:\/([^/]*))?)?$/;
const DICOM_WEB = /^(?:\/(studies|series|instances)|\/studies\/([.0-9]+)(?:\/series\/([.0-9]+)(?:\/instances\/([.0-9]+))?)?(\/.*)?)$/s;
const BULK = ["/tools/bulk-delete", "/tools/bulk-modify", "/tools/bulk-anonymize"];

class Behind {
  constructor(tables) {
    this.tables = tables;
  }

  note({ seen, sender, tokens, trace }) {
    const { behind, labels, flags, credentials } = this.tables;
    const text = behind && behind.notes[this.handler(seen)];
    if (!text) return;
    const tries = tokens.map(() => sender.own);
    if (flags.route_profile_retries_empty) {
      for (let number = 0; number < credentials; number += 1) tries.push(sender.visitor);
    }
    const profile = tries.find(({ valid }) => valid);
    let whose = profile ? "nothing, as the profile has no label" : "what share tokens open";
    if (profile?.labels.length) {
      whose = profile.all ? "everything" : `the labels ${profile.labels.map((number) => labels[number][1]).join(", ")}`;
    }
    trace.add("route", text.replaceAll("{whose}", () => whose));
  }

  handler({ method, path: full, verb }) {
    const { behind, audit } = this.tables;
    if (!SERVED.includes(verb)) return null;
    const path = trimmedRight(full, "/");
    if (path === "/tools/find" || (path === "/tools/count-resources" && behind.count)) return method === "POST" ? "find" : null;
    if (path === "/tools/labels") return method === "GET" ? "labels" : null;
    if (BULK.includes(path)) return method === "POST" ? "bulk" : null;
    if (path === "/auth/user/profile" && method === "GET") return "own_profile";
    if (method !== "GET") return audit ? this.audited(path, method) : null;
    if (RESOURCE.test(path)) return behind.resource ? "resource" : null;
    if (behind.root === null) return null;
    const root = toBytes(behind.root);
    return path.startsWith(root + "/") && DICOM_WEB.test(path.slice(root.length)) ? "dicom_web_route" : null;
  }

  audited(path, method) {
    if (path === "/instances" && method === "POST") return "audited_upload";
    const match = RESOURCE.exec(path);
    if (match === null) return null;
    const [, kind, , tail, label] = match;
    if ((tail === "modify" || tail === "anonymize") && label === undefined && method === "POST") return "audited_change";
    if (kind === "instances") return null;
    if (tail === undefined && method === "DELETE") return "audited_user";
    return tail === "labels" && label !== undefined && (method === "PUT" || method === "DELETE") ? "audited_user" : null;
  }
}
