// What the plugin checks, in its order (policy/engine/filter.py).

const SEARCH = "/dicom-web/studies";

const disjoint = (one, other) => !one.some((each) => other.includes(each));
const both = (one, other) => one.filter((each) => other.includes(each));

function extended(conditions, more) {
  return [...conditions, ...more.filter((one) => !conditions.some(({ text }) => text === one.text))];
}

const deny = (reason, rule) => ({ effect: "deny", reason, rule, conditions: [] });

function permit(reason, rule, conditions) {
  if (!conditions.length) return { effect: "permit", reason, rule, conditions };
  const labels = conditions.some(({ kind }) => kind === "labels");
  return { effect: "conditional", reason: labels ? "labels" : reason, rule, conditions };
}

class Filter {
  constructor(tables) {
    this.tables = tables;
    this.flags = tables.flags;
    const sets = tables.sets.map(runsOf);
    this.matches = Object.fromEntries(
      Object.entries(tables.automata).map(([method, one]) => [method, new FirstMatch(sets, one)]));
    const paths = (kind) => tables.unchecked.filter(([own]) => own === kind).map(([, path]) => toBytes(path));
    this.uncheckedResources = new Set(paths("resource"));
    this.uncheckedFolders = paths("folder");
    this.parser = tables.resources && new Resources(tables.resources, tables.flags);
  }

  unchecked(path) {
    if (this.uncheckedResources.has(path)) return "unchecked-resource";
    return this.uncheckedFolders.some((folder) => path.startsWith(folder)) ? "unchecked-folder" : null;
  }

  decide(question) {
    const { seen, trace } = question;
    if (seen.method === "GET") {
      const reason = this.unchecked(seen.path);
      if (reason) {
        const words = reason === "unchecked-resource" ? "unchecked resource" : "address in an unchecked folder";
        trace.add("unchecked", `${fromBytes(seen.path)} is an ${words}: GET passes for everybody`, true);
        return permit(reason, NO_RULE, []);
      }
      trace.add("unchecked", "the path is neither an unchecked resource nor in an unchecked folder");
    }
    const rule = this.rule(seen, trace);
    try {
      return this.judge(question, rule);
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      trace.add("note", failure.message, false);
      return deny(failure.reason, rule);
    }
  }

  rule(seen, trace) {
    if (!this.tables.profiles) {
      trace.add("rule", "no address for profiles is given: rules do not count");
      return NO_RULE;
    }
    const rule = this.matches[seen.method].find(seen.path);
    if (rule === NO_RULE) trace.add("rule", `no rule for ${seen.method} matches ${fromBytes(seen.path)}`, false);
    else trace.add("rule", `the first rule that matches is ${this.tables.rules[rule].text}`, null, rule);
    return rule;
  }

  judge(question, rule) {
    const { flags, tables } = this;
    const { trace, sender, tokens } = question;
    let conditions = [];
    if (rule !== NO_RULE) {
      const asks = tables.rules[rule].permissions;
      let met = false;
      for (const [token, profile] of this.profiles(sender, tokens, trace)) {
        met = !asks.length || !disjoint(asks, profile.permissions);
        this.notePermission(trace, rule, profile, token, met);
        if (!met) continue;
        if (token === null && !flags.anonymous_profile) {
          trace.add("labels", "without a credential this version checks no labels");
          break;
        }
        const [verdict, more] = this.labels(question, profile);
        if (verdict === "refused") return deny("labels", rule);
        if (verdict === "list") return deny("list-of-resources", rule);
        const recorded = verdict === "accepted" && tables.audit ? this.record(question) : [];
        conditions = extended(conditions, [...more, ...recorded]);
        if (!flags.last_token_decides) break;
      }
      if (met) return permit(asks.length ? "permission" : "open-rule", rule, conditions);
    }
    return this.share(question, rule, conditions);
  }

  profiles(sender, tokens, trace) {
    if (tokens.length) return tokens.map((token) => [token, sender.own]);
    trace.add("credentials", "the request has no credential that the plugin looks at");
    return [[null, this.flags.anonymous_profile || this.flags.anonymous_question ? sender.visitor : EMPTY_PROFILE]];
  }

  access(question) {
    if (!this.parser) throw new Undecided("It does not know the resources of paths, as the root of DICOMweb is unusual.", NO_RULE);
    return this.parser.access(question.seen, question.archive);
  }

  record(question) {
    const access = this.access(question);
    question.trace.add("audit", "the access can be recorded");
    return existing(access.doubtful);
  }

  labels(question, profile) {
    const { flags, tables } = this;
    const { seen, trace } = question;
    if (!flags.labels) return ["not-checked", []];
    if (profile.all) {
      trace.add("labels", "the profile has the label '*': every resource is accepted", true);
      return ["accepted", []];
    }
    if (!flags.always_parses_resources && !tables.shares) {
      trace.add("labels", "without a validation address this version checks no labels in the filter");
      return ["not-checked", []];
    }
    const access = this.access(question);
    if ((seen.method === "GET" || !flags.lists_refused_for_get_only) && this.parser.isList(seen.path)) {
      trace.add("labels", "a list of all resources is for profiles with the label '*' only", false);
      return ["list", []];
    }
    const checked = access.resources.find(({ level }) => tables.levels.includes(level));
    if (checked) return this.compare(checked, profile, access, trace);
    trace.add("labels", "the path touches nothing at a checked level: the permission is enough");
    return ["not-checked", existing(access.doubtful)];
  }

  // The labels of the first accessed resource at a checked level decide.
  compare(checked, profile, access, trace) {
    const known = this.tables.labels;
    if (!profile.labels.length) {
      trace.add("labels", `the profile has no label, and ${checked.text} is checked`, false);
      return ["refused", []];
    }
    if (checked.labels === null) {
      const names = profile.labels.map((number) => known[number][1]);
      const text = names.length === 1 ? `${checked.text} has the label ${names[0]}`
        : `${checked.text} has one of the labels ${names.join(", ")}`;
      trace.add("labels", `whether ${text} is not known`);
      return ["accepted", [{ kind: "labels", level: checked.level, text }]];
    }
    const common = profile.labels.filter((number) => checked.labels.has(known[number][0]));
    const list = (numbers) => numbers.map((number) => known[number][1]).join(" or ");
    if (common.length) {
      trace.add("labels", `${checked.text} has ${list(common)} in common with the profile`, true);
      return ["accepted", existing(access.doubtful)];
    }
    const ends = "this ends the request, no share token is asked";
    trace.add("labels", `${checked.text} has none of the labels ${list(profile.labels)}: ${ends}`, false);
    return ["refused", []];
  }

  share(question, rule, before) {
    const { flags, tables } = this;
    const { seen, trace } = question;
    const denied = rule !== NO_RULE ? "no-permission" : tables.profiles ? "no-rule" : "no-share";
    if (!tables.shares) {
      trace.add("share", "no address for share tokens is given", false);
      return deny(denied, rule);
    }
    const access = this.access(question);
    const { opened, refused, needed } = this.granted(question, access);
    const conditions = extended(before, existing(access.doubtful.filter((one) => !opened.includes(one))));
    if (!refused && !needed.length) return permit("share", rule, conditions);
    if (flags.search_exception && seen.method === "GET" && seen.path === SEARCH) {
      trace.add("search-exception", "GET /dicom-web/studies passes the filter for everybody", true);
      return permit("search-exception", rule, conditions);
    }
    return refused ? deny(denied, rule) : permit("share", rule, [...conditions, ...needed]);
  }

  granted({ sender, tokens, trace }, access) {
    const { flags, tables } = this;
    const opened = [];
    const needed = [];
    let refused = 0;
    const checked = access.resources.filter(({ level }) => tables.levels.includes(level));
    for (const resource of checked) {
      const answer = tokens.length ? grants(sender.share, resource) : false;
      if (answer === true) {
        opened.push(resource);
        trace.add("share", `a share token opens ${resource.text}`, true);
      } else if (answer === null) {
        needed.push({ kind: "shared", level: resource.level, text: `the share covers ${resource.text}` });
      } else {
        refused += 1;
        trace.add("share", `no share token opens ${resource.text}`, false);
      }
    }
    if (!checked.length) {
      const refuses = flags.nothing_checked_is_denied;
      trace.add("share", "the path touches nothing at a checked level", !refuses);
      return { opened: [], refused: refuses, needed: [] };
    }
    if (!flags.all_resources_must_be_granted && flags.labels) {
      return opened.length ? { opened, refused: false, needed: [] }
        : { opened: [], refused: !needed.length, needed: needed.slice(0, 1) };
    }
    return { opened, refused: refused > 0, needed };
  }

  notePermission(trace, rule, profile, token, met) {
    const { permissions, rules } = this.tables;
    const asks = rules[rule].permissions;
    const list = (numbers) => numbers.map((number) => permissions[number]).join(" or ") || "nothing";
    const who = !profile.valid ? "the empty profile" : profile.name ? `the profile ${profile.name}` : "the profile";
    const whose = token ? `${who}, for ${token},` : `${who}, for nobody,`;
    const text = !asks.length ? "the rule asks for no permission"
      : met ? `${whose} has ${list(both(asks, profile.permissions))}` : `${whose} has none of ${list(asks)}`;
    trace.add("permission", text, met, rule);
  }
}

const EMPTY_PROFILE = { valid: false, name: "", permissions: [], labels: [], all: false };

// Whether a share opens a resource: true, false, or null where that is not known (policy/engine/subject.py).
// A share is a list of {id, uid}, where an identifier that it does not say is null; ANY_SHARE may cover anything.
const ANY_SHARE = "any";

function grants(share, { level, id, uid }) {
  if (!share || level === "system") return false;
  if (share === ANY_SHARE) return null;
  const kinds = [[id, share.map((one) => one.id)], [uid, share.map((one) => one.uid)]];
  const known = grantsIds(kinds.filter(([asked]) => asked !== null));
  if ((id !== null && uid !== null) || !share.length) return known;
  if (!share.some((one) => grantsIds(kinds.map(([, held], kind) => [kind ? one.uid : one.id, held]).filter(([own]) => own !== null)))) {
    return false;
  }
  const counting = kinds.filter(([, held]) => !held.includes(null));
  if (counting.some(([asked, held]) => asked !== null && !held.includes(asked))) return false;
  return counting.some(([asked]) => asked !== null) ? true : null;
}

// An identifier counts only where every resource of the share has one of its kind.
function grantsIds(asked) {
  const counting = asked.filter(([, held]) => !held.includes(null));
  return counting.length > 0 && counting.every(([one, held]) => held.includes(one));
}
