"""The engine against a slow, literal reading of the plugin's behaviour, on generated configurations and requests.

The reference below is written for reading, not for speed: one step after the other, in the order in which the plugin
works, with plain dictionaries. It shares no code with the engine.
"""

from __future__ import annotations

import re
from typing import Any

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from policy import Policy
from policy.auth_service import Profile
from policy.engine import Effect, Reason
from policy.testing import Archive, Service

VERSIONS = (
    "0.5.0", "0.5.1", "0.5.3", "0.6.0", "0.6.1", "0.6.2", "0.7.0", "0.7.2", "0.8.0", "0.8.2", "0.9.0", "0.9.1", "0.9.2",
    "0.9.4", "0.10.0", "0.10.3", "0.11.0", "0.11.1", "0.11.2", "0.11.3", "0.11.4",
)  # fmt: skip
LEVELS = ("patient", "study", "series", "instance")

WORLD: dict[str, dict[str, Any]] = {
    "a0": {"level": "patient", "dicom-uid": "P1", "labels": ["red"], "parent": None},
    "a1": {"level": "study", "dicom-uid": "1.1", "labels": ["green"], "parent": "a0"},
    "a2": {"level": "series", "dicom-uid": "1.1.1", "labels": [], "parent": "a1"},
    "a3": {"level": "instance", "dicom-uid": "1.1.1.1", "labels": ["blue"], "parent": "a2"},
    "b0": {"level": "patient", "dicom-uid": "P2", "labels": [], "parent": None},
    "b1": {"level": "study", "dicom-uid": "1.2", "labels": ["red", "blue"], "parent": "b0"},
    "b2": {"level": "series", "dicom-uid": "1.2.1", "labels": ["green"], "parent": "b1"},
    # Two studies with one identifier count as unknown.
    "c1": {"level": "study", "dicom-uid": "1.9", "labels": ["red"], "parent": "a0"},
    "d1": {"level": "study", "dicom-uid": "1.9", "labels": ["red"], "parent": "b0"},
}


class Error(Exception):
    """An error on the way: the plugin refuses the request."""


def number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


class Reference:
    """One request, decided step by step."""

    def __init__(self, version: str, section: dict[str, Any], service: dict[str, Any]) -> None:
        self.v = number(version)
        self.section = section
        self.service = service
        self.profiles_on = "WebServiceRootUrl" in section or bool(section.get("WebServiceUserProfileUrl"))
        self.shares_on = "WebServiceRootUrl" in section or bool(section.get("WebServiceTokenValidationUrl"))
        checked = section.get("CheckedLevel")
        unchecked = set(section.get("UncheckedLevels", []))
        if checked is not None and checked != "system":
            unchecked = {*LEVELS, "system"} - {checked}
            if self.v < (0, 6, 0):
                unchecked -= {"system"}
        self.checked = {*LEVELS, "system"} - unchecked

    def decide(self, method: str, path: str, arguments: dict[str, str], headers: dict[str, str]) -> bool:
        if not self.profiles_on and not self.shares_on:
            return True
        try:
            return self._decide(method, path, arguments, headers)
        except Error:
            return False

    def _decide(self, method: str, path: str, arguments: dict[str, str], headers: dict[str, str]) -> bool:
        # 1. unchecked
        if method == "GET":
            if path in self.section.get("UncheckedResources", []):
                return True
            if any(path.startswith(folder) for folder in self.section.get("UncheckedFolders", [])):
                return True
        # 2. tokens, headers first, each by name
        tokens = []
        for name in sorted(set(self.section.get("TokenHttpHeaders", []))):
            if name.lower() in headers:
                tokens += [(name, headers[name.lower()])]
        for name in sorted(set(self.section.get("TokenGetArguments", []))):
            if name in arguments:
                tokens += [(name, arguments[name])]
        # 3. rule
        rule = None
        if self.profiles_on:
            rows = list(self.section["Permissions"])
            if self.v >= (0, 10, 0):
                rows += self.section.get("ExtraPermissions", [])
            for row in rows:
                if row[0].upper() == method and re.fullmatch(row[1], path, re.DOTALL):
                    rule = row
                    break
        # 4. permission and labels
        if rule is not None:
            required = set(rule[2].split("|")) if rule[2] else set()
            permitted = False
            if not tokens:
                if self.v >= (0, 10, 0) or self.v < (0, 6, 0):
                    profile = self.profile(None)
                else:
                    profile = {"permissions": [], "labels": []}
                permitted = not required or bool(required & set(profile["permissions"]))
                labels_count = self.v >= (0, 10, 0)
                if permitted and labels_count and self.labels(method, path, arguments, profile) == "refused":
                    return False
            elif self.v < (0, 6, 0):
                for _, value in tokens:
                    profile = self.profile(value)
                    if not required or required & set(profile["permissions"]):
                        permitted = True
                        break
            else:
                for _, value in tokens:
                    profile = self.profile(value)
                    permitted = not required or bool(required & set(profile["permissions"]))
                    if permitted and self.labels(method, path, arguments, profile) == "refused":
                        return False
            if permitted:
                return True
        # 5. share tokens
        if not self.shares_on:
            return False
        resources = self.accessed(path, arguments)
        checked = [one for one in resources if one["level"] in self.checked]
        granted = [one for one in checked if any(self.granted(value, one) for _, value in tokens)]
        if self.v < (0, 6, 0):
            if len(granted) == len(checked):
                return True
        elif self.v < (0, 6, 2):
            if granted:
                return True
        elif checked and len(granted) == len(checked):
            return True
        # 6. the search exception
        return self.v >= (0, 9, 2) and method == "GET" and path == "/dicom-web/studies"

    def profile(self, value: str | None) -> dict[str, list[str]]:
        answer = self.service["anonymous"] if value is None else self.service["tokens"].get(value, {"status": 403})
        empty: dict[str, list[str]] = {"permissions": [], "labels": []}
        failed = "status" in answer
        invalid = (
            failed
            or not isinstance(answer.get("validity"), int)
            or not isinstance(answer.get("permissions"), list)
            or (self.v >= (0, 6, 0) and not isinstance(answer.get("name"), str))
            or (self.v >= (0, 6, 0) and not isinstance(answer.get("authorized-labels"), list))
        )
        if invalid:
            if self.v < (0, 6, 0):
                raise Error
            return empty
        if answer["validity"] < 0:
            raise Error
        return {"permissions": answer["permissions"], "labels": answer.get("authorized-labels", [])}

    def granted(self, value: str, resource: dict[str, Any]) -> bool:
        share = self.service["grants"].get(value)
        if share is None or resource["level"] not in share["levels"]:
            return False
        if resource["level"] == "system":
            return resource["id"] in share["uris"]
        return resource["dicom-uid"] in share["dicom-uids"]

    def labels(self, method: str, path: str, arguments: dict[str, str], profile: dict[str, list[str]]) -> str:
        if "*" in profile["labels"]:
            return "accepted"
        if self.v < (0, 7, 0) and not self.shares_on:
            return "not checked"
        resources = self.accessed(path, arguments)
        lists = ["/patients", "/studies", "/series", "/instances"]
        if (path.removesuffix("/") in lists) and (method == "GET" or self.v < (0, 8, 0)):
            return "refused"
        for one in resources:
            if one["level"] in self.checked:
                return "accepted" if set(one["labels"]) & set(profile["labels"]) else "refused"
        return "not checked"

    def accessed(self, path: str, arguments: dict[str, str]) -> list[dict[str, Any]]:
        match = re.fullmatch(r"/(patients|studies|series|instances)/([a-f0-9-]+)(|/.*)", path)
        if match:
            level = {"patients": "patient", "studies": "study", "series": "series", "instances": "instance"}[match[1]]
            return self.family(match[2], level, strict=level != "patient")
        match = re.fullmatch(r"/dicom-web/studies/([.0-9]+)(|/series|/metadata)(|/)", path)
        # Suffixes by version are data; here only those that every version from 0.6.0 on knows, and series for all.
        if match and (match[2] != "/metadata" or self.v >= (0, 6, 0)):
            return self.study(match[1])
        match = re.fullmatch(r"/dicom-web/studies/([.0-9]+)/series/([.0-9]+)(|/instances)(|/)", path)
        if match:
            return [*self.study(match[1]), self.by_uid("series", match[2])]
        match = re.fullmatch(r"/tools/create-archive(|/)", path)
        if match and self.v >= (0, 6, 2):
            found: list[dict[str, Any]] = []
            for one in sorted(set(arguments.get("resources", "").split(",")) - {""}):
                if one in WORLD:
                    found += self.family(one, WORLD[one]["level"], strict=True)
                elif self.v < (0, 11, 4):
                    raise Error
            return found
        match = re.fullmatch(r"/dicom-web/(studies|series|instances)(|/)", path)
        if match:
            study = self.argument(arguments, "0020000D", "StudyInstanceUID")
            series = self.argument(arguments, "0020000E", "SeriesInstanceUID")
            patient = self.argument(arguments, "00100020" if self.v >= (0, 9, 2) else "00100010", "PatientID")
            if study and series:
                return [*self.study(study), self.by_uid("series", series)]
            if study:
                return self.study(study)
            if patient:
                return [self.by_uid("patient", patient)]
        return [{"level": "system", "id": path.rstrip("/"), "labels": []}]

    def argument(self, arguments: dict[str, str], by_number: str, by_name: str) -> str:
        if self.v >= (0, 11, 2):
            arguments = {name.lower(): value for name, value in arguments.items()}
        lower = self.v >= (0, 11, 1)
        for name in (by_number, by_name) if self.v >= (0, 5, 1) else (by_number,):
            value = arguments.get(name.lower() if lower else name, "")
            if "*" in value and self.v >= (0, 6, 1):
                value = ""
            if value:
                return value
        return ""

    def family(self, one: str, level: str, *, strict: bool) -> list[dict[str, Any]]:
        if one not in WORLD or WORLD[one]["level"] != level:
            if strict:
                raise Error
            return []
        chain: list[dict[str, Any]] = []
        current: str | None = one
        while current is not None:
            chain.insert(0, {**WORLD[current], "id": current})
            current = WORLD[current]["parent"]
        return chain

    def by_uid(self, level: str, uid: str) -> dict[str, Any]:
        found = [name for name, each in WORLD.items() if each["level"] == level and each["dicom-uid"] == uid]
        if len(found) != 1:
            raise Error
        return {**WORLD[found[0]], "id": found[0]}

    def study(self, uid: str) -> list[dict[str, Any]]:
        return self.family(self.by_uid("study", uid)["id"], "study", strict=True)


# -- what is generated --

PERMISSIONS = ("view", "all", "edit", " view", "")
LABELS = ("red", "green", "blue", "*")
TOKENS = ("one", "two", "three", "unknown", "")
PATTERNS = (
    "^/studies/([a-f0-9-]+)(|/.*)$", "^/(patients|studies|series|instances)(|/)$", "/system", "^/.*$", "^/dicom-web/.*$",
    "^/tools/.*$", "^/patients/.*$", "/dicom-web/studies", "^/(series|instances)/.*", "^/x(|/y)$", "",
)  # fmt: skip
PATHS = (
    "/studies/a1", "/studies/b1/archive", "/studies/99", "/series/a2", "/series/b2/study", "/instances/a3/file",
    "/patients/a0", "/patients/99", "/studies", "/studies/", "/system", "/system/", "/x", "/x/y", "/ui/app/index.html",
    "/dicom-web/studies", "/dicom-web/studies/", "/dicom-web/series", "/dicom-web/studies/1.1/series",
    "/dicom-web/studies/1.9", "/dicom-web/studies/1.2/series/1.2.1", "/dicom-web/studies/1.1/series/1.2.1",
    "/dicom-web/servers", "/tools/create-archive", "/tools/find", "/studies/a0",
)  # fmt: skip
QUERIES: tuple[dict[str, str], ...] = (
    {}, {}, {}, {"StudyInstanceUID": "1.1"}, {"StudyInstanceUID": "1.2", "SeriesInstanceUID": "1.2.1"},
    {"studyinstanceuid": "1.1"}, {"0020000D": "1.2"}, {"PatientID": "P1"}, {"00100020": "P2"}, {"00100010": "P2"},
    {"StudyInstanceUID": "1.*"}, {"resources": "a1,b1"}, {"resources": "b1,a1"}, {"resources": "a1,99"}, {"StudyInstanceUID": "7"},
)  # fmt: skip

names_of = st.lists(st.sampled_from(PERMISSIONS), max_size=3).map("|".join)
row = st.tuples(st.sampled_from(("get", "GET", "post", "put", "delete")), st.sampled_from(PATTERNS), names_of).map(list)
user = st.fixed_dictionaries(
    {
        "name": st.just("x"),
        "permissions": st.lists(st.sampled_from(PERMISSIONS), max_size=3),
        "authorized-labels": st.lists(st.sampled_from(LABELS), max_size=2),
        "validity": st.just(60),
    }
)
profile = st.one_of(
    user,
    st.sampled_from(
        (
            {"status": 403},
            {"name": "x", "permissions": ["view"], "validity": 60},
            {"name": "x", "permissions": ["view"], "authorized-labels": ["*"], "validity": -1},
        )
    ),
)
grant = st.fixed_dictionaries(
    {
        "levels": st.lists(st.sampled_from((*LEVELS, "system")), max_size=4),
        "dicom-uids": st.lists(st.sampled_from(("P1", "1.1", "1.1.1", "1.2", "1.2.1", "P2")), max_size=4),
        "uris": st.lists(st.sampled_from(("/system", "/x", "/tools/find")), max_size=2),
    }
)
service_tables = st.fixed_dictionaries(
    {
        "anonymous": profile,
        "tokens": st.dictionaries(st.sampled_from(TOKENS[:3]), profile, max_size=3),
        "grants": st.dictionaries(st.sampled_from(TOKENS[:3]), grant, max_size=2),
    }
)


@st.composite
def sections(draw: st.DrawFn) -> dict[str, Any]:
    section: dict[str, Any] = {"Permissions": draw(st.lists(row, max_size=5))}
    where = draw(st.sampled_from(("root", "root", "profile", "validation", "both", "none")))
    if where == "root":
        section["WebServiceRootUrl"] = "http://auth/"
    if where in {"profile", "both"}:
        section["WebServiceUserProfileUrl"] = "http://auth/p"
    if where in {"validation", "both"}:
        section["WebServiceTokenValidationUrl"] = "http://auth/v"
    levels = draw(st.sampled_from(("none", "checked", "unchecked")))
    if levels == "checked":
        section["CheckedLevel"] = draw(st.sampled_from((*LEVELS, "system")))
    elif levels == "unchecked":
        section["UncheckedLevels"] = draw(st.lists(st.sampled_from((*LEVELS, "system")), max_size=4))
    section["TokenHttpHeaders"] = draw(st.lists(st.sampled_from(("token", "api-key", "Auth")), max_size=3))
    section["TokenGetArguments"] = draw(st.lists(st.sampled_from(("token", "key")), max_size=2))
    section["UncheckedFolders"] = draw(st.lists(st.sampled_from(("/ui/app/", "/x", "")), max_size=1))
    section["UncheckedResources"] = draw(st.lists(st.sampled_from(("/system", "/studies")), max_size=1))
    if draw(st.booleans()):
        section["ExtraPermissions"] = draw(st.lists(row, max_size=2))
    return section


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, str, dict[str, str], dict[str, str]]:
    method = draw(st.sampled_from(("GET", "GET", "GET", "POST", "PUT", "DELETE")))
    headers = draw(st.dictionaries(st.sampled_from(("token", "api-key", "auth")), st.sampled_from(TOKENS), max_size=2))
    arguments = dict(draw(st.sampled_from(QUERIES)))
    if draw(st.integers(0, 4)) == 0:
        arguments[draw(st.sampled_from(("token", "key")))] = draw(st.sampled_from(TOKENS))
    return method, draw(st.sampled_from(PATHS)), arguments if method == "GET" else {}, headers


def target(path: str, arguments: dict[str, str]) -> str:
    return path + ("?" + "&".join(f"{k}={v}" for k, v in arguments.items()) if arguments else "")


def make(section: dict[str, Any], version: str, **more: Any) -> Policy:
    return Policy.from_configuration(
        {"AuthenticationEnabled": False, "Authorization": section, "DicomWeb": {}}, plugin=version, **more
    )


ARCHIVE = Archive(WORLD)
quick = settings(max_examples=settings.default.max_examples * 3 // 5, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(st.sampled_from(VERSIONS), sections(), service_tables, st.lists(requests(), min_size=1, max_size=25))
def test_decides_as_the_literal_reference(
    version: str, section: dict[str, Any], tables: dict[str, Any], asked: list[Any]
) -> None:
    policy, service, reference = make(section, version), Service(**tables), Reference(version, section, tables)
    for method, path, arguments, headers in asked:
        got = policy.decide_request(
            method, target(path, arguments), list(headers.items()), service=service, archive=ARCHIVE
        )
        assert bool(got) is reference.decide(method, path, arguments, headers), got.explain()


@quick
@given(st.sampled_from(VERSIONS), sections(), service_tables, st.lists(requests(), min_size=5, max_size=30), st.data())
def test_a_rule_that_never_decides_can_go(
    version: str, section: dict[str, Any], tables: dict[str, Any], asked: list[Any], data: st.DataObject
) -> None:
    policy, service = make(section, version), Service(**tables)

    def decide(each: Policy) -> list[Any]:
        return [
            each.decide_request(m, target(p, a), list(h.items()), service=service, archive=ARCHIVE)
            for m, p, a, h in asked
        ]

    before = decide(policy)
    used = {one.rule.origin.path for one in before if one.rule}
    idle = [i for i in range(len(section["Permissions"])) if ("Authorization", "Permissions", i) not in used]
    assume(idle)
    gone = data.draw(st.sampled_from(idle))
    rows = [each for i, each in enumerate(section["Permissions"]) if i != gone]
    after = decide(make(section | {"Permissions": rows}, version))
    assert [(bool(one), one.reason) for one in after] == [(bool(one), one.reason) for one in before]


FLIPS: tuple[Any, ...] = (
    "0.11.4",
    {
        "WebServiceRootUrl": "http://auth/", "CheckedLevel": "study", "TokenHttpHeaders": ["token"],
        "Permissions": [["get", "^/.*$", "view"]],
    },
    {
        "anonymous": {"status": 403},
        "tokens": {"one": {"name": "x", "permissions": ["view"], "authorized-labels": ["red"], "validity": 60}},
        "grants": {"one": {"levels": ["study"], "dicom-uids": ["1.1"], "uris": []}},
    },
    [("GET", "/studies/a1", {}, {"token": "one"}), ("GET", "/dicom-web/studies", {"StudyInstanceUID": "1.1"}, {"token": "one"})],
    "view",
)  # fmt: skip
"""Two requests that labels end, and that pass without the permission: by the share token, whose turn then comes."""


EVERYTHING = {"levels": list(LEVELS), "dicom-uids": ["P1", "P2", "1.1", "1.1.1", "1.1.1.1", "1.2", "1.2.1"], "uris": []}
HEADERS = {"TokenHttpHeaders": ["token", "api-key", "Auth"]}


def flips(
    version: str, section: dict[str, Any], tables: dict[str, Any], asked: list[Any], lost: str
) -> list[tuple[Reason, Reason]]:
    """The reasons before and after of what passes only when the profiles have lost a permission."""
    policy = make(section, version)

    def decide(own: dict[str, Any]) -> list[Any]:
        service = Service(**own)
        return [
            policy.decide_request(m, target(p, a), list(h.items()), service=service, archive=ARCHIVE)
            for m, p, a, h in asked
        ]

    fewer = {
        value: one | {"permissions": [each for each in one["permissions"] if each != lost]}
        if "permissions" in one
        else one
        for value, one in tables["tokens"].items()
    }
    pairs = zip(decide(tables), decide(tables | {"tokens": fewer}), strict=True)
    return [(before.reason, after.reason) for before, after in pairs if after and not before]


def test_losing_a_permission_can_open() -> None:
    assert flips(*FLIPS) == [(Reason.LABELS, Reason.SHARE), (Reason.LABELS, Reason.SHARE)]


@quick
@given(
    st.sampled_from(VERSIONS[3:]), sections(), service_tables, st.fixed_dictionaries(dict.fromkeys(TOKENS[:3], user)),
    st.lists(requests(), min_size=5, max_size=30), st.sampled_from(PERMISSIONS[:4]),
)  # fmt: skip
def test_losing_a_permission_opens_only_what_labels_had_ended(
    version: str, section: dict[str, Any], tables: dict[str, Any], users: dict[str, Any], asked: list[Any], lost: str
) -> None:
    # Shared what labels refuse, as often as can be: else the generated cases hardly ever have anything to say.
    section = section | {"WebServiceRootUrl": "http://auth/", "Permissions": [["get", "^/.*$", lost]], **HEADERS}
    tables = tables | {
        "tokens": {name: one | {"permissions": [*one["permissions"], lost]} for name, one in users.items()},
        "grants": dict.fromkeys(TOKENS[:3], EVERYTHING),
    }
    for before, after in flips(version, section, tables, asked, lost):
        assert before in {Reason.LABELS, Reason.LIST_OF_RESOURCES}
        assert after in {Reason.SHARE, Reason.SEARCH_EXCEPTION}


text_or_bytes = st.one_of(st.text(max_size=30), st.binary(max_size=30))


@settings(max_examples=settings.default.max_examples * 3 // 2)
@given(
    st.one_of(st.sampled_from(("GET", "POST", "HEAD", "get")), text_or_bytes),
    st.one_of(
        text_or_bytes,
        st.binary(max_size=30).map(lambda data: b"/" + data),
        st.text(alphabet="/.%2eE0\\?&=+studies*~", max_size=40).map(lambda text: "/" + text),
    ),
    st.lists(
        st.tuples(st.one_of(st.sampled_from(("token", "Authorization")), text_or_bytes), text_or_bytes), max_size=4
    ),
    st.one_of(st.none(), st.binary(max_size=30), st.just(b'{"Level": 1, "Query": [], "Labels": {}}')),
)
@example("POST", "/tools/find", [("token", "t")], b"[" * 100_000)
@example("POST", "/tools/bulk-delete", [("token", "t")], b'{"Resources": [null, {}, []]}')
@example("GET", "/\ud800", [("token", "\udcff")], b"")
@example("GET", b"/%ff%00?%ff=%00&_method=%50UT", [(b"\xff", b"\xff")], None)
def test_no_exception_escapes(method: Any, raw: Any, headers: list[Any], body: bytes | None) -> None:
    service = Service(tokens={"t": {"name": "t", "permissions": ["all"], "authorized-labels": ["red"], "validity": 1}})
    for policy in POLICIES:
        decision = policy.decide_request(method, raw, headers, service=service, archive=ARCHIVE, body=body)
        assert decision.effect in {Effect.PERMIT, Effect.DENY}
        assert decision.explain()


POLICIES = [
    Policy.from_configuration(
        {
            "AuthenticationEnabled": core,
            "RegisteredUsers": {"u": "p"},
            "Authorization": {
                "WebServiceRootUrl": "http://auth/", "TokenHttpHeaders": ["token"], "TokenGetArguments": ["key"],
                "Permissions": [["get", "^/.*$", "all"], ["post", ".*", ""]], "EnableAuditLogs": audit,
            },
        },
        plugin="0.11.4",
    )
    for core, audit in ((False, False), (True, False), (False, True))
]  # fmt: skip


# -- decide --

role = st.fixed_dictionaries(
    {
        "permissions": st.lists(st.sampled_from(("view", "all", "download")), max_size=2),
        "labels": st.lists(st.sampled_from(LABELS), max_size=2),
    }
)


@quick
@given(st.sampled_from(VERSIONS), sections(), role, role, st.lists(requests(), min_size=1, max_size=15))
def test_decide_is_decide_request_for_one_credential(
    version: str, section: dict[str, Any], own: Any, visitor: Any, asked: list[Any]
) -> None:
    """With an archive, a profile in the first header is decided as the request that carries it; without, never a guess."""
    user = Profile("user", tuple(own["permissions"]), tuple(own["labels"]))
    guest = Profile("guest", tuple(visitor["permissions"]), tuple(visitor["labels"]))
    section = section | {"TokenHttpHeaders": ["token"], "TokenGetArguments": []}
    policy = make(section, version, anonymous=guest)
    service = Service(anonymous=guest.wire(), tokens={"u": user.wire()})
    for method, path, arguments, _ in asked:
        sent = f"{method} {target(path, arguments)}"
        for token, headers in ((user, [("token", "u")]), (None, [])):
            truth = policy.decide_request(method, target(path, arguments), headers, service=service, archive=ARCHIVE)
            settled = policy.decide(sent, token, resource=ARCHIVE)
            assert (settled.effect, settled.reason, settled.rule) == (truth.effect, truth.reason, truth.rule)
            open_ = policy.decide(sent, token)
            assert policy.decide(sent, token) is open_
            slow = policy.decide(sent, token, now=0)
            assert slow == open_
            assert slow.trace == open_.trace
            # A patient is taken to exist: one that does not passes the filter for a 404.
            certain = open_.effect is not Effect.CONDITIONAL and path != "/patients/99"
            if certain and truth.reason is not Reason.UNKNOWN_RESOURCE:
                assert open_.effect is truth.effect, (open_.explain(), truth.explain())
