"""How the orthancteam/orthanc image builds its configuration: each rule of its start script, seen from a deployment.

The outcomes are those that the script of 26.8.1 showed when it was run, or that its source says.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policy.configuration.deployment import Deployment, OrthancServer
from policy.configuration.loading import load
from policy.configuration.setting import Means
from policy.configuration.variables import Use, reading
from policy.knowledge import environment
from policy.knowledge.versions import Version

NEWEST = "26.8.1"
QUIET = {"ORTHANC__AUTHENTICATION_ENABLED": "false"}
"""Keeps the newest image from stopping for want of a registered user."""


class Case:
    """One container of the image with files and variables."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(
        self,
        variables: dict[str, str] | None = None,
        files: dict[str, str] | None = None,
        secrets: dict[str, str] | None = None,
        tag: str = NEWEST,
        extra: str = "",
    ) -> Deployment:
        lines = ["services:", "  orthanc:", f"    image: orthancteam/orthanc:{tag}"]
        if extra:
            lines.append(f"    {extra}")
        if variables:
            lines.append("    environment:")
            lines.extend(f"      {name}: {json.dumps(value.replace('$', '$$'))}" for name, value in variables.items())
        if files:
            lines.append("    volumes:")
        for index, (target, content) in enumerate((files or {}).items()):
            (self.folder / f"file{index}").write_text(content, encoding="utf-8")
            lines.append(f"      - ./file{index}:{target}")
        if secrets:
            lines.append(f"    secrets: [{', '.join(secrets)}]")
            for name, content in secrets.items():
                (self.folder / f"secret-{name}").write_text(content, encoding="utf-8")
            lines.append("secrets:")
            lines.extend(f"  {name}: {{file: ./secret-{name}}}" for name in secrets)
        (self.folder / "docker-compose.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return load(["docker-compose.yml"], here=self.folder, env={})

    def server(self, *arguments: Any, **options: Any) -> OrthancServer:
        [server] = self.load(*arguments, **options).servers
        return server


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def value(server: OrthancServer, *path: str) -> Any:
    setting = server.configuration.get(*path)
    return setting.python() if setting is not None else "absent"


def rules(server: OrthancServer) -> list[str | None]:
    return [stop.rule for stop in server.stops]


def test_every_rule_of_the_script_has_its_test() -> None:
    tested = {name.removeprefix("test_").replace("_", "-") for name in globals() if name.startswith("test_")}
    assert [] == [step.id for step in environment.steps() if not any(name.startswith(step.id) for name in tested)]


# Stage 1: files


def test_files(case: Case) -> None:
    server = case.server(
        QUIET,
        {
            "/etc/orthanc/a.json": '{"Name": "A"}',
            "/etc/orthanc/b.jsonc": '{"HttpPort": 1}',
            "/etc/orthanc/c.JSON": '{"HttpPort": 2}',
            "/etc/orthanc/.d.json": '{"HttpPort": 3}',
            "/etc/orthanc/sub/e.json": '{"HttpPort": 4}',
            "/run/secrets/f.json": '{"DicomPort": 5}',
        },
    )
    assert ("A", "absent", 5) == (value(server, "Name"), value(server, "HttpPort"), value(server, "DicomPort"))
    assert () == server.stops


def test_files_not_read_are_named(case: Case) -> None:
    deployment = case.load(QUIET, {"/etc/orthanc/b.jsonc": '{"Name": "A"}', "/etc/orthanc/sub/e.json": '{"Name": "B"}'})
    assert ["file0", "file1"] == sorted(found.source.path for found in deployment.ignored if found.source is not None)
    [server] = deployment.servers
    assert "absent" == value(server, "Name")


def test_file_order(case: Case) -> None:
    server = case.server(QUIET, {"/etc/orthanc/a.json": '{"Name": "A"}', "/etc/orthanc/b.json": '{"Name": "B"}'})
    entry = server.configuration.entry("Name")
    assert entry is not None
    assert entry.replaced is not None
    assert ("B", "A", True) == (entry.setting.value, entry.replaced.setting.value, entry.undetermined)


def test_file_order_of_the_folders_is_fixed(case: Case) -> None:
    server = case.server(QUIET, {"/run/secrets/a.json": '{"Name": "S"}', "/etc/orthanc/b.json": '{"Name": "B"}'})
    entry = server.configuration.entry("Name")
    assert entry is not None
    assert ("S", False) == (entry.setting.value, entry.undetermined)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("$A", "va"),
        ("${A}", "va"),
        ("$U", ""),
        ("${U}", ""),
        ("${E:-d}", "d"),
        ("${U-d}", "d"),
        ("${E-d}", ""),
        ("${U:-}", ""),
        ("${ A }", ""),
        ("$1", ""),
        ("$0", "generateConfiguration.py"),
        ("$$A", "$va"),
        ("a$", "a$"),
        ("^/x$", "^/x$"),
        ("(a|b)$", "(a|b)$"),
        ("pa$word", "pa"),
        ("\\\\$A", "\\$A"),
    ],
)
def test_file_envsubst(case: Case, written: str, expected: str) -> None:
    server = case.server(QUIET | {"A": "va", "E": ""}, {"/etc/orthanc/a.json": f'{{"Name": "{written}"}}'})
    assert expected == value(server, "Name")


def test_file_envsubst_keeps_the_quotes_of_a_default(case: Case) -> None:
    server = case.server(QUIET, {"/etc/orthanc/a.json": '{"Name": "${U:-"d"}"}'})
    assert "the image cannot parse file0" in server.stops[0].reason


def test_file_envsubst_of_empty_braces(case: Case) -> None:
    server = case.server(QUIET, {"/etc/orthanc/a.json": '{"Name": "${}"}'})
    assert ["empty-braces"] == rules(server)


def test_file_envsubst_began_with_23_6_1(case: Case) -> None:
    files = {"/etc/orthanc/a.json": '{"Name": "pa$word"}'}
    assert ["pa", "pa$word"] == [value(case.server(QUIET, files, tag=tag), "Name") for tag in ("23.6.1", "23.6.0")]


def test_file_envsubst_keeps_places(case: Case) -> None:
    server = case.server(QUIET | {"LONG": "x" * 40}, {"/etc/orthanc/a.json": '{"A": "$LONG", "Name": "N"}'})
    name = server.configuration.get("Name")
    assert name is not None
    assert "file0:1:24" == str(name.origin.location)


def test_file_parse(case: Case) -> None:
    server = case.server(QUIET, {"/etc/orthanc/a.json": '{"Name" /* x */ : "A", // y\n "L": [ /* none */ ]}'})
    assert ("A", [], ()) == (value(server, "Name"), value(server, "L"), server.stops)


def test_file_parse_failure_first(case: Case) -> None:
    server = case.server(QUIET, {"/etc/orthanc/a.json": '{\n"Name": "A",\n}'})
    [stop] = server.stops
    assert ("file0:2:12", True) == (str(stop.location), "the container stops" in stop.reason)


def test_file_parse_failure_later(case: Case) -> None:
    broken = '{"Authorization": {"WebServiceRootUrl": "http://a:8000/",}}'
    deployment = case.load(QUIET, {"/etc/orthanc/a.json": '{"Name": "A"}', "/etc/orthanc/b.json": broken})
    [server] = deployment.servers
    assert ("A", "absent", ()) == (value(server, "Name"), value(server, "Authorization"), server.stops)
    [ignored] = deployment.ignored
    assert "starts without this file" in ignored.reason


# Stage 2: variables


def test_env_order(case: Case) -> None:
    files = {"/etc/orthanc/a.json": '{"Name": "file"}'}
    server = case.server(QUIET | {"ORTHANC__NAME": "variable"}, files)
    assert "variable" == value(server, "Name")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("ORTHANC__DICOM_WEB__PUBLIC_ROOT", "DicomWeb.PublicRoot"),
        ("ORTHANC__Authorization__WebServiceRootUrl", "Authorization.Webservicerooturl"),
        ("ORTHANC__ORTHANC_EXPLORER_2__UI_OPTIONS__OHIF_VIEWER3_PUBLIC_ROOT",
         "OrthancExplorer2.UiOptions.OhifViewer3PublicRoot"),
        ("ORTHANC__DE_IDENTIFY_LOGS", "DeIdentifyLogs"),
        ("ORTHANC__dicom_port", "dicomport"),
    ],
)  # fmt: skip
def test_env_name(case: Case, name: str, path: str) -> None:
    assert "v" == value(case.server(QUIET | {name: "v"}), *path.split("."))


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("ORTHANC__OHIF__DATA_SOURCE", "OHIF.DataSource"),
        ("ORTHANC__POSTGRESQL__HOST", "PostgreSQL.Host"),
        ("ORTHANC__MYSQL__ENABLE_SSL", "MySQL.EnableSsl"),
        ("ORTHANC__OHIF__ROUTER_BASE_NAME", "OHIF.RouterBaseName"),
        ("ORTHANC__OHIF__ROUTER_BASENAME", "OHIF.RouterBasename"),
    ],
)
def test_env_name_prefix_rewrites(case: Case, name: str, path: str) -> None:
    assert "v" == value(case.server(QUIET | {name: "v"}), *path.split("."))


def test_env_name_prefix_rewrites_had_an_alias_before(case: Case) -> None:
    server = case.server(QUIET | {"ORTHANC__OHIF__ROUTER_BASE_NAME": "v"}, tag="25.11.0")
    assert "v" == value(server, "OHIF", "RouterBasename")


@pytest.mark.parametrize("name", ["ORTHANC__AUTHORIZATION__X_", "ORTHANC__A___B", "ORTHANC__", "ORTHANC__A____B"])
def test_env_name_crash(case: Case, name: str) -> None:
    assert ["malformed-variable-name"] == rules(case.server(QUIET | {name: "v"}))


@pytest.mark.parametrize(
    ("name", "path"), [(alias.variable, alias.path) for alias in environment.aliases() if alias.versions.until is None]
)
def test_env_alias(case: Case, name: str, path: str) -> None:
    assert 1 == value(case.server(QUIET | {name: "1"}), *path.split("."))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("12", 12),
        ("1.5", 1.5),
        ('"quoted"', "quoted"),
        ("[1, 2]", [1, 2]),
        ('{"a": {"b": 1}}', {"a": {"b": 1}}),
        ("True", "True"),
        ("FALSE", "FALSE"),
        ("yes", "yes"),
        ("", ""),
        ("123456", 123456),
        ("0123", "0123"),
        ("http://x/", "http://x/"),
    ],
)
def test_env_value(case: Case, written: str, expected: object) -> None:
    found = value(case.server(QUIET | {"ORTHANC__NAME": written}), "Name")
    assert (expected, type(expected)) == (found, type(found))


@pytest.mark.parametrize("written", ["NaN", "Infinity", "-Infinity", "1e999", '{"a": NaN}'])
def test_env_value_that_the_core_cannot_read(case: Case, written: str) -> None:
    assert ["nan-through-script"] == rules(case.server(QUIET | {"ORTHANC__X": written}))


@pytest.mark.parametrize("written", ['{"a": 1,}', '{"a": 1 // b\n}', "[1,]"])
def test_env_value_comments(case: Case, written: str) -> None:
    assert written == value(case.server(QUIET | {"ORTHANC__AUTHORIZATION": written}), "Authorization")


def test_env_json(case: Case) -> None:
    held = '{"Name": "A", // b\n "Authorization": {"CheckedLevel": "studies"}}'
    server = case.server(QUIET | {"ORTHANC_JSON": held}, {"/etc/orthanc/a.json": '{"Name": "file", "HttpPort": 1}'})
    assert ("A", "studies", 1) == (
        value(server, "Name"),
        value(server, "Authorization", "CheckedLevel"),
        value(server, "HttpPort"),
    )


def test_env_json_is_not_substituted_by_the_script(case: Case) -> None:
    server = case.server(QUIET | {"A": "va", "ORTHANC_JSON": '{"Name": "$A and ${A}"}'})
    assert "$A and va" == value(server, "Name")


def test_env_json_broken(case: Case) -> None:
    server = case.server(QUIET | {"ORTHANC_JSON": '{"Name": "A",}'})
    assert ["orthanc-json-syntax"] == rules(server)
    assert "exit -1" in server.stops[0].reason


@pytest.mark.parametrize("held", ["[1]", '"x"', "1"])
def test_env_json_that_is_no_object(case: Case, held: str) -> None:
    assert 1 == len(case.server(QUIET | {"ORTHANC_JSON": held}).stops)


def test_env_json_order(case: Case) -> None:
    held = {"ORTHANC_JSON": '{"Name": "json"}'}
    name = {"ORTHANC__NAME": "variable"}
    first, second = case.server(QUIET | held | name), case.server(QUIET | name | held)
    assert ("variable", "json") == (value(first, "Name"), value(second, "Name"))
    entries = [server.configuration.entry("Name") for server in (first, second)]
    assert [True, True] == [entry is not None and entry.undetermined for entry in entries]


def test_env_secret_suffix(case: Case) -> None:
    server = case.server(
        QUIET | {"ORTHANC__AUTHORIZATION__WEB_SERVICE_PASSWORD_SECRET": "pw", "ORTHANC__X_SECRET": "none"},
        secrets={"pw": "hidden\n"},
    )
    password = server.configuration.get("Authorization", "WebServicePassword")
    assert password is not None
    assert ("hidden", Means.SECRET, "pw") == (password.value, password.origin.means, password.origin.name)
    assert ("absent", "absent") == (value(server, "X"), value(server, "XSecret"))


@pytest.mark.parametrize(
    ("written", "loaded"), [("true", True), ("false", False), ("False", True), ("0", True), ("no", True), ("", True)]
)
def test_env_plugin(case: Case, written: str, loaded: bool) -> None:
    server = case.server(QUIET | {"STONE_WEB_VIEWER_PLUGIN_ENABLED": written})
    assert server.enabled_plugins is not None
    assert loaded == ("StoneWebViewer" in server.enabled_plugins)


# Stage 3: secrets


def test_secrets(case: Case) -> None:
    server = case.server(
        QUIET | {"ORTHANC__NAME": "variable"},
        secrets={
            "ORTHANC__NAME": "12\n",
            "ORTHANC__HTTPS_CA_CERTIFICATES": "/x",
            "ORTHANC_JSON": '{"HttpPort": 1}',
            "DICOM_WEB_PLUGIN_ENABLED": "true",
        },
    )
    assert (12, "/x", "absent") == (
        value(server, "Name"),
        value(server, "HttpsCACertificates"),
        value(server, "HttpPort"),
    )
    assert server.enabled_plugins is not None
    assert "DicomWeb" not in server.enabled_plugins


def test_secrets_that_were_not_given_are_not_known(case: Case) -> None:
    extra = "secrets: [ORTHANC__AUTHORIZATION__WEB_SERVICE_PASSWORD]"
    server = case.server(QUIET, extra=extra)
    password = server.configuration.get("Authorization", "WebServicePassword")
    assert password is not None
    assert ("string", False) == (password.kind, password.known)


# Merge, defaults


def test_merge(case: Case) -> None:
    server = case.server(
        QUIET | {"ORTHANC__A__LIST": "[3]", "ORTHANC__A__B__C": "2", "ORTHANC__O": "1"},
        {"/etc/orthanc/a.json": '{"A": {"List": [1, 2], "B": {"C": 1, "D": 1}}, "O": {"x": 1}}'},
    )
    assert {"List": [3], "B": {"C": 2, "D": 1}} == value(server, "A")
    assert (1, ()) == (value(server, "O"), server.stops)


@pytest.mark.parametrize("before", ["null", "1", '"x"', "[]", "true"])
def test_merge_crash(case: Case, before: str) -> None:
    files = {"/etc/orthanc/a.json": f'{{"Authorization": {before}}}'}
    server = case.server(QUIET | {"ORTHANC__AUTHORIZATION__CHECKED_LEVEL": "studies"}, files)
    assert ["object-over-scalar"] == rules(server)


def test_merge_warning(case: Case) -> None:
    server = case.server(QUIET | {"ORTHANC__NAME": "v"}, {"/etc/orthanc/a.json": '{"Name": "f"}'})
    entry = server.configuration.entry("Name")
    assert entry is not None
    assert entry.replaced is not None
    assert ("docker-compose.yml:6:22", "file0:1:10") == (
        str(entry.setting.origin.location),
        str(entry.replaced.setting.origin.location),
    )


def test_merge_case(case: Case) -> None:
    server = case.server(
        QUIET | {"ORTHANC__DICOM_WEB__ROOT": "/b/"}, {"/etc/orthanc/a.json": '{"dicomWeb": {"Root": 1}}'}
    )
    assert ({"Root": 1}, "/b/") == (value(server, "dicomWeb"), value(server, "DicomWeb", "Root"))


def test_defaults(case: Case) -> None:
    server = case.server(QUIET | {"ORTHANC__STORAGE_DIRECTORY": "null"}, {"/etc/orthanc/a.json": '{"DicomWeb": {}}'})
    expected = {
        "StorageDirectory": None,
        "RemoteAccessAllowed": True,
        "AuthenticationEnabled": False,
        "HttpsCACertificates": "/etc/ssl/certs/ca-certificates.crt",
        "Plugins": ["/run/orthanc/plugins", "/usr/share/orthanc/plugins"],
        "DicomWeb": {"Enable": True},
    }
    assert expected == {key: value(server, key) for key in expected}


@pytest.mark.parametrize(("tag", "expected"), [("25.6.3", True), ("25.6.2", False), ("22.4.0", "absent")])
def test_defaults_of_the_user_interface(case: Case, tag: str, expected: object) -> None:
    assert expected == value(case.server(QUIET, tag=tag), "OrthancExplorer2", "IsDefaultOrthancUI")


@pytest.mark.parametrize(
    ("variables", "held", "section", "loaded"),
    [
        ({}, '{"Authorization": {}}', "Authorization", True),
        ({}, "{}", "Authorization", False),
        ({"AUTHORIZATION_PLUGIN_ENABLED": "true"}, "{}", "Authorization", True),
        ({"AUTHORIZATION_PLUGIN_ENABLED": "false"}, '{"Authorization": {}}', "Authorization", False),
        ({}, '{"StoneWebViewer": {}}', "StoneWebViewer", False),
        ({}, '{"OHIF": {}}', "OHIF", False),
        ({"OHIF_PLUGIN_ENABLED": "true"}, '{"OHIF": {}}', "OHIF", True),
        ({}, '{"VolView": {}}', "VolView", True),
        ({}, '{"PythonScript": "x.py"}', "Python", True),
        ({}, "{}", "OrthancExplorer2", True),
        ({"ORTHANC_EXPLORER_2_ENABLED": "false"}, "{}", "OrthancExplorer2", False),
        ({"OE2_ENABLED": "false"}, "{}", "OrthancExplorer2", True),
        ({"DW_ENABLED": "true"}, "{}", "DicomWeb", True),
    ],
)
def test_plugin_selection(case: Case, variables: dict[str, str], held: str, section: str, loaded: bool) -> None:
    server = case.server(QUIET | variables, {"/etc/orthanc/a.json": held}, tag="26.6.1")
    assert server.enabled_plugins is not None
    assert loaded == (section in server.enabled_plugins)


# Stage 5: checks


@pytest.mark.parametrize(
    "name", [*(row.variable for row in environment.legacy_variables()[::7]), "AUTHZ_ENABLED", "NAME"]
)
def test_deprecated(case: Case, name: str) -> None:
    stopped = [rules(case.server(QUIET | {name: "x"}, tag=tag)) for tag in ("26.6.1", "26.7.0")]
    assert [[], ["legacy-authz-env"]] == stopped


@pytest.mark.parametrize("row", environment.legacy_variables(), ids=lambda row: row.variable)
def test_deprecated_names_are_still_read_before(case: Case, row: environment.LegacyVariable) -> None:
    assert "x" == value(case.server({row.variable: "x"}, tag="26.6.1"), *row.path.split("."))


def test_password(case: Case) -> None:
    server = case.server({"ORTHANC_PASSWORD": "12345"})
    assert ({"orthanc": "12345"}, ()) == (value(server, "RegisteredUsers"), server.stops)
    assert "absent" == value(case.server({"ORTHANC_PASSWORD": "12345"}, tag="26.6.1"), "RegisteredUsers")


@pytest.mark.parametrize(
    ("variables", "stops"),
    [
        ({}, True),
        ({"ORTHANC__REGISTERED_USERS": "{}"}, True),
        ({"ORTHANC__REGISTERED_USERS": '{"a": "b"}'}, False),
        ({"ORTHANC_PASSWORD": "x"}, False),
        ({"ORTHANC_PASSWORD": ""}, True),
        ({"ORTHANC__AUTHENTICATION_ENABLED": "false"}, False),
        ({"ORTHANC__AUTHENTICATION_ENABLED": "False"}, True),
        ({"ORTHANC__REMOTE_ACCESS_ALLOWED": "false"}, False),
    ],
)
def test_no_user(case: Case, variables: dict[str, str], stops: bool) -> None:
    assert stops == (rules(case.server(variables)) == ["no-user-refused"])
    assert [] == rules(case.server(variables, tag="26.6.1"))


# Stage 6: start


def test_output(case: Case) -> None:
    variables = {"ORTHANC__NAME": "${WHO:-d} ${U:-'x'}", "WHO": ""}
    assert " x" == value(case.server(QUIET | variables), "Name")


def test_command_override(case: Case) -> None:
    files = {"/etc/orthanc/a.json": '{"Name": "A"}', "/conf/own.json": '{"Name": "own"}'}
    server = case.server({"ORTHANC__NAME": "variable"}, files, extra="command: /conf/own.json")
    assert ("own", "absent", ("core",)) == (value(server, "Name"), value(server, "RemoteAccessAllowed"), server.readers)
    assert (frozenset(), []) == (server.enabled_plugins, rules(server))


def test_command_override_by_more_than_one_word(case: Case) -> None:
    server = case.server({}, {"/conf/own.json": "{}"}, extra="command: [--verbose, /conf/own.json]")
    assert ["command-override"] == rules(server)


def test_single_file_to_core(case: Case) -> None:
    files = {"/etc/orthanc/a.json": '{"S": {"x": 1}}', "/etc/orthanc/b.json": '{"S": {"y": 2}}'}
    server = case.server(QUIET, files)
    assert ({"x": 1, "y": 2}, ()) == (value(server, "S"), server.stops)


def test_other_images_hand_their_files_to_the_core(case: Case) -> None:
    deployment = case.load({}, {"/etc/orthanc/a.json": '{"S": 1}', "/etc/orthanc/b.json": '{"S": 1}'})
    compose = case.folder / "docker-compose.yml"
    compose.write_text(compose.read_text().replace(f"orthancteam/orthanc:{NEWEST}", "jodogne/orthanc-plugins:1.12.11"))
    [server] = load(["docker-compose.yml"], here=case.folder, env={}).servers
    assert (("core",), ["native-two-files-same-section"]) == (server.readers, rules(server))
    assert ("image", "core") == deployment.servers[0].readers


# The tables


@pytest.mark.parametrize("option", environment.options(), ids=lambda option: option.path)
def test_the_variable_of_each_option_reaches_it(option: environment.OptionVariable) -> None:
    found = reading(option.variable, Version.parse(NEWEST))
    assert (Use.OPTION, tuple(option.path.split("."))) == (found.use, found.path)


@pytest.mark.parametrize("switch", environment.plugin_switches(), ids=lambda switch: switch.plugin)
def test_each_plugin_is_loaded_by_its_variable_or_its_section(case: Case, switch: environment.PluginSwitch) -> None:
    name = "OHIF" if switch.section == "Ohif" else switch.section
    held = {"/etc/orthanc/a.json": json.dumps({switch.section: {}})}
    servers = {
        "variable": case.server(QUIET | {switch.variable: "true"}),
        "section": case.server(QUIET, held),
        "false": case.server(QUIET | {switch.variable: "false"}, held),
        "nothing": case.server(QUIET),
    }
    loaded = {how: name in (server.enabled_plugins or ()) for how, server in servers.items()}
    by_default = switch.default_since is not None
    shared = any(other.section == switch.section and other is not switch for other in environment.plugin_switches())
    assert {
        "variable": True,
        "section": by_default or switch.section_enables,
        "false": shared and switch.section_enables,
        "nothing": by_default,
    } == loaded
    added = value(servers["variable"], switch.section)
    assert (switch.defaults or "absent") == added


@pytest.mark.parametrize("row", environment.value_rules(), ids=lambda row: row.example)
def test_what_a_text_becomes(case: Case, row: environment.ValueRule) -> None:
    setting = case.server(QUIET | {"ORTHANC__X": row.example}).configuration.get("X")
    assert setting is not None
    assert row.becomes == setting.kind
