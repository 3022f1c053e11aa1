// Which resources a request touches, and what is known of them (policy/engine/resources.py, archive.py).

const HIERARCHY = ["patient", "study", "series", "instance"];
const DICOM_LEVELS = ["study", "series", "instance"];
const PLURALS = { patients: "patient", studies: "study", series: "series", instances: "instance" };
const SEARCH_NAMES = {
  study: ["0020000D", "StudyInstanceUID"],
  series: ["0020000E", "SeriesInstanceUID"],
  instance: ["00080018", "SOPInstanceUID"],
  patient: ["00100020", "PatientID"],
};
const PATIENT_BY_MISTAKE = ["00100010", "PatientID"];

class Failure extends Error {
  constructor(reason, message) {
    super(message);
    this.reason = reason;
  }
}

const whole = (pattern) => new RegExp(`^(?:${pattern})$`, "s");

class Resources {
  constructor({ patterns, list }, flags) {
    this.flags = flags;
    this.patterns = patterns.map(([how, kind, level, group, text]) => ({ how, kind, level, group, pattern: whole(text) }));
    this.list = list === null ? null : whole(list);
  }

  isList(path) {
    return this.list !== null && this.list.test(path);
  }

  touched(path, given) {
    for (const { how, kind, level, group, pattern } of this.patterns) {
      const match = pattern.exec(path);
      if (match === null) continue;
      if (kind === "BY_PATH") return { how, level: PLURALS[match[1]] ?? match[1], ids: [match[2]] };
      if (kind === "ORTHANC") return { how, level, ids: [match[group]] };
      if (kind === "DICOM") return { how, level, ids: match.slice(1, group + 1), byUid: true };
      const found = this.query(how, given);
      if (found) return found;
    }
    return { how: "system", level: "system", ids: [trimmedRight(path, "/")] };
  }

  query(how, given) {
    if (how === "create-archive-or-media") {
      const ids = new Set((given.get("resources") ?? "").split(",").filter(Boolean));
      return { how, level: "study", ids: [...ids].sort() };
    }
    const [study, series, instance] = DICOM_LEVELS.map((level) => this.argument(given, SEARCH_NAMES[level]));
    if (study && series && instance) return { how, level: "instance", ids: [study, series, instance], byUid: true };
    if (study && series) return { how, level: "series", ids: [study, series], byUid: true };
    if (study) return { how, level: "study", ids: [study], byUid: true };
    const patient = this.argument(given, this.flags.patient_id_number ? SEARCH_NAMES.patient : PATIENT_BY_MISTAKE);
    return patient ? { how, level: "patient", ids: [patient], byUid: true } : null;
  }

  argument(given, names) {
    const flags = this.flags;
    const known = flags.search_arguments_ignore_case
      ? new Map([...given].map(([name, value]) => [asciiLower(name), value])) : given;
    const lower = flags.search_arguments_ignore_case || flags.search_arguments_lower_case_only;
    for (const name of flags.search_names ? names : names.slice(0, 1)) {
      const value = known.get(lower ? name.toLowerCase() : name) ?? "";
      if (value && !(flags.search_wildcards && value.includes("*"))) return value;
    }
    return "";
  }

  // {resources, doubtful}; throws Failure where one does not exist. Without knowledge of the archive none is missing.
  access({ path, arguments: given }, archive) {
    const touched = this.touched(path, given);
    if (touched.level === "system") {
      const [id] = touched.ids;
      const own = { level: "system", id, uid: null, labels: new Set(), text: `the path ${quoted(fromBytes(id))}` };
      return { resources: [own], doubtful: [] };
    }
    if (touched.how === "create-archive-or-media") {
      return together(touched.ids.map((id) => archive.lineage("study", id, id, null)), archive);
    }
    if (touched.byUid && touched.level !== "patient") {
      return together(touched.ids.map((uid, depth) => {
        const found = archive.lineage(DICOM_LEVELS[depth], uid, null, uid);
        return depth === 0 ? found : found.slice(-1);
      }), archive);
    }
    const [id] = touched.ids;
    if (touched.byUid) return together([archive.lineage("patient", id, null, id)], archive);
    const resources = archive.lineage(touched.level, id, id, null);
    return { resources, doubtful: archive.exists || touched.level === "patient" ? [] : resources.slice(-1) };
  }
}

function together(lineages, archive) {
  return { resources: lineages.flat(), doubtful: archive.exists ? [] : lineages.map((one) => one.at(-1)) };
}

// An archive of which only labels are known, by level; of which nothing is known without them.
class Archive {
  constructor(labels) {
    this.exists = labels !== null;
    this.labels = labels ?? {};
  }

  lineage(level, shown, id, uid) {
    const text = fromBytes(shown);
    const depth = HIERARCHY.indexOf(level);
    const above = HIERARCHY.slice(0, depth).map((each) => ({
      level: each, id: null, uid: null, labels: this.known(each), text: `the ${each} of the ${level} ${text}`,
    }));
    return [...above, { level, id, uid, labels: this.known(level), text: `the ${level} ${text}` }];
  }

  known(level) {
    return this.labels[level] ? new Set(this.labels[level]) : null;
  }
}

const existing = (resources) => resources.map(({ level, text }) => ({ kind: "exists", level, text: `${text} exists` }));
