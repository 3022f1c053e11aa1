"""What a policy is made of: rules with origins, settings by version, the graph."""

from __future__ import annotations

from typing import Any

import pytest

from policy import Policy, ServerRefuses, UnknownVersion
from policy.engine import Effect, Level, Reason
from policy.engine.behaviour import behaviour
from policy.engine.graph import ANYBODY
from policy.engine.request import Seen, Stopped, arguments_of, headers_of, path_of, see
from policy.testing import Archive, Service

ROOT = "http://auth/"


def make(plugin: str = "0.11.4", top: Any = None, locate: Any = None, **section: Any) -> Policy:
    configuration = {
        "AuthenticationEnabled": False,
        "Authorization": {"WebServiceRootUrl": ROOT, **section},
        **(top or {}),
    }
    roles = {"roles": {"viewer": {"permissions": ["view"], "authorized-labels": ["red"]}}, "available-labels": []}
    return Policy.from_configuration(configuration, plugin=plugin, permissions=roles, locate=locate)


def test_built_in_rules_know_their_version() -> None:
    policy = make()
    assert policy.rules[0].origin.by == "default"
    assert policy.rules[0].origin.name == "0.11.4"
    expanded = [rule for rule in policy.rules if rule.origin.alias]
    assert len(expanded) == 9
    assert {rule.origin.alias for rule in expanded} == {"SINGLE_RESOURCE_PATTERNS"}
    assert [rule.index for rule in policy.rules] == list(range(len(policy.rules)))


def test_written_rules_know_their_place() -> None:
    places = {("Authorization", "Permissions", 1): "file.json:7:3"}
    policy = make(
        Permissions=[["get", "^/a$", "view"], ["Put", "^/b$", ""]], ExtraPermissions=[["get", "^/c$", "x|y"]],
        locate=places.get,
    )  # fmt: skip
    assert [(rule.method, rule.pattern, rule.permissions) for rule in policy.rules] == [
        ("GET", "^/a$", {"view"}),
        ("PUT", "^/b$", frozenset()),
        ("GET", "^/c$", {"x", "y"}),
    ]
    assert [rule.location for rule in policy.rules] == [None, "file.json:7:3", None]
    assert [rule.origin.path[1:] for rule in policy.rules] == [
        ("Permissions", 0),
        ("Permissions", 1),
        ("ExtraPermissions", 0),
    ]
    assert [rule.open for rule in policy.rules] == [False, True, False]


def test_extra_permissions_are_ignored_before_they_existed() -> None:
    extra = [["get", "^/c$", "x"]]
    assert len(make("0.9.4", ExtraPermissions=extra).rules) + 1 == len(
        make("0.10.0", ExtraPermissions=extra, Permissions=[]).rules
    ) + len(make("0.9.4").rules)


@pytest.mark.parametrize(
    ("root", "pattern"),
    [("/dicom-web/", "^/dicom-web/x$"), ("/a.b/", "^/a.b/x$"), ("/", "^///x$"), ("/a//", "^/a//x$"), ("a", "^/a/x$")],
)
def test_the_root_is_put_in_once_and_unescaped(root: str, pattern: str) -> None:
    policy = make(top={"DicomWeb": {}, "Root": root}, Permissions=[["get", "^/DICOM_WEB_ROOT/x$", "view"]])
    assert policy.rules[0].pattern == pattern


def test_the_root_of_the_dicomweb_section_never_arrives() -> None:
    policy = make(top={"DicomWeb": {"Root": "/other/"}})
    assert policy.settings.dicom_web_root == "/dicom-web/"
    assert not any("other" in rule.pattern for rule in policy.rules)


@pytest.mark.parametrize(
    ("plugin", "section", "levels"),
    [
        ("0.11.4", {}, set(Level)),
        ("0.11.4", {"CheckedLevel": "Studies"}, {Level.STUDY}),
        ("0.5.3", {"CheckedLevel": "Studies"}, {Level.STUDY, Level.SYSTEM}),
        ("0.11.4", {"CheckedLevel": "system"}, set(Level)),
        ("0.11.4", {"UncheckedLevels": ["patients", "system"]}, {Level.STUDY, Level.SERIES, Level.INSTANCE}),
        ("0.11.4", {"UncheckedLevels": []}, set(Level)),
    ],
)
def test_levels(plugin: str, section: Any, levels: set[Level]) -> None:
    assert make(plugin, **section).levels == levels


def test_credentials_are_in_the_plugins_order() -> None:
    policy = make(
        TokenHttpHeaders=["token", "api-key", "Zeta"], TokenGetArguments="jwt", StandardConfigurations=["ohif", "nonsense"]
    )  # fmt: skip
    assert [(one.kind, one.name, one.origin.by) for one in policy.credentials] == [
        ("header", "Authorization", "standard"),
        ("header", "Zeta", "configuration"),
        ("header", "api-key", "configuration"),
        ("header", "token", "configuration"),
        ("argument", "jwt", "configuration"),
    ]
    assert [(one.kind, one.path, one.origin.name) for one in policy.unchecked] == [("folder", "/ohif/", "ohif")]


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"Permissions": [["get", "^/(x$", "view"]]}, "pattern"),
        ({"Permissions": [["fetch", "^/x$", "view"]]}, "Invalid HTTP method fetch"),
        ({"CheckedLevel": "studies", "UncheckedLevels": []}, "only provide one of"),
        ({"TokenHttpHeaders": None}, "not a list of strings"),
        ({"WebServiceUsername": "u", "WebServicePassword": 5}, "not a string"),
    ],
)
def test_refusals_have_words(section: Any, words: str) -> None:
    with pytest.raises(ServerRefuses, match=words):
        make(**section)


def test_a_password_is_not_read_without_a_user() -> None:
    assert make(WebServicePassword=5).off is None


@pytest.mark.parametrize(("plugin", "starts"), [("0.8.2", False), ("0.9.0", True)])
def test_authentication_beside_the_filter(plugin: str, starts: bool) -> None:
    def build() -> Policy:
        return Policy.from_configuration({"Authorization": {"WebServiceRootUrl": ROOT}}, plugin=plugin)

    if starts:
        assert build().off is None
    else:
        with pytest.raises(ServerRefuses, match="AuthenticationEnabled"):
            build()


def test_empty_token_names() -> None:
    assert make("0.6.0", TokenHttpHeaders=[""]).credentials[0].name == ""
    with pytest.raises(ServerRefuses):
        make("0.5.3", TokenHttpHeaders=[""])


@pytest.mark.parametrize("version", ["0.4.1", "0.3.0"])
def test_releases_without_rules_are_not_modelled(version: str) -> None:
    with pytest.raises(UnknownVersion):
        make(version)


def test_versions_nobody_knows() -> None:
    with pytest.raises(UnknownVersion):
        make("9.9.9")


def test_behaviour_ends_where_it_says() -> None:
    assert behaviour("0.11.1").search_arguments_lower_case_only
    assert not behaviour("0.11.2").search_arguments_lower_case_only
    assert behaviour("0.9.4").answers_lose_labels_of_instances
    assert not behaviour("0.10.0").answers_lose_labels_of_instances


def test_resources_of_a_path() -> None:
    policy = make()
    series = policy.resources_of("/dicom-web/studies/1.2/series/3.4/metadata")
    assert (series.level, series.ids, series.by_uid) == (Level.SERIES, ("1.2", "3.4"), True)
    assert policy.resources_of("/osimis-viewer/custom-command/ab/x").ids == ("ab",)
    assert policy.resources_of("/web-viewer/instances/jpeg95-ab-cd_0").ids == ("ab-cd",)
    assert policy.resources_of("/system").level is Level.SYSTEM
    found = policy.resources_of("/dicom-web/studies", {"PATIENTID": "P"})
    assert (found.level, found.ids) == (Level.PATIENT, ("P",))
    assert policy.is_list_of_resources("/studies/")
    assert not policy.is_list_of_resources("/studies//")


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ("/a/./b//c/../d", "/a/b/d"),
        ("/..", "/"),
        ("/a%2F%2e%2e%2Fb", "/b"),
        ("/a%00b", "/a"),
        ("/a+b%2B", "/a b+"),
        ("/a\\b", "/a/b"),
        ("/a./b.../c.", "/a/b/c"),
        ("/a%zz%4", "/a%zz%4"),
        ("/%e9", "/\udce9"),
        ("/é", None),
        ("/a b", None),
        ("*", None),
        ("", None),
    ],
)
def test_paths_as_the_web_server_sees_them(raw: str, path: str | None) -> None:
    assert path_of(raw) == path


def test_arguments_and_headers() -> None:
    assert arguments_of("a=1&a=2&b&=x&c=%41+%zz%4") == (("a", "1"), ("a", "2"), ("b", ""), ("", "x"), ("c", "A %zz%4"))
    assert headers_of([("Token", " a "), (b"TOKEN", b"b")]) == {"token": "a "}
    seen = see("GET", "/x?a=1&a=2", {})
    assert isinstance(seen, Seen)
    assert seen.arguments == {"a": "2"}
    posted = see("POST", "/x?a=1", {})
    assert isinstance(posted, Seen)
    assert posted.arguments == {}


@pytest.mark.parametrize(
    ("verb", "target", "headers", "method"),
    [
        ("HEAD", "/x", {}, "GET"),
        ("MKCOL", "/x", {}, "PUT"),
        ("HEAD", "/x", {"x-http-method-override": "delete"}, "DELETE"),
        ("GET", "/x?_method=put", {"x-http-method-override": ""}, "GET"),
        ("OPTIONS", "/x", {"x-http-method-override": "POST"}, "GET"),
        ("POST", "/x", {"x-http-method-override": "POST"}, None),
        ("TRACE", "/x", {}, None),
    ],
)
def test_methods_as_the_core_fakes_them(verb: str, target: str, headers: Any, method: str | None) -> None:
    seen = see(verb, target, headers)
    assert (None if isinstance(seen, Stopped) else seen.method) == method


def test_the_graph() -> None:
    policy = make(
        Permissions=[["get", "^/a$", "view"], ["get", "^/b$", ""]], UncheckedFolders=["/c/"], TokenHttpHeaders=["token"]
    )
    graph = policy.graph(["GET /a", "GET /c/d", "GET /none"])
    assert graph.has_edge(("rule", 0), ("permission", "view"))
    assert graph.has_edge(("permission", "view"), ("role", "viewer"))
    assert graph.has_edge(("role", "viewer"), ("label", "red"))
    assert graph.has_edge(("rule", 1), ANYBODY)
    assert list(graph.successors(("route", "GET /c/d"))) == [("unchecked", "/c/")]
    assert list(graph.successors(("route", "GET /none"))) == []
    assert policy.paths("viewer", "GET /a") == (
        (("route", "GET /a"), ("rule", 0), ("permission", "view"), ("role", "viewer")),
    )
    assert policy.paths(None, "GET /a") == ()
    assert policy.paths(None, "GET /b")[0][-1] == ANYBODY


def test_who_can_and_routes_of() -> None:
    policy = make(
        Permissions=[["get", "^/studies/.*$", "view"], ["get", "^/b$", ""]], CheckedLevel="study", TokenHttpHeaders=["token"]
    )  # fmt: skip
    assert [(one.role, one.decision.effect) for one in policy.who_can("GET /studies/aa")] == [
        ("viewer", Effect.CONDITIONAL)
    ]
    assert [one.role for one in policy.who_can("GET /b")] == ["", "viewer"]
    assert [route for route, _ in policy.routes_of(None, ["/b", "/studies/aa", "/x"])] == ["/b"]


def test_route_classes_are_decided_by_their_rule() -> None:
    policy = make(Permissions=[["get", "^/a.*$", "view"], ["get", "^/ab$", "view"], ["put", "^/(a+)+x(?=y)$", ""]])
    classes = [(one.method, one.rule.index if one.rule else None, one.witness) for one in policy.route_classes()]
    assert classes == [
        ("GET", 0, "/a"),
        ("GET", None, "/"),
        ("POST", None, "/"),
        ("PUT", None, "/"),
        ("DELETE", None, "/"),
    ]
    whole = make()
    assert all(whole.first_rule(one.method, one.witness or "") == one.rule for one in whole.route_classes())
    graph = policy.graph(classes=True)
    assert graph.has_edge(("class", ("GET", 0)), ("rule", 0))
    assert ("class", ("GET", 1)) not in graph


def test_reasons_say_what_they_mean() -> None:
    assert str.__eq__(Reason.NO_RULE, "no-rule")
    assert str(Reason.NO_RULE) == "no-rule"
    assert Reason.NO_RULE.text.startswith("No rule of this method matches the path")
    assert all(one.text.endswith(".") for one in Reason)
    assert len({one.value for one in Reason}) == len(Reason)


def test_a_release_reads_only_the_options_it_knows() -> None:
    addresses = {"WebServiceRootUrl": "http://auth/"}
    apart = {"WebServiceUserProfileUrl": "http://auth/profile", "WebServiceSettingsRolesUrl": 5}
    for section, version, starts in (
        (apart, "0.7.2", True),
        (apart, "0.8.0", False),
        (addresses | apart, "0.8.0", True),
        (addresses | {"EnableAuditLogs": "yes"}, "0.9.4", True),
        (addresses | {"EnableAuditLogs": "yes"}, "0.10.0", False),
        (addresses | {"ExtraPermissions": None}, "0.9.4", True),
        (addresses | {"ExtraPermissions": None}, "0.10.0", False),
    ):
        configuration = {"AuthenticationEnabled": False, "Authorization": section}
        try:
            started = Policy.from_configuration(configuration, plugin=version).off is None
        except ServerRefuses:
            started = False
        assert started is starts, (section, version)


def test_resources_of_an_archive_are_a_set_in_byte_order() -> None:
    assert make().resources_of("/tools/create-archive", {"resources": "b1,a2,,b1,B0"}).ids == ("B0", "a2", "b1")
    assert make().resources_of("/tools/create-media/", {"resources": ""}).ids == ()


@pytest.mark.parametrize(
    ("core", "users"),
    [
        ({}, None),
        ({"RemoteAccessAllowed": True}, {"orthanc": "orthanc"}),
        ({"RemoteAccessAllowed": True, "RegisteredUsers": {}}, {}),
        ({"RemoteAccessAllowed": True, "AuthenticationEnabled": False}, None),
        ({"AuthenticationEnabled": True}, {}),
        ({"AuthenticationEnabled": True, "RegisteredUsers": {"u": "p"}}, {"u": "p"}),
    ],
)
def test_users_of_the_core(core: Any, users: Any) -> None:
    assert Policy.from_configuration(core, plugin="0.11.4").settings.core.users == users


@pytest.mark.parametrize("users", [None, [], {"u": 5}, {"u": ["p"]}])
def test_users_of_another_shape_stop_the_core(users: Any) -> None:
    with pytest.raises(ServerRefuses, match="Badly formatted list of users"):
        Policy.from_configuration({"AuthenticationEnabled": True, "RegisteredUsers": users}, plugin="0.11.4")


@pytest.mark.parametrize(
    ("method", "target", "status"), [("GET", "/é", 400), ("GET", "/x", 401), ("PATCH", "/x", 401), ("PATCH", "*", 400)]
)
def test_the_web_server_comes_before_the_core(method: str, target: str, status: int) -> None:
    policy = make(top={"AuthenticationEnabled": True, "RegisteredUsers": {"u": "p"}})
    assert policy.decide_request(method, target, [], service=Service(), archive=Archive({})).status == status


def test_a_root_that_breaks_the_patterns_stops_the_server() -> None:
    top = {"DicomWeb": {}, "Root": "/a(b/"}
    rules = [["get", "^/x$", "view"]]
    with pytest.raises(ServerRefuses, match="root"):
        make(top=top, Permissions=rules)
    assert make(top={"Root": "/a(b/"}, Permissions=rules).off is None, "without the section nobody looks at it"
    # 0.6.x knows the patterns only where share tokens are asked for.
    apart = {"WebServiceUserProfileUrl": ROOT, "Permissions": rules}
    for address, starts in (({}, True), ({"WebServiceTokenValidationUrl": ROOT}, False)):
        configuration = {"AuthenticationEnabled": False, "Authorization": apart | address, **top}
        try:
            started = Policy.from_configuration(configuration, plugin="0.6.2").off is None
        except ServerRefuses:
            started = False
        assert started is starts
