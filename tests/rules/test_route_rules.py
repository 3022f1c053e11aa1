"""Rules about routes: what they say is true of the compiled policy, and the built-in lists are silent."""

from __future__ import annotations

import json
import re
import runpy
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from policy.configuration.loading import Given, load
from policy.knowledge.clients import clients
from policy.knowledge.plugin import releases
from policy.lint.context import Context
from policy.lint.finding import Confidence, Finding, Persona, Severity
from policy.lint.page import page_of
from policy.lint.rule import registry
from policy.lint.run import findings_of
from policy.lint.settings import Settings
from policy.lint.views.built_in import built_in
from policy.lint.views.coverage import ANYBODY, EVERYTHING, coverage
from policy.lint.views.own_rules import own_rules
from policy.lint.views.policies import usable_policy
from policy.lint.views.route_table import RouteTable
from policy.lint.views.standing import hidden_rules

TOP = Path(__file__).parents[2]
FORUM = TOP / "samples" / "forum-thread"
ROUTES = [rule for rule in registry().values() if rule.code.startswith("RTE")]
WITH_RULES = [release for release in releases() if release.has_permissions]
AUDITOR = Settings(persona=Persona.AUDITOR, select=("RTE",))
REGULAR = Settings(select=("RTE",))


def configuration(**section: object) -> str:
    base = {"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies", "TokenHttpHeaders": ["token"]}
    return json.dumps({"AuthenticationEnabled": False, "Authorization": {**base, **section}}, indent=1)


def roles(**by_name: tuple[list[str], list[str]]) -> str:
    described = {name: {"permissions": held, "authorized_labels": labels} for name, (held, labels) in by_name.items()}
    return json.dumps({"roles": described, "available-labels": []})


def found(lint, rule: str, files: Mapping[str, str], settings: Settings = AUDITOR, **versions: str) -> list[Finding]:
    result = lint(files, settings=settings, **versions)
    return [finding for finding in result.findings if finding.rule == rule]


# -- witnesses ---------------------------------------------------------------------------------------------------------


def is_true(finding: Finding, context: Context) -> bool:
    """Whether the engine answers the witness as the finding says, on the server that the finding is about."""
    witness = finding.witness
    assert witness is not None
    for server in context.deployment.servers:
        known = coverage(server, context)
        policy = usable_policy(server, context)
        if policy is None:
            continue
        if witness.who == ANYBODY:
            token = None
        elif witness.who == EVERYTHING and known is not None:
            token = known.superuser
        elif witness.who.startswith("the role ") and policy.roles is not None:
            token = witness.who.removeprefix("the role ")
            if token not in policy.roles.roles:
                continue
        else:
            continue
        # Who has no header to travel in is nobody; the statement is about rules and permissions.
        if token is not None and not policy.credentials:
            assert known is not None
            if known.nobody(witness.method, witness.path.partition("?")[0]) == (witness.answer == "deny"):
                return True
            continue
        if policy.decide(f"{witness.method} {witness.path}", token).effect == witness.answer:
            return True
    return False


def samples() -> Iterator[object]:
    for rule in ROUTES:
        for number, sample in enumerate(page_of(rule).samples):
            if sample.bad:
                yield pytest.param(rule, sample, id=f"{rule.name}-{number}")


def load_texts(folder: Path, files: Mapping[str, str], **versions: str) -> Context:
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return Context(load([folder / name for name in files], given=Given.of(**versions), env={}))


@pytest.mark.parametrize(("rule", "sample"), list(samples()))
def test_witness_of_sample_does_what_the_finding_says(rule, sample, tmp_path: Path) -> None:
    names = {"plugin": "plugin", "orthanc": "orthanc", "image": "image", "auth-service": "auth_service"}
    versions = {names[key]: value for key, value in sample.keys.items() if key in names}
    context = load_texts(tmp_path, sample.files, **versions)
    findings = list(findings_of(rule, context))
    assert findings
    assert [finding.message for finding in findings if finding.witness and not is_true(finding, context)] == []


def test_witnesses_of_the_forum_case_do_what_the_findings_say() -> None:
    context = Context(load([FORUM], given=Given(), env={}))
    findings = [finding for rule in ROUTES for finding in findings_of(rule, context)]
    assert len([finding for finding in findings if finding.witness]) >= 6
    assert [finding.message for finding in findings if finding.witness and not is_true(finding, context)] == []


def test_forum_case_facts() -> None:
    context = Context(load([FORUM], given=Given(), env={}))
    facts = {rule.name: [finding.facts for finding in findings_of(rule, context)] for rule in ROUTES}
    (copy,) = facts["old-permissions-copy"]
    assert copy["copied_from"] == ("0.5.0",)
    assert "get SINGLE_RESOURCE_PATTERNS".upper() in {str(row).upper() for row in copy["missing"]}
    (dicomweb,) = facts["dicomweb-uncovered"]
    assert "GET /dicom-web/studies/1.2.840.113619.2.1/series" in dicomweb["refused"]
    assert {"OHIF", "3D Slicer"} <= set(dicomweb["clients"])
    (patients,) = facts["patient-level-bypass"]
    assert patients["who"] == ("the role external-role",)
    assert facts["redundant-rule"] == []
    assert facts["permissions-replaced-by-few"] == []


# -- built-in lists ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("release", WITH_RULES, ids=lambda release: str(release.version))
def test_built_in_lists_are_silent(release, lint) -> None:
    names = [standard.name for standard in release.standard_configurations]
    files = {
        "orthanc.json": configuration(StandardConfigurations=names),
        "permissions.json": roles(doctor=(["view", "download", "upload"], ["*"]), admin=(["all"], ["*"])),
    }
    result = lint(files, settings=REGULAR, plugin=str(release.version))
    assert [finding.message for finding in result.findings] == []


@pytest.mark.parametrize("release", WITH_RULES, ids=lambda release: str(release.version))
def test_written_out_built_in_lists_are_silent(release, lint) -> None:
    rules = [[rule.method, rule.pattern, rule.permissions] for rule in release.default_rules]
    files = {
        "orthanc.json": configuration(Permissions=rules),
        "permissions.json": roles(doctor=(["view"], ["*"]), admin=(["all", "admin-permissions"], ["*"])),
    }
    result = lint(files, settings=REGULAR, plugin=str(release.version))
    # The one mistake that lives on in copies of old lists.
    expected = {"stow-with-get"} if release.version < releases()[0].version.parse("0.9.3") else set()
    assert {finding.rule for finding in result.findings} <= expected


def test_patient_level_bypass_of_the_built_in_list(lint) -> None:
    files = {"orthanc.json": configuration(), "permissions.json": roles(external=(["view"], ["external"]))}
    (finding,) = found(lint, "patient-level-bypass", files, REGULAR, plugin="0.11.4")
    assert finding.witness is not None
    assert (finding.witness.method, finding.witness.path.rpartition("/")[2]) == ("GET", "archive")
    assert finding.severity is Severity.ERROR


def test_page_about_built_in_lists_is_up_to_date() -> None:
    script = runpy.run_path(str(TOP / ".ci" / "default_rules.py"))
    assert (TOP / "docs" / "default-rules.md").read_text("utf-8") == script["page"]()


def test_python_reads_built_in_patterns_as_boost_does() -> None:
    from policy import patterns

    paths = [known.path for known in RouteTable("/dicom-web/").all]
    for release in WITH_RULES:
        for rule in built_in(release.version):
            exact = patterns.compile(rule.text)
            assert [path for path in paths if rule.matches(path) != exact.matches(path)] == []


# -- rules that never decide -------------------------------------------------------------------------------------------

BASE = [
    ["get", "^/tools/log-level$", "all|settings"],
    ["get", "^/(studies|series)/([a-f0-9-]+)(|/.*)$", "all|view"],
    ["get", "^/(statistics|changes)$", "all|view"],
    ["post", "^/tools/(find|lookup)$", "all|view"],
    ["get", "^/.*$", "all|admin-permissions"],
]


def test_list_without_faults_is_silent_about_order(lint) -> None:
    files = {"orthanc.json": configuration(Permissions=BASE)}
    silent = ("rule-order", "shadowed-rule", "redundant-rule", "vacuous-pattern", "stow-with-get", "unknown-route")
    assert [finding for rule in silent for finding in found(lint, rule, files)] == []


@pytest.mark.parametrize("index", [0, 1, 2])
def test_broad_rule_moved_up_is_found(index: int, lint) -> None:
    moved = [*BASE[:index], BASE[-1], *BASE[index:-1]]
    findings = found(lint, "rule-order", {"orthanc.json": configuration(Permissions=moved)})
    assert [finding.facts["by"] for finding in findings] == [("^/.*$",)] * (3 - index)
    assert all(finding.related for finding in findings)


def test_built_in_rules_hide_extra_ones(lint) -> None:
    extra = [["get", "^/studies/([a-f0-9-]+)/archive$", "all|download"]]
    files = {
        "orthanc.json": configuration(ExtraPermissions=extra),
        "permissions.json": roles(reader=(["view"], ["*"]), loader=(["download"], ["*"])),
    }
    (finding,) = found(lint, "rule-order", files, plugin="0.11.4")
    assert finding.facts["built_in"] is True
    assert finding.witness is not None
    assert (finding.witness.who, finding.witness.answer) == ("the role reader", "permit")


def test_hidden_rules_never_decide(tmp_path: Path) -> None:
    rules = [
        ["get", "^/a/([a-z]+)(|/.*)$", "one"],
        ["get", "^/b/([a-z]+)(|/.*)$", "two"],
        ["get", "^/(a|b)/([a-z]+)/x$", "three"],
        ["get", "^/a/([a-z]+)/[^/]*$", "one"],
    ]
    context = load_texts(tmp_path, {"orthanc.json": configuration(Permissions=rules)})
    (server,) = context.deployment.servers
    hidden = hidden_rules(server, context)
    assert [one.rule.pattern for one in hidden] == [rules[2][1], rules[3][1]]
    policy = usable_policy(server, context)
    assert policy is not None
    for one in hidden:
        for decider, path in one.deciders:
            assert one.rule.compiled.matches(path)
            assert policy.first_rule("GET", path) is decider


def test_what_cannot_be_proved_says_sampled(lint) -> None:
    rules = [["get", "^/(.*)$", "all|view"], ["get", "^/my-plugin/([a-z]+)/\\1$", "admin-permissions"]]
    (finding,) = found(lint, "rule-order", {"orthanc.json": configuration(Permissions=rules)})
    assert finding.confidence is Confidence.SAMPLED
    assert "sampled with the seed 0" in finding.message


def test_redundant_rules_can_go(tmp_path: Path) -> None:
    rules = [
        ["get", "^/statistics$", "all|view"],
        ["get", "^/changes$", "all|settings"],
        ["get", "^/(statistics|changes|exports)$", "all|view"],
    ]
    context = load_texts(tmp_path, {"orthanc.json": configuration(Permissions=rules)})
    redundant = [finding.facts["subject"] for finding in findings_of(registry()["redundant-rule"], context)]
    assert redundant == ["GET ^/statistics$"]


# -- one mistake, one finding ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        (["get", "^/DICOM_WEB_ROOT/(servers)/(.*)/stow$", "all|send"], "stow-with-get"),
        (["get", "^/tools/find$", "all|view"], "stow-with-get"),
        (["post", "^/tools/fnd$", "all|view"], "unknown-route"),
        (["get", "^/Studies$", "all|view"], "unknown-route"),
        (["get", "studies", "all|view"], "regex-anchors"),
        (["get", "^/modalities\\?expand$", "all|view"], "regex-anchors"),
        (["get", "^/stone-webviewer", ""], "regex-anchors"),
        (["get", "^/studies$/archive", "all|view"], "vacuous-pattern"),
        (["get", "^/dicom-web/modalities$", "all|view"], "dicomweb-modalities"),
        (["get", "^DICOM_WEB_ROOT/studies$", "all|view"], "dicomweb-root-misuse"),
        (["get", "^/DICOMWEB_ROOT/studies$", "all|view"], "dicomweb-root-misuse"),
        (["get", "^SINGLE_RESOURCE_PATTERNS$", "all|view"], "single-resource-patterns"),
        (["get", "SINGLE_RESOURCES_PATTERN", "all|view"], "single-resource-patterns"),
        (["post", "^/my-own-route$", "all|view"], "unknown-route"),
    ],
)
def test_a_rule_that_matches_nothing_is_told_once(row: list[str], rule: str, lint) -> None:
    diagnoses = {
        "stow-with-get", "unknown-route", "regex-anchors", "vacuous-pattern", "dicomweb-modalities",
        "dicomweb-root-misuse", "single-resource-patterns", "rule-order", "shadowed-rule", "redundant-rule",
    }  # fmt: skip
    result = lint({"orthanc.json": configuration(ExtraPermissions=[row])}, settings=AUDITOR, plugin="0.11.4")
    assert [finding.rule for finding in result.findings if finding.rule in diagnoses] == [rule]


@pytest.mark.parametrize(
    "row",
    [
        ["get", "^/studies/6b9e19d9-62094390-5f9ddb01-4a191ae7-9766b715/(archive|media)$", "all"],
        ["get", "^/[a-z]+/[0-9a-f-]+/archive/?$", "all|download"],
        ["put", "^/webdav/.*$", "all|upload"],
        ["get", "^/app/explorer\\.html$", ""],
        ["delete", "^/studies/[a-f0-9-]{44}/labels/x$", "all"],
        ["put", "^/auth/tokens/(ohif-viewer-publication)$", "all|share"],
    ],
)
def test_rules_for_routes_that_exist_are_no_mistake(row: list[str], lint) -> None:
    files = {"orthanc.json": configuration(Permissions=[*BASE[:1], row, *BASE[1:]])}
    silent = ("stow-with-get", "unknown-route", "regex-anchors", "vacuous-pattern", "pattern-too-complex")
    assert [finding.message for rule in silent for finding in found(lint, rule, files)] == []


# -- clients and labels ------------------------------------------------------------------------------------------------


def test_named_clients_are_judged(lint) -> None:
    files = {"orthanc.json": configuration(), "permissions.json": roles(external=(["view"], ["external"]))}
    named = Settings(select=("RTE",), clients=("fiji (ImageJ extension of Orthanc)",))
    (finding,) = found(lint, "labels-and-lists", files, named)
    assert finding.facts["clients"] == ("fiji (ImageJ extension of Orthanc)",)
    assert found(lint, "labels-and-lists", files, REGULAR) == []
    searching = Settings(select=("RTE",), clients=("pyorthanc",))
    (finding,) = found(lint, "labels-find-levels", files, searching)
    assert finding.facts["levels"] == ("Patient", "Series", "Instance")
    slicer = Settings(select=("RTE",), clients=("3d-slicer",))
    assert [one.facts["subject"] for one in found(lint, "viewer-no-token", files, slicer)] == ["3d-slicer"]


def test_every_client_can_be_named(lint) -> None:
    files = {"orthanc.json": configuration(Permissions=BASE)}
    for client in clients():
        lint(files, settings=Settings(persona=Persona.AUDITOR, select=("RTE",), clients=(client,)))


@pytest.mark.parametrize(("option", "expected"), [(None, False), (False, False), (True, True)])
def test_code_runs_only_where_it_is_switched_on(option: bool | None, expected: bool, lint) -> None:
    text = json.loads(configuration(ExtraPermissions=[["post", "^/tools/execute-script$", "view"]]))
    if option is not None:
        text["ExecuteLuaEnabled"] = option
    files = {"orthanc.json": json.dumps(text), "permissions.json": roles(reader=(["view"], ["*"]))}
    assert bool(found(lint, "dangerous-route-granted", files, REGULAR)) is expected


def test_label_bypass_names_only_limited_roles(lint) -> None:
    files = {
        "orthanc.json": configuration(ExtraPermissions=[["post", "^/tools/create-archive$", "download"]]),
        "permissions.json": roles(inside=(["download"], ["*"]), outside=(["download"], ["external"])),
    }
    (finding,) = found(lint, "label-bypass-own-route", files, REGULAR)
    assert finding.facts["who"] == ("the role outside",)


def test_gives_up_path_is_the_shortest_of_its_shape(tmp_path: Path) -> None:
    files = {"orthanc.json": configuration(ExtraPermissions=[["get", "^/x/([a-z]+)*$", "view"]])}
    context = load_texts(tmp_path, files)
    (finding,) = findings_of(registry()["pattern-too-complex"], context)
    (server,) = context.deployment.servers
    (own,) = own_rules(server, context)
    path = str(finding.facts["path"])
    assert own.rule.compiled.gives_up(path)
    shorter = re.sub(r"(.)(\W*)$", r"\2", path, count=1)
    assert len(shorter) < len(path)
    assert not own.rule.compiled.gives_up(shorter)


# -- fixes -------------------------------------------------------------------------------------------------------------


def applied(finding: Finding) -> str:
    """The text of the fixed file."""
    from policy.text import edits

    assert finding.fix is not None
    ((source, changes),) = finding.fix.operations
    assert source is finding.location.source
    return edits.apply(source.document, changes).decode("utf-8")


@pytest.mark.parametrize(
    ("rule", "row"),
    [
        ("stow-with-get", ["get", "^/transfers/send$", "all|send"]),
        ("unknown-route", ["post", "^/transfer/send$", "all|send"]),
        ("regex-anchors", ["get", "^/stone-webview", ""]),
        ("regex-anchors", ["get", "^/wsi/pyramids", "all|view"]),
        ("regex-anchors", ["post", "transfers/send", "all|send"]),
        ("dicomweb-modalities", ["get", "^/DICOM_WEB_ROOT/storage-commitment/(.*)$", "all|view"]),
        ("dicomweb-root-misuse", ["delete", "^DICOM_WEB_ROOT/servers/(.*)$", "all"]),
        ("single-resource-patterns", ["delete", "^SINGLE_RESOURCE_PATTERNS$", "all"]),
        ("vacuous-pattern", ["post", "^/a$/b", "all"]),
        ("redundant-rule", ["get", "^/plugins/my-plugin/(.*)$", "all|view"]),
    ],
)
def test_after_its_fix_a_finding_is_gone(rule: str, row: list[str], lint) -> None:
    text = configuration(ExtraPermissions=[["post", "^/transfers/pull$", "all|send"], row])
    (finding,) = found(lint, rule, {"orthanc.json": text}, plugin="0.11.4")
    after = applied(finding)
    assert after != text
    assert found(lint, rule, {"orthanc.json": after}, plugin="0.11.4") == []


def test_only_one_of_two_equal_rules_goes(lint) -> None:
    rules = [["get", "^/(x|y)$", "all|view"], ["get", "^/(y|x)$", "all|view"]]
    (finding,) = found(lint, "redundant-rule", {"orthanc.json": configuration(Permissions=rules)})
    assert finding.facts["earlier"] is True
