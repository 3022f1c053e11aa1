"""Compose projects: files over one another, variables, mounts, secrets; what each container gets."""

from __future__ import annotations

from typing import Any

import pytest

from policy.configuration.deployment import Container, Deployment
from policy.configuration.given import Given

from .conftest import Deploy

ORTHANC = "services:\n  orthanc:\n    image: orthancteam/orthanc:26.6.1\n"


def container(deployment: Deployment, name: str = "orthanc") -> Container:
    return next(item for item in deployment.containers if item.name == name)


def texts(deployment: Deployment, name: str = "orthanc") -> dict[str, str | None]:
    return {key: variable.text for key, variable in container(deployment, name).environment.items()}


def value(deployment: Deployment, *path: str, server: int = 0) -> Any:
    setting = deployment.servers[server].configuration.get(*path)
    return setting.python() if setting is not None else None


@pytest.mark.parametrize(
    "environment",
    [
        "{A: b, N: 1, T: true, E: ''}",
        "['A=b', 'N=1', 'T=true', 'E=']",
    ],
)
def test_both_forms_of_environment(deploy: Deploy, environment: str) -> None:
    made = deploy({"compose.yml": f"{ORTHANC}    environment: {environment}\n"})
    assert {"A": "b", "N": "1", "T": "true", "E": ""} == texts(made)


def test_a_name_alone_is_taken_from_the_host(deploy: Deploy) -> None:
    files = {"compose.yml": f"{ORTHANC}    environment: [A, B]\n", ".env": "A=1\n"}
    assert {"A": "1", "B": None} == texts(deploy(files))
    assert {"A": "1"} == texts(deploy(files, env={}))
    assert {"A": "h", "B": "2"} == texts(deploy(files, env={"A": "h", "B": "2"}))


def test_a_variable_that_is_no_text_stops_compose(deploy: Deploy) -> None:
    made = deploy({"compose.yml": f"{ORTHANC}    environment:\n      A: {{x: 1}}\n"})
    [stop] = made.servers[0].stops
    assert ("compose.yml:5:10", True) == (str(stop.location), "A is no text" in stop.reason)


def test_override_goes_over_the_file_beside_it(deploy: Deploy) -> None:
    made = deploy(
        {
            "compose.yml": f"{ORTHANC}    environment: {{A: base, B: base}}\n    ports: ['1:1']\n    command: [x]\n",
            "compose.override.yml": "services:\n  orthanc:\n    environment: ['A=over', 'C=over']\n"
            "    ports: ['2:2']\n    command: [/tmp/orthanc.json]\n",
        }
    )
    assert {"A": "over", "B": "base", "C": "over"} == texts(made)
    assert (["1:1", "2:2"], ("/tmp/orthanc.json",)) == (
        list(container(made).ports),
        container(made).command,
    )
    assert "compose.override.yml:3:19" == str(container(made).environment["A"].name_location)
    assert 1 == len(made.servers)


def test_named_files_of_one_folder_are_taken_in_their_order(deploy: Deploy) -> None:
    files = {
        "a.yml": f"{ORTHANC}    environment: {{A: a}}\n",
        "b.yml": "services: {orthanc: {environment: {A: b}}}\n",
    }
    assert {"A": "b"} == texts(deploy(files, "a.yml", "b.yml"))
    assert {"A": "a"} == texts(deploy(files, "b.yml", "a.yml"))


def test_a_partial_file_goes_over_the_default_one_in_a_project_of_its_own(deploy: Deploy) -> None:
    made = deploy(
        {
            "docker-compose.yml": f"{ORTHANC}    environment: {{A: base}}\n",
            "docker-compose.production.yml": "services: {orthanc: {environment: {A: production}}}\n",
        }
    )
    assert ["base", "production"] == sorted(str(item.environment["A"].text) for item in made.containers)
    assert ["26.6.1", "26.6.1"] == [str(server.image) for server in made.servers]


def test_unrelated_files_stay_apart(deploy: Deploy) -> None:
    made = deploy({"a/compose.yml": ORTHANC, "b/compose.yml": ORTHANC})
    assert 2 == len(made.servers)


def test_volumes_of_a_later_file_replace_those_of_the_same_target(deploy: Deploy) -> None:
    made = deploy(
        {
            "compose.yml": f"{ORTHANC}    volumes: ['./a.json:/etc/orthanc/o.json']\n",
            "compose.override.yml": "services:\n  orthanc:\n    volumes: ['./b.json:/etc/orthanc/o.json:ro']\n",
            "a.json": '{"Name": "A"}',
            "b.json": '{"Name": "B"}',
        }
    )
    assert "B" == value(made, "Name")
    [mount] = container(made).mounts
    assert mount.read_only


def test_extends_in_the_file_and_in_another(deploy: Deploy) -> None:
    made = deploy(
        {
            "compose.yml": "services:\n"
            "  base: {image: orthancteam/orthanc:26.6.1, environment: {A: base, B: base}}\n"
            "  one: {extends: base, environment: {A: one}}\n"
            "  two: {extends: {service: other, file: sub/common.yml}, environment: {A: two}}\n",
            "sub/common.yml": "services:\n  other:\n    image: orthancteam/orthanc:26.4.1\n"
            "    environment: {C: other}\n    volumes: ['./o.json:/etc/orthanc/o.json']\n",
            "sub/o.json": '{"Name": "other"}',
        },
        "compose.yml",
    )
    assert {"A": "one", "B": "base"} == texts(made, "one")
    assert {"A": "two", "C": "other"} == texts(made, "two")
    assert "other" == value(made, "Name", server=2)
    assert ["26.6.1", "26.6.1", "26.4.1"] == [str(server.image) for server in made.servers]


@pytest.mark.parametrize(
    ("extends", "stops", "unseen"),
    [
        ("b", ["the service a extends itself"], 0),
        ("none", ["the service a extends a service that does not exist"], 0),
        ("{service: x, file: none.yml}", [], 1),
    ],
)
def test_extends_that_leads_nowhere(deploy: Deploy, extends: str, stops: list[str], unseen: int) -> None:
    services = f"{{a: {{extends: {extends}, image: orthancteam/orthanc:26.6.1}}, b: {{extends: a}}}}"
    server = deploy({"compose.yml": f"services: {services}\n"}).servers[0]
    told = [stop.reason.removeprefix("Docker Compose refuses the file: ") for stop in server.stops]
    assert (stops, unseen) == (told, len(server.unseen))


def test_include(deploy: Deploy) -> None:
    made = deploy(
        {
            "compose.yml": "include: [sub/c.yml]\nservices: {}\n",
            "sub/c.yml": f"{ORTHANC}    volumes: ['./o.json:/etc/orthanc/o.json']\n",
            "sub/o.json": '{"Name": "included"}',
        },
        "compose.yml",
    )
    assert "included" == value(made, "Name")


def test_anchors_merges_and_extensions(deploy: Deploy) -> None:
    made = deploy(
        {
            "compose.yml": "x-common: &common\n  image: orthancteam/orthanc:26.6.1\n  environment: &env {A: common, B: common}\n"
            "services:\n  orthanc:\n    <<: *common\n    environment:\n      <<: *env\n      A: own\n"
        }
    )
    assert {"A": "own", "B": "common"} == texts(made)
    assert "26.6.1" == str(made.servers[0].image)


def test_profiles_are_kept_and_their_services_looked_at(deploy: Deploy) -> None:
    made = deploy({"compose.yml": f"{ORTHANC}    profiles: [debug]\n"})
    assert (("debug",), 1) == (container(made).profiles, len(made.servers))


def test_env_file_in_its_forms(deploy: Deploy) -> None:
    made = deploy(
        {
            "compose.yml": f"{ORTHANC}    env_file: [one.env, {{path: two.env, required: false}}]\n"
            "    environment: {B: own}\n",
            "one.env": "A=1\nB=2\n# C=3\nD='a # b'\n",
            "two.env": 'A=${B}\nORTHANC_JSON={"Name": "N"}\n',
        },
        "compose.yml",
    )
    assert {"A": "2", "B": "own", "D": "a # b", "ORTHANC_JSON": '{"Name": "N"}'} == texts(made)
    name = made.servers[0].configuration.get("Name")
    assert name is not None
    assert "two.env:2:23" == str(name.origin.location)


@pytest.mark.parametrize(
    ("volume", "target", "read_only", "kind"),
    [
        ("./o.json:/etc/orthanc/o.json", "/etc/orthanc/o.json", False, "bind"),
        ("./o.json:/etc/orthanc/o.json:ro,z", "/etc/orthanc/o.json", True, "bind"),
        ("o.json:/etc/orthanc/o.json", "/etc/orthanc/o.json", False, "volume"),
        ("/var/lib/x", "/var/lib/x", False, "volume"),
        ("~/o.json:/etc/orthanc/o.json", "/etc/orthanc/o.json", False, "bind"),
        ("C:\\orthanc\\o.json:/etc/orthanc/o.json", "/etc/orthanc/o.json", False, "bind"),
        ("{type: bind, source: ./o.json, target: /etc/orthanc/o.json, read_only: true}",
         "/etc/orthanc/o.json", True, "bind"),
        ("{type: volume, source: data, target: /data}", "/data", False, "volume"),
        ("{type: tmpfs, target: /t}", "/t", False, "tmpfs"),
    ],
)  # fmt: skip
def test_mount_forms(deploy: Deploy, volume: str, target: str, read_only: bool, kind: str) -> None:
    written = volume if volume.startswith("{") else repr(volume)
    [mount] = container(deploy({"compose.yml": f"{ORTHANC}    volumes: [{written}]\n"})).mounts
    assert (target, read_only, kind) == (mount.target, mount.read_only, mount.kind)


def test_a_folder_is_mounted(deploy: Deploy) -> None:
    made = deploy(
        {
            "compose.yml": f"{ORTHANC}    volumes: ['./conf:/etc/orthanc:ro']\n",
            "conf/a.json": '{"Name": "A"}',
            "conf/b.json": '{"HttpPort": 1}',
            "conf/c.jsonc": '{"DicomPort": 1}',
        },
        "compose.yml",
    )
    assert ("A", 1, None) == (value(made, "Name"), value(made, "HttpPort"), value(made, "DicomPort"))
    assert ["conf/c.jsonc"] == [ignored.source.path for ignored in made.ignored if ignored.source is not None]


def test_configs_and_secrets(deploy: Deploy) -> None:
    made = deploy(
        {
            "compose.yml": f"{ORTHANC}"
            "    environment: {ORTHANC__AUTHORIZATION__WEB_SERVICE_PASSWORD_SECRET: pw}\n"
            "    configs: [{source: one, target: /etc/orthanc/one.json}, {source: two, target: /etc/orthanc/two.json}]\n"
            "    secrets: [pw, {source: other, target: ORTHANC__AUTHORIZATION__WEB_SERVICE_USERNAME}]\n"
            'configs:\n  one: {file: ./one.json}\n  two:\n    content: |\n      {\n        "HttpPort": 1\n      }\n'
            "secrets: {pw: {file: ./pw}, other: {external: true}}\n",
            "one.json": '{"Name": "one"}',
            "pw": "0123\n",
        },
        "compose.yml",
    )
    assert ("one", 1) == (value(made, "Name"), value(made, "HttpPort"))
    port = made.servers[0].configuration.get("HttpPort")
    assert port is not None
    assert "compose.yml:12:21" == str(port.origin.location)
    section = made.servers[0].authorization
    assert section is not None
    entries = {key: (entry.setting.value, entry.setting.known) for key, entry in section.members.items()}
    assert ("0123", True) == entries["WebServicePassword"]
    assert not entries["WebServiceUsername"][1]
    assert {"pw", "ORTHANC__AUTHORIZATION__WEB_SERVICE_USERNAME"} == set(container(made).secrets)


def test_json_in_each_style_of_scalar_has_its_places(deploy: Deploy) -> None:
    lines = ORTHANC + "    environment:\n"
    styles = {
        'ORTHANC_JSON: |\n        {\n          "Name": "A"\n        }\n': "6:19",
        'ORTHANC_JSON: >-\n        {\n          "Name": "A"\n        }\n': "7:19",
        'ORTHANC_JSON: \'{"Name": "A"}\'\n': "5:31",
        'ORTHANC_JSON: "{\\"Name\\": \\"A\\"}"\n': "5:33",
        'ORTHANC_JSON: |\n        { // comment\n          "Name": "A"\n        }\n': "7:19",
    }
    found = {}
    for style in styles:
        made = deploy({"compose.yml": f"{lines}      {style}"}, "compose.yml")
        name = made.servers[0].configuration.get("Name")
        assert name is not None
        found[style] = str(name.origin.location).removeprefix("compose.yml:")
    expected = {style: place if style.count("\n") == 1 else "7:19" for style, place in styles.items()}
    assert expected == found


def test_json_keeps_its_places_through_substitution(deploy: Deploy) -> None:
    made = deploy(
        {
            "compose.yml": f"{ORTHANC}    environment:\n      ORTHANC_JSON: |\n        {{\n"
            '          "Name": "${WHO}", "Pattern": "^/x$$", "HttpPort": ${PORT}, "DicomPort": 2\n        }\n',
            ".env": "WHO=somebody with a long name\nPORT=8042\n",
        },
        "compose.yml",
    )
    assert ("somebody with a long name", "^/x$", 8042, 2) == tuple(
        value(made, key) for key in ("Name", "Pattern", "HttpPort", "DicomPort")
    )
    places = [made.servers[0].configuration.get(key) for key in ("Name", "HttpPort", "DicomPort")]
    assert ["7:19", "7:61", "7:83"] == [str(p.origin.location).removeprefix("compose.yml:") for p in places if p]


def test_what_only_the_host_knows_stays_unknown(deploy: Deploy) -> None:
    compose = (
        f"{ORTHANC}    environment:\n      ORTHANC__NAME: ${{WHO}}\n      ORTHANC_JSON: |\n"
        '        {"A": "x ${WHO}", "N": ${PORT}, "D": "${E:-d}"}\n'
    )
    made = deploy({"compose.yml": compose})
    root = made.servers[0].configuration
    known = {key: (entry.setting.value, entry.setting.known) for key, entry in root.members.items()}
    assert (("${WHO}", False), ("x ${WHO}", False), ("d", True)) == (known["Name"], known["A"], known["D"])
    assert ["WHO", "WHO", "PORT"] == [unset.name for unset in container(made).unset]
    told = deploy({"compose.yml": compose}, env={"PORT": "1"})
    assert ("", "x ", 1) == (value(told, "Name"), value(told, "A"), value(told, "N"))


def test_a_broken_substitution_stops_compose(deploy: Deploy) -> None:
    made = deploy({"compose.yml": f"{ORTHANC}    environment: {{A: '${{'}}\n"})
    [stop] = made.servers[0].stops
    assert ("dollar-in-compose", "compose.yml:4:22") == (stop.rule, str(stop.location))


def test_each_server_is_judged_on_its_own(deploy: Deploy) -> None:
    made = deploy(
        {
            "compose.yml": "services:\n"
            "  a: {image: orthancteam/orthanc:26.6.1, environment: {ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: 'http://auth-b:8000/'}}\n"
            "  b: {image: orthancteam/orthanc:25.9.0, environment: {ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: 'http://two:8000/'}}\n"
            "  auth-a: {image: orthancteam/orthanc-auth-service:25.9.0, networks: {default: {aliases: [two]}}}\n"
            "  auth-b: {image: orthancteam/orthanc-auth-service:26.4.1}\n"
        }
    )
    asked = {server.name: server.auth_service.name if server.auth_service else None for server in made.servers}
    assert {"a": "auth-b", "b": "auth-a"} == asked
    assert {"a": "0.11.3", "b": "0.10.1"} == {server.name: str(server.plugin) for server in made.servers}


def test_an_auth_service_of_ones_own_is_not_official(deploy: Deploy) -> None:
    made = deploy(
        {
            "compose.yml": f"{ORTHANC}    environment: {{ORTHANC__AUTHORIZATION__WEB_SERVICE: 'http://Mine:8000/'}}\n"
            "  mine: {build: ./mine}\n"
        }
    )
    [service] = made.auth_services
    assert (False, service) == (service.official, made.servers[0].auth_service)
    assert ["compose.yml:5:3"] == [str(place) for place in service.unseen]


@pytest.mark.parametrize(
    ("image", "version", "assumed", "words"),
    [
        ("orthancteam/orthanc:25.9.0", "25.9.0", False, "compose.yml has the image"),
        ("orthancteam/orthanc:25.9.0-full", "25.9.0", False, "compose.yml has the image"),
        ("orthancteam/orthanc", "26.8.1", True, "no tag"),
        ("orthancteam/orthanc:latest", "26.8.1", True, "floating"),
        ("orthancteam/orthanc@sha256:" + "0" * 64, "26.8.1", True, "digest"),
        ("registry.example.org:5000/orthancteam/orthanc:25.9.0", "25.9.0", True, "mirror"),
        ("osimis/orthanc:23.9.0", "23.9.0", False, "osimis"),
    ],
)
def test_versions_and_their_reason(deploy: Deploy, image: str, version: str, assumed: bool, words: str) -> None:
    [server] = deploy({"compose.yml": f"services: {{o: {{image: '{image}'}}}}\n"}).servers
    assert server.image is not None
    assert (version, assumed, True) == (str(server.image), server.image.assumed, words in server.image.because)
    assert (assumed, server.image.because) == (server.plugin.assumed, server.plugin.because)


def test_what_the_user_says_wins(deploy: Deploy) -> None:
    given = Given.of(plugin="0.9.4", orthanc="1.12.5", auth_service="24.9.0", image="24.10.3")
    made = deploy(
        {"compose.yml": f"{ORTHANC}  auth: {{image: 'orthancteam/orthanc-auth-service:26.4.1'}}\n"}, given=given
    )
    [server], [service] = made.servers, made.auth_services
    assert ("0.9.4", "1.12.5", "24.9.0", "24.10.3") == (
        str(server.plugin),
        str(server.orthanc),
        str(service.version),
        str(server.image),
    )


@pytest.mark.parametrize(
    "body", ["[]", "null", "{services: []}", "{services: null}", "{services: {a: null}}", "{services: {a: []}}"]
)
def test_shapes_that_are_wrong(deploy: Deploy, body: str) -> None:
    content = f"services: {body}\n" if not body.startswith("{s") else f"{body[1:-1]}\n"
    assert 0 == len(deploy({"compose.yml": content}).servers)


@pytest.mark.parametrize(
    ("lines", "places"),
    [
        ("    volumes: ['./none.json:/etc/orthanc/o.json']\n", ["4:15"]),
        ("    volumes: ['conf:/etc/orthanc']\n", ["4:15"]),
        ("    volumes: ['./none:/etc/orthanc']\n", ["4:15"]),
        ("    volumes: ['data:/var/lib/orthanc/db']\n", []),
        ("    env_file: none.env\n", ["4:15"]),
        ("    build: .\n", ["2:3"]),
        ("    entrypoint: /own.sh\n", ["4:17"]),
        ("    command: /own.json\n", ["4:14"]),
        ("", []),
    ],
)
def test_what_brings_in_configuration_that_was_not_given(deploy: Deploy, lines: str, places: list[str]) -> None:
    [server] = deploy({"compose.yml": ORTHANC + lines}).servers
    assert places == [str(place).removeprefix("compose.yml:") for place in server.unseen]


def test_a_file_over_a_folder(deploy: Deploy) -> None:
    made = deploy(
        {
            "compose.yml": f"{ORTHANC}    volumes: ['./b.json:/etc/orthanc/a.json', './conf:/etc/orthanc']\n",
            "conf/a.json": '{"Name": "folder"}',
            "b.json": '{"Name": "file"}',
        },
        "compose.yml",
    )
    entry = made.servers[0].configuration.entry("Name")
    assert entry is not None
    assert ("file", None) == (entry.setting.value, entry.replaced)


def test_the_files_that_compose_file_names(deploy: Deploy) -> None:
    made = deploy(
        {
            ".env": "COMPOSE_FILE=base.yml:./more.yml\n",
            "base.yml": f"{ORTHANC}    environment: {{A: base}}\n",
            "more.yml": "services: {orthanc: {environment: {A: more}}}\n",
        }
    )
    assert ({"A": "more"}, 1) == (texts(made), len(made.servers))


@pytest.mark.parametrize("volume", ["./secrets:/run/secrets:ro", "./secrets/ORTHANC__NAME:/run/secrets/ORTHANC__NAME"])
def test_secrets_that_are_mounted(deploy: Deploy, volume: str) -> None:
    made = deploy(
        {"compose.yml": f"{ORTHANC}    volumes: ['{volume}']\n", "secrets/ORTHANC__NAME": "from a file\n"},
        "compose.yml",
    )
    assert "from a file" == value(made, "Name")


def test_three_hundred_services(deploy: Deploy) -> None:
    services = "".join(
        f"  o{index}:\n    image: orthancteam/orthanc:25.9.0\n    environment:\n      ORTHANC_JSON: |\n"
        f'        {{\n          "Name": "o{index}"\n        }}\n'
        for index in range(300)
    )
    made = deploy({"compose.yml": f"services:\n{services}"})
    assert [f"o{index}" for index in range(300)] == [value(made, "Name", server=index) for index in range(300)]


def test_a_proxy_finds_servers_of_other_files_of_the_project(deploy: Deploy) -> None:
    made = deploy(
        {
            "compose.yml": f"include: [more/c.yml]\n{ORTHANC}"
            "  nginx: {image: 'orthancteam/orthanc-nginx:26.4.1', environment: {ENABLE_ORTHANC_FOR_API: 'true'}}\n",
            "compose.override.yml": "services: {orthanc: {environment: {A: over}}}\n",
            "more/c.yml": "services: {orthanc-for-api: {image: 'orthancteam/orthanc:26.4.1'}}\n",
        }
    )
    [proxy] = made.proxies
    assert 2 == len(made.servers)
    reached = [proxy.to_orthanc(f"http://h/{prefix}/system").server for prefix in ("orthanc", "orthanc-api")]
    assert ["orthanc", "orthanc-for-api"] == [server.name if server else None for server in reached]
