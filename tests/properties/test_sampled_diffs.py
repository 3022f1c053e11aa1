"""Random pairs of policies: a diff names exactly the requests and senders on which the two engines differ.

Requests are sampled from the languages of the rules, from known routes and from what is near to them; ``--requests``
says how many for each pair.
"""

from __future__ import annotations

import random
from typing import Any

import pytest

from policy.engine import Policy, Reason
from policy.engine.request import Seen
from policy.engine.route import seen_of
from policy.patterns.sampling import sample
from policy.questions.classes import Partition, RouteClass
from policy.questions.diff import diff
from policy.questions.relation import Relation, compare, grant_of
from policy.questions.requests import known_requests, request_text

PATTERNS = (
    "^/studies$", "^/studies/([a-f0-9-]+)$", "^/(patients|studies|series|instances)/([a-f0-9-]+)(|/.*)$", "^/(.*)$",
    "^/studies/(.*)/archive$", "^/dicom-web/studies/([.0-9]+)(|/series|/metadata)(|/)$", "^/dicom-web/(.*)$",
    "^/tools/(find|create-archive)$", "^/tools/.*$", "^/system$", "^/(peers|modalities)/(.*)/store$", "^/ui/.*$",
    "^/instances/[^/]+/(tags|file)$", "^/patients/[0-9a-f-]{3,}$", "^/a(b|c)*d?$", "^/dicom-web/(studies|series)(|/)$",
    "SINGLE_RESOURCE_PATTERNS", "^/DICOM_WEB_ROOT/studies$", "^/(?!tools).*$", "^/caf\u00e9/.*$", "^/%?.b$",
    "^/(.*)/archive(/.*)?$", "^.*/tags.*$", "^/[^/]*/a.*$", "^/.*$",
    "^/osimis-viewer/(images|series)/([a-f0-9-]+)(|/.*)$", "^/(patients|studies|series|instances)(|/)$",
)  # fmt: skip
ROUGH = (r"^/(a+)/\1$", r"^/studies/([a-f0-9]+)-\1(|/archive)$")
"""Rules that are no regular languages."""
PERMISSIONS = ("", "all", "view", "view|all", "upload", "delete|all", "admin-permissions", "share|view")
LABELS: tuple[list[str], ...] = ([], ["*"], ["external"], ["external", "teaching"])
VERSIONS = ("0.5.0", "0.5.3", "0.6.0", "0.6.2", "0.8.0", "0.9.1", "0.9.2", "0.10.3", "0.11.1", "0.11.4")
HEX = "6b9e19d9-62094390-5f9ddb01-4a191ae7-9766b715"


def section(rng: random.Random, *, rough: bool) -> dict[str, Any]:
    pool = PATTERNS + ROUGH if rough else PATTERNS
    rows = [
        [rng.choice(["get", "post", "put", "delete"]), rng.choice(pool), rng.choice(PERMISSIONS)]
        for _ in range(rng.randint(0, 12))
    ]
    made: dict[str, Any] = {"WebServiceRootUrl": "http://auth/", "Permissions": rows}
    if rng.random() < 0.2:
        made.pop("Permissions")
    if rng.random() < 0.9:
        made["TokenHttpHeaders"] = ["token"]
    if rng.random() < 0.3:
        made["TokenGetArguments"] = ["token"]
    kind = rng.randrange(4)
    if kind == 0:
        made["CheckedLevel"] = rng.choice(["studies", "patients", "instances"])
    elif kind == 1:
        levels = ["patients", "studies", "series", "instances", "system"]
        made["UncheckedLevels"] = rng.sample(levels, rng.randint(0, 4))
    if rng.random() < 0.4:
        made["UncheckedFolders"] = rng.sample(["/ui/", "/studies/", "/a", "/dicom-web/studies"], rng.randint(1, 2))
    if rng.random() < 0.3:
        made["UncheckedResources"] = rng.sample(["/system", "/", "/a b", "/studies"], rng.randint(1, 2))
    if rng.random() < 0.2:
        made["StandardConfigurations"] = ["orthanc-explorer-2", "stone-webviewer"]
    return made


def roles(rng: random.Random) -> dict[str, Any]:
    names = sorted({name for text in PERMISSIONS for name in text.split("|") if name})
    return {
        "roles": {
            role: {
                "permissions": rng.sample(names, rng.randint(0, 3)),
                "authorized_labels": rng.choice(LABELS),
            }
            for role in rng.sample(["doctor", "nurse", "admin", "guest"], rng.randint(1, 3))
        }
    }


def changed(rng: random.Random, one: dict[str, Any], *, rough: bool) -> dict[str, Any]:
    """Another policy, mostly one that is near."""
    if rng.random() < 0.3:
        return section(rng, rough=rough)
    two = {key: list(value) if isinstance(value, list) else value for key, value in one.items()}
    rows = two.get("Permissions", [])
    for _ in range(rng.randint(1, 2)):
        if rows and rng.random() < 0.4:
            rows.pop(rng.randrange(len(rows)))
        elif len(rows) > 1 and rng.random() < 0.5:
            first, second = rng.randrange(len(rows)), rng.randrange(len(rows))
            rows[first], rows[second] = rows[second], rows[first]
        else:
            rows.insert(rng.randint(0, len(rows)), ["get", rng.choice(PATTERNS), rng.choice(PERMISSIONS)])
    if rng.random() < 0.2:
        two.pop("UncheckedFolders", None)
    return two


def policy(made: dict[str, Any], version: str, permissions: dict[str, Any], visitor: dict[str, Any]) -> Policy:
    configuration = {"AuthenticationEnabled": False, "Authorization": made, "DicomWeb": {}}
    return Policy.from_configuration(configuration, plugin=version, permissions=permissions, anonymous=visitor)


def pair(seed: int, *, rough: bool = False) -> tuple[Policy, Policy]:
    rng = random.Random(seed)
    one = section(rng, rough=rough)
    two = changed(rng, one, rough=rough)
    version = rng.choice(VERSIONS)
    versions = (version, rng.choice(VERSIONS) if rng.random() < 0.3 else version)
    people = roles(rng)
    others = roles(rng) if rng.random() < 0.3 else people
    visitor = {
        "name": "Anonymous",
        "permissions": rng.sample(["view", "upload"], rng.randint(0, 1)),
        "authorized-labels": rng.choice(LABELS),
        "validity": 60,
    }
    return policy(one, versions[0], people, visitor), policy(two, versions[1], others, visitor)


def requests(rng: random.Random, policies: tuple[Policy, ...], number: int) -> list[tuple[str, str, str]]:
    """(method, path, query) of requests that are likely to tell policies apart."""
    paths = [path for method in ("GET", "POST") for _, path in known_requests(method, "/dicom-web/")]
    for one in policies:
        for rule in one.rules:
            paths += sample(rule.compiled, seed=rng.randrange(1 << 30), tries=6).paths
        paths += [free.path + rng.choice(["", "x", "/y"]) for free in one.unchecked]
    paths += [f"/{level}/{HEX}{tail}" for level in ("patients", "studies", "series") for tail in ("", "/archive", "/")]
    queries = (
        "", "", "", "StudyInstanceUID=1.2", "0020000D=1.2&0020000E=1.3", "studyinstanceuid=1.2", "PatientID=P",
        "00100010=P", "00100020=P", "StudyInstanceUID=1.*", f"resources={HEX}", "limit=3",
    )  # fmt: skip
    found = []
    for _ in range(number):
        path = rng.choice(paths)
        if rng.random() < 0.2:
            place = rng.randint(1, len(path)) if path else 0
            path = path[:place] + rng.choice(["a", "/", "%", "0", "."]) + path[place:]
        method = rng.choice(["GET", "GET", "GET", "POST", "PUT", "DELETE"])
        found.append((method, path, rng.choice(queries) if method == "GET" else ""))
    return found


def disagreements(seed: int, number: int, *, rough: bool = False) -> tuple[int, int]:
    """How many pairs of request and sender were asked, and on how many the two engines differ; each checked."""
    old, new = pair(seed, rough=rough)
    told = diff(old, new)
    named = {(one.number, who.name) for found in told.differences for one in found.classes for who in found.senders}
    partition = Partition((old, new))
    asked = differing = 0
    for method, path, query in requests(random.Random(seed + 1), (old, new), number):
        request = request_text(method, path, query)
        seen = _seen(request) if path.startswith("/") else None
        if seen is None:
            continue
        found = partition.find(seen.method, seen.path, seen.arguments)
        for who in told.senders:
            if who.kind == "share":
                continue
            answers = [one.decide(request, who.token) for one in (old, new)]
            if any(answer.reason is Reason.TOO_COMPLEX for answer in answers):
                continue
            assert found is not None, request
            differs = compare(*map(grant_of, answers)) is not Relation.EQUIVALENT
            asked += 1
            differing += differs
            assert differs is ((found.number, who.name) in named), (seed, request, who.name, answers)
    return asked, differing


def _seen(request: str) -> Seen | None:
    seen, _ = seen_of(request, None)
    return seen if isinstance(seen, Seen) else None


@pytest.mark.parametrize("seed", range(8))
def test_a_diff_names_exactly_what_differs(seed: int, requests_each: int) -> None:
    asked, _ = disagreements(seed, requests_each)
    assert asked > 0


@pytest.mark.parametrize("seed", range(100, 103))
def test_with_rules_that_are_no_regular_languages(seed: int, requests_each: int) -> None:
    assert disagreements(seed, requests_each, rough=True)[0] > 0


def test_the_pairs_do_differ(requests_each: int) -> None:
    assert sum(disagreements(seed, min(requests_each, 400))[1] for seed in range(20, 22)) > 30


@pytest.mark.parametrize("seed", range(30, 45))
def test_each_witness_gets_both_answers(seed: int) -> None:
    old, new = pair(seed)
    for one in diff(old, new).differences:
        for who in one.senders:
            if who.kind != "share" and one.certain:
                answers = [grant_of(side.decide(one.request, who.token)) for side in (old, new)]
                assert [one.old.grant, one.new.grant] == answers, (one.request, who.name)


@pytest.mark.parametrize("seed", range(60, 70))
def test_a_policy_is_equivalent_to_itself(seed: int) -> None:
    for side in pair(seed):
        told = diff(side, side)
        assert (Relation.EQUIVALENT, True, ()) == (told.relation, told.proved, told.differences)


@pytest.mark.parametrize("seed", range(70, 76))
def test_the_other_way_round_is_the_mirror_image(seed: int) -> None:
    old, new = pair(seed)
    assert _rows(old, new) == {(sides[::-1], who, after, before) for sides, who, before, after in _rows(new, old)}


def _rows(old: Policy, new: Policy) -> set[tuple[Any, ...]]:
    return {
        (tuple(_side(one, number) for number in (0, 1)), who.name, found.old.grant, found.new.grant)
        for found in diff(old, new).differences
        for one in found.classes
        for who in found.senders
    }


def _side(one: RouteClass, number: int) -> tuple[Any, ...]:
    side = one.sides[number]
    return one.method, side.rule and side.rule.index, side.unchecked, side.level, side.listed
