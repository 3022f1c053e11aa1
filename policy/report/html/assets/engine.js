// A decision from the tables of one policy, with its trace (policy/engine/policy.py).

class Trace {
  constructor() {
    this.checks = [];
    this.doubts = [];
  }

  add(step, text, passed = null, rule = NO_RULE) {
    this.checks.push({ step, text, passed, rule });
  }
}

class Engine {
  constructor(tables) {
    this.tables = tables;
    this.filter = new Filter(tables);
    this.behind = new Behind(tables);
    this.front = tables.front && new Front(tables.front, tables.sets.map(runsOf));
  }

  // method and address as written; sender: a person of the tables, or its share with {share: [{id, uid}]};
  // labels: lists of labels by level, null where nothing is known of the archive.
  // {effect, reason, rule, conditions, status, checks, doubts}, where doubts are what may make a proxy answer itself, or {undecided, rule, checks}. Throws UsageProblem.
  decide(method, written, sender, labels = null) {
    const trace = new Trace();
    try {
      const outcome = this.judge(method, written, sender, labels, trace);
      const status = outcome.effect === "permit" ? null : outcome.status ?? 403;
      return { ...outcome, status, checks: trace.checks, doubts: trace.doubts };
    } catch (undecided) {
      if (!(undecided instanceof Undecided)) throw undecided;
      return { undecided: undecided.message, rule: undecided.rule, checks: trace.checks };
    }
  }

  judge(method, written, sender, labels, trace) {
    let target = targetOf(written);
    let seen;
    if (isAddress(target)) {
      if (!this.front) throw new Undecided("It cannot follow addresses through this reverse proxy: write the path at Orthanc.", NO_RULE);
      const routed = this.front.toOrthanc(target);
      if (routed.stopped) seen = routed;
      else {
        target = routed.target;
        trace.doubts = routed.conditions ?? [];
      }
    }
    seen ??= see(method, target);
    if (seen.stopped) {
      const { step, reason, status, text } = seen.stopped;
      trace.add(step, text, false);
      return { ...deny(reason, NO_RULE), status };
    }
    if (this.tables.core && !sender.known) {
      trace.add("core", "the core's own authentication is on and the request has no registered user", false);
      return { ...deny("core-authentication", NO_RULE), status: 401 };
    }
    if (this.tables.core) {
      trace.add("core", "the core's own authentication is on: the sender is taken to be a registered user too");
    }
    trace.add("credentials", `the sender is ${sender.text}`);
    if (this.tables.off !== null) {
      trace.add("filter", this.tables.off, true);
      return permit("filter-off", NO_RULE, []);
    }
    const seesToken = sender.present !== null && (seen.verb === "GET" || sender.headerOnly);
    const tokens = seesToken ? [sender.present] : [];
    const question = { seen, sender, tokens, trace, archive: new Archive(labels) };
    const outcome = this.filter.decide(question);
    if (outcome.effect !== "deny") this.behind.note(question);
    return outcome;
  }
}
