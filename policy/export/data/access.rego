# Decides as the Authorization plugin of one Orthanc server does, on the table beside it in data.json.
# Made by policy-lint; every function follows one step of the plugin's filter. docs/exports.md tells what to ask.
package orthanc.access

import rego.v1

table := data.orthanc.table

# -- what is asked for --

default allow := false

allow if decision.effect == "permit"

default decision := {
	"effect": "deny", "reason": "invalid-input", "rule": null, "conditions": [],
}

decision := decide(input)

# Several requests in one evaluation, in their order.
decisions := [decide(one) | some one in input.requests]

# What a request touches: level and identifiers of the resource whose labels and existence are to be looked up.
default resource := null

resource := touched(path(input), arguments(input))

# -- one request --

decide(r) := refused("input") if {
	not readable(r)
} else := outcome("deny", "malformed-request", null, set()) if {
	malformed(r)
} else := refused("path") if {
	not path(r)
} else := refused("arguments") if {
	not arguments(r)
} else := refused("credentials") if {
	some one in object.get(r, "credentials", [])
	not profile(one)
} else := seen(r, path(r), arguments(r))

seen(r, where, given) := refused("path") if {
	not plain(where)
} else := refused("arguments") if {
	ambiguous(given)
} else := outcome("deny", "method", null, set()) if {
	not method(r)
} else := outcome("deny", "core-authentication", null, set()) if {
	table.core_authentication
	not authenticated(r)
} else := filtered(view(r, method(r), where, touched(where, given)))

filtered(q) := outcome("permit", "unchecked-resource", null, set()) if {
	q.verb == "GET"
	q.path in table.unchecked.resources
} else := outcome("permit", "unchecked-folder", null, set()) if {
	q.verb == "GET"
	some folder in table.unchecked.folders
	startswith(q.path, folder)
} else := by_rule(q, first_rule(q.verb, q.path))

# What the filter looks at, computed once.
view(r, verb, where, what) := {
	"verb": verb,
	"path": where,
	"credentials": object.get(r, "credentials", []),
	"granted": granted(r),
	"anonymous": anonymous(r),
	"labels": object.get(r, "labels", {}),
	"existence": existence(r),
	"what": what,
	"checked": checked(accessed(r, what)),
}

outcome(effect, reason, rule, conditions) := {
	"effect": effect,
	"reason": reason,
	"rule": rule,
	"conditions": sort(conditions),
}

refused(why) := {
	"effect": "deny",
	"reason": "unsupported",
	"unsupported": why,
	"rule": null,
	"conditions": [],
}

# Conditions make a permit one that depends on the archive.
permitted(reason, rule, conditions) := outcome("permit", reason, rule, set()) if {
	count(conditions) == 0
} else := outcome("conditional", "labels", rule, conditions) if {
	some one in conditions
	one.kind == "labels"
} else := outcome("conditional", reason, rule, conditions)

# -- the request --

readable(r) if {
	is_string(r.method)
	is_array(object.get(r, "credentials", []))
	is_object(object.get(r, "labels", {}))
	is_object(object.get(r, "headers", {}))
	is_string(object.get(r, "target", object.get(r, "path", null)))
}

# A control or a byte beyond ASCII in the request line.
malformed(r) if {
	is_string(r.target)
	not regex.match("^/[!-\u007f]*$", r.target)
}

path(r) := raw if {
	raw := split(r.target, "?")[0]
	not contains(raw, "%")
	not contains(raw, "+")
} else := urlquery.decode(replace(raw, "+", "%20")) if {
	raw := split(r.target, "?")[0]
	not regex.match("%(00|[89A-Fa-f][0-9A-Fa-f])", raw)
	not regex.match("%(.?$|.[^0-9A-Fa-f]|[^0-9A-Fa-f])", raw)
} else := r.path if {
	not r.target
}

# What the server makes no other path of: it would drop a stray slash or dot, and turn a backslash round.
plain(text) if {
	startswith(text, "/")
	not contains(text, "//")
	not contains(text, "./")
	not contains(text, "\\")
	not contains(text, "\u0000")
	not endswith(text, ".")
}

# The arguments count on GET only.
arguments(r) := {} if {
	r.method != "GET"
} else := object.get(r, "query", {}) if {
	not r.target
} else := {} if {
	not contains(r.target, "?")
} else := last_ones(pairs(r))

# Of an argument that is given twice the last value counts.
last_ones(parts) := {name: value |
	parts[at]
	name := parts[at][0]
	value := parts[at][1]
	count([1 | parts[later][0] == name; later > at]) == 0
}

pairs(r) := pairs_of(query(r)) if {
	not regex.match("%(00|.?(&|=|$)|.[^0-9A-Fa-f]|[^0-9A-Fa-f])", query(r))
}

pairs_of(text) := [[decoded(halves[0]), decoded(concat("=", array.slice(halves, 1, count(halves))))] |
	part := split(text, "&")[_]
	halves := split(part, "=")
]

query(r) := concat("?", array.slice(parts, 1, count(parts))) if {
	parts := split(r.target, "?")
}

decoded(text) := urlquery.decode(replace(text, "+", "%20"))

# Spellings of one search argument that this version of the plugin does not tell apart.
ambiguous(given) if {
	table.behaviour.search_arguments_ignore_case
	count(given) > 1
	some name in searched
	count([1 | given[spelling]; lower(spelling) == name]) > 1
}

searched := [name | name := table.arguments[_][_]]

# The core lets a request say that it is a PUT or a DELETE.
faked(r) := given if {
	values := [value | value := r.headers[name]; lower(name) == "x-http-method-override"]
	given := values[0]
} else := first_argument(r, "_method")

first_argument(r, name) := given if {
	r.method == "GET"
	contains(r.target, "?")
	values := [pair[1] | pair := pairs(r)[_]; pair[0] == name]
	given := values[0]
} else := value if {
	value := arguments(r)[name]
}

method(r) := upper(faked(r)) if {
	upper(faked(r)) in {"PUT", "DELETE"}
} else := r.method if {
	r.method in {"GET", "POST", "PUT", "DELETE"}
	faked(r) == ""
} else := r.method if {
	r.method in {"GET", "POST", "PUT", "DELETE"}
	not faked(r)
} else := "GET" if {
	r.method in {"HEAD", "OPTIONS", "PROPFIND"}
} else := "PUT" if {
	r.method in {"PROPPATCH", "LOCK", "UNLOCK", "MKCOL"}
}

authenticated(r) if r.core_authenticated == true

# -- the rule --

first_rule(verb, where) := own[min(found)] if {
	own := table.rules[verb]
	found := [at |
		rule := own[at]
		begins(where, rule.starts)
		regex.match(rule.regex, where)
	]
	count(found) > 0
} else := {"index": null}

by_rule(q, rule) := share(q, rule, set()) if {
	rule.index == null
} else := outcome("deny", verdict.stop, rule.index, set()) if {
	verdict := last(verdicts(q, rule))
	verdict.stop
} else := permitted(reason(rule), rule.index, conditions(verdicts(q, rule))) if {
	last(verdicts(q, rule)).met
} else := share(q, rule, conditions(verdicts(q, rule)))

reason(rule) := "open-rule" if {
	count(rule.permissions) == 0
} else := "permission"

# What each credential comes to, up to the one that ends the turn.
verdicts(q, rule) := array.slice(found, 0, min(ends) + 1) if {
	found := each(q, rule)
	ends := [at | found[at]; ends_turn(found[at])]
	count(ends) > 0
} else := each(q, rule)

ends_turn(verdict) if verdict.stop

ends_turn(verdict) if {
	verdict.met
	not table.behaviour.last_token_decides
}

last(list) := list[count(list) - 1]

conditions(list) := {one | one := list[_].conditions[_]}

each(q, rule) := [visitor(q, rule)] if {
	count(q.credentials) == 0
} else := each_credential(q, rule)

each_credential(q, rule) := [judged(q, rule, profile(one)) | some one in q.credentials]

visitor(q, rule) := judged(q, rule, q.anonymous) if {
	table.behaviour.anonymous_profile
} else := accepted(set()) if {
	meets(rule, asked(q))
} else := {"met": false, "stop": false, "conditions": set()}

asked(q) := q.anonymous if {
	table.behaviour.anonymous_question
} else := nothing

judged(q, rule, whose) := {"met": false, "stop": "service-failure", "conditions": set()} if {
	whose.failed
} else := {"met": false, "stop": false, "conditions": set()} if {
	not meets(rule, whose)
} else := labels(q, whose)

meets(rule, whose) if count(rule.permissions) == 0

meets(rule, whose) if {
	some permission in rule.permissions
	permission in whose.permissions
}

# -- the profile behind a credential --

nothing := {"permissions": [], "labels": [], "failed": false}

anonymous(r) := object.union(nothing, object.get(r, "anonymous", table.anonymous))

profile(credential) := object.union(nothing, {"failed": true}) if {
	credential.failed == true
} else := nothing if {
	credential.invalid == true
} else := object.union(nothing, table.anonymous) if {
	credential.visitor == true
} else := of_roles(credential.roles) if {
	is_array(credential.roles)
} else := object.union(nothing, {"permissions": credential.permissions, "labels": credential.labels}) if {
	is_array(credential.permissions)
	is_array(credential.labels)
}

of_roles(names) := nothing if {
	some name in names
	table.roles[name].usable == false
} else := nothing if {
	table.one_role_only
	count({name | name := names[_]; table.roles[name]}) != 1
} else := {
	"permissions": together(names, "permissions"),
	"labels": together(names, "labels"),
	"failed": false,
}

together(names, what) := {one |
	name := names[_]
	role := table.roles[name]
	one := object.get(role, what, [])[_]
}

# -- labels --

accepted(more) := {"met": true, "stop": false, "conditions": more}

stopped(why) := {"met": true, "stop": why, "conditions": set()}

labels(q, whose) := accepted(set()) if {
	not table.behaviour.labels
} else := recorded(q, set()) if {
	"*" in whose.labels
} else := accepted(set()) if {
	not table.behaviour.always_parses_resources
	not table.shares
} else := stopped("unknown-resource") if {
	missing(q)
} else := stopped("list-of-resources") if {
	listed(q)
} else := accepted(doubts(q)) if {
	count(q.checked) == 0
} else := stopped("labels") if {
	count(whose.labels) == 0
} else := stopped("labels") if {
	q.checked[0] == "system"
} else := recorded(q, {{"kind": "labels", "level": q.checked[0], "labels": sort(whose.labels)}}) if {
	not q.labels[q.checked[0]]
} else := recorded(q, doubts(q)) if {
	some label in q.labels[q.checked[0]]
	label in whose.labels
} else := stopped("labels")

listed(q) if {
	list_counts(q.verb)
	is_string(table.lists)
	regex.match(table.lists, q.path)
}

list_counts(verb) if verb == "GET"

list_counts(verb) if not table.behaviour.lists_refused_for_get_only

# With audit logs on, what labels accept is looked up once more.
recorded(q, more) := accepted(more) if {
	not table.audit
} else := stopped("audit-log") if {
	missing(q)
} else := accepted(more | doubts(q))

# -- share tokens --

share(q, rule, before) := outcome("deny", denied(rule), rule.index, set()) if {
	not table.shares
} else := outcome("deny", "unknown-resource", rule.index, set()) if {
	missing(q)
} else := permitted("share", rule.index, before | unopened(q)) if {
	opened(q)
} else := permitted("search-exception", rule.index, before | unopened(q)) if {
	table.behaviour.search_exception
	q.verb == "GET"
	q.path == "/dicom-web/studies"
} else := outcome("deny", denied(rule), rule.index, set())

denied(rule) := "no-permission" if {
	rule.index != null
} else := "no-rule" if {
	table.profiles
} else := "no-share"

opened(q) if {
	count(q.checked) == 0
	not table.behaviour.nothing_checked_is_denied
}

opened(q) if {
	count(q.checked) > 0
	every level in q.checked { level in q.granted }
}

opened(q) if {
	table.behaviour.labels
	not table.behaviour.all_resources_must_be_granted
	some level in q.checked
	level in q.granted
}

unopened(q) := {one |
	some one in doubts(q)
	not opened_level(q, one.level)
}

opened_level(q, level) if {
	level in q.checked
	level in q.granted
}

# -- resources --

granted(r) := {level | level := r.credentials[_].grants[_]}

hierarchy := ["patient", "study", "series", "instance"]

of_plural := {"patients": "patient", "studies": "study", "series": "series", "instances": "instance"}

# The levels of what is accessed, from the patient down.
accessed(r, what) := ["system"] if {
	what.level == "system"
} else := [] if {
	existence(r) == "no"
} else := [] if {
	what.kind == "archive"
	count(what.ids) == 0
} else := array.slice(hierarchy, 0, depth[deepest(r, what)])

depth := {"patient": 1, "study": 2, "series": 3, "instance": 4}

deepest(r, what) := object.get(r, "level", "study") if {
	what.kind == "archive"
} else := what.level

checked(levels) := [level | some level in levels; level in table.levels]

existence(r) := "yes" if {
	r.exists == true
} else := "no" if {
	r.exists == false
} else := "yes" if {
	is_object(r.labels)
} else := "unknown"

# Something is looked at that is not there: an error on the way is a no, but for two kinds that are just left out.
missing(q) if {
	q.existence == "no"
	q.what.level != "system"
	not left_out(q.what)
	count(q.what.ids) > 0
}

left_out(what) if {
	what.level == "patient"
	what.kind == "orthanc"
}

left_out(what) if {
	what.kind == "archive"
	table.behaviour.unknown_archive_resource_skipped
}

doubts(q) := doubts_of(q.what) if {
	q.existence == "unknown"
} else := set()

doubts_of(what) := {{"kind": "exists", "level": level} | some level in doubtful(what)}

doubtful(what) := [] if {
	what.level == "system"
} else := [] if {
	what.level == "patient"
	what.kind == "orthanc"
} else := ["study"] if {
	what.kind == "archive"
	count(what.ids) > 0
} else := [] if {
	what.kind == "archive"
} else := array.slice(["study", "series", "instance"], 0, count(what.ids)) if {
	what.kind == "dicom"
	what.level != "patient"
} else := [what.level]

touched(where, given) := found[min(places)] if {
	found := {at: what |
		known := table.resources[at]
		begins(where, known.starts)
		regex.match(known.regex, where)
		what := touching(where, given, known)
	}
	places := [at | found[at]]
	count(places) > 0
} else := {"kind": "system", "level": "system", "ids": []}

touching(where, given, known) := {"kind": "orthanc", "level": of_plural[groups[1]], "ids": [groups[2]]} if {
	known.kind == "path"
	groups := regex.find_all_string_submatch_n(known.regex, where, 1)[0]
} else := {"kind": "orthanc", "level": known.level, "ids": [groups[known.group]]} if {
	known.kind == "orthanc"
	groups := regex.find_all_string_submatch_n(known.regex, where, 1)[0]
} else := {"kind": "dicom", "level": known.level, "ids": array.slice(groups, 1, count(dicom[known.level]) + 1)} if {
	known.kind == "dicom"
	groups := regex.find_all_string_submatch_n(known.regex, where, 1)[0]
} else := {"kind": "archive", "level": "study", "ids": sort(listed_ids(given))} if {
	known.kind == "archive"
} else := searched_for(spelled(given)) if {
	known.kind == "query"
}

# The levels of the identifiers that tell a resource in DICOM.
dicom := {"study": ["study"], "series": ["study", "series"], "instance": ["study", "series", "instance"]}

searched_for(given) := {"kind": "dicom", "level": "instance", "ids": ids} if {
	ids := [argument(given, "study"), argument(given, "series"), argument(given, "instance")]
} else := {"kind": "dicom", "level": "series", "ids": ids} if {
	ids := [argument(given, "study"), argument(given, "series")]
} else := {"kind": "dicom", "level": "study", "ids": ids} if {
	ids := [argument(given, "study")]
} else := {"kind": "dicom", "level": "patient", "ids": ids} if {
	ids := [argument(given, "patient")]
}

listed_ids(given) := {one |
	one := split(object.get(given, "resources", ""), ",")[_]
	one != ""
}

# The value of a search argument: the first of its names that has one.
argument(given, level) := found if {
	names := table.arguments[level]
	values := [value |
		name := names[_]
		value := given[name]
		counts(value)
	]
	found := values[0]
}

spelled(given) := lowered(given) if {
	table.behaviour.search_arguments_ignore_case
} else := given

lowered(given) := {lower(name): value | value := given[name]}

counts(value) if {
	value != ""
	not wild(value)
}

wild(value) if {
	table.behaviour.search_wildcards
	contains(value, "*")
}

begins(where, starts) if {
	some start in starts
	startswith(where, start)
}
