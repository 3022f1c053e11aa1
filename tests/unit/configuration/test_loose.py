"""Files without a container: which are one configuration, which belong together, which versions are taken."""

from __future__ import annotations

import pytest

from policy.configuration.given import Given
from policy.configuration.setting import Means
from policy.errors import UnknownVersion

from .conftest import Deploy

ROLES = '{"roles": {}}'
ANONYMOUS = '{"name": "A", "permissions": [], "authorized-labels": [], "validity": 60}'


def test_files_of_one_folder_with_different_keys_are_one_configuration(deploy: Deploy) -> None:
    made = deploy({"a.json": '{"Name": "A"}', "b.json": '{"Authorization": {}}', "c.json": '{"DicomWeb": {}}'})
    [server] = made.servers
    assert (["Name", "Authorization", "DicomWeb"], ("core",)) == (list(server.configuration.members), server.readers)
    assert () == server.stops


def test_files_with_the_same_key_are_servers_of_their_own(deploy: Deploy) -> None:
    made = deploy({"a.json": '{"Name": "A"}', "b.json": '{"Name": "B"}'})
    assert ["a", "b"] == [server.name for server in made.servers]


def test_roles_and_profiles_of_a_folder_belong_together(deploy: Deploy) -> None:
    made = deploy(
        {
            "a/orthanc.json": '{"Name": "A"}', "a/permissions.json": ROLES, "a/anonymous.json": ANONYMOUS,
            "b/orthanc.json": '{"Name": "B"}', "b/permissions.json": ROLES,
            "c/anonymous.json": ANONYMOUS,
        }
    )  # fmt: skip
    found = {
        (
            service.permissions.path if service.permissions else None,
            service.anonymous.path if service.anonymous else None,
        )
        for service in made.auth_services
    }
    expected = {
        ("a/permissions.json", "a/anonymous.json"),
        ("b/permissions.json", None),
        (None, "c/anonymous.json"),
    }
    assert expected == found
    paired = [s.auth_service.permissions.path for s in made.servers if s.auth_service and s.auth_service.permissions]
    assert ["a/permissions.json", "b/permissions.json"] == paired


def test_a_lone_auth_service_serves_every_server(deploy: Deploy) -> None:
    made = deploy({"x/a.json": '{"Name": "A"}', "y/b.json": '{"Name": "B"}', "permissions.json": ROLES})
    assert [made.auth_services[0]] * 2 == [server.auth_service for server in made.servers]


def test_versions_are_the_newest_known_and_say_so(deploy: Deploy) -> None:
    made = deploy({"a.json": '{"Name": "A"}', "p.json": ROLES})
    [server], [service] = made.servers, made.auth_services
    assert ("0.11.4", "1.13.0", "26.4.1", None) == (
        str(server.plugin), str(server.orthanc), str(service.version), server.image,
    )  # fmt: skip
    assert [True] * 3 == [known.assumed for known in (server.plugin, server.orthanc, service.version)]
    assert "the newest known" in server.plugin.because


@pytest.mark.parametrize(
    ("given", "plugin", "orthanc", "readers"),
    [
        (Given.of(plugin="0.9.4"), "0.9.4", "1.12.8", ("core",)),
        (Given.of(orthanc="1.12.5"), "0.11.4", "1.12.5", ("core",)),
        (Given.of(image="25.9.0"), "0.10.1", "1.12.9", ("image", "core")),
        (Given.of(image="25.9.0", plugin="0.9.4"), "0.9.4", "1.12.9", ("image", "core")),
        (Given.of(plugin="9.9"), "9.9", "1.13.0", ("core",)),
    ],
)
def test_versions_that_were_given(
    deploy: Deploy, given: Given, plugin: str, orthanc: str, readers: tuple[str, ...]
) -> None:
    [server] = deploy({"a.json": '{"Name": "A"}'}, given=given).servers
    assert (plugin, orthanc, readers) == (str(server.plugin), str(server.orthanc), server.readers)


def test_a_version_that_is_none() -> None:
    with pytest.raises(UnknownVersion):
        Given.of(plugin="newest")


def test_an_image_without_its_container_adds_its_defaults(deploy: Deploy) -> None:
    [server] = deploy({"a.json": '{"Name": "$A ${B}"}'}, given=Given.of(image="26.8.1")).servers
    remote = server.configuration.get("RemoteAccessAllowed")
    assert remote is not None
    name = server.configuration.get("Name")
    assert name is not None
    assert (Means.IMAGE_DEFAULT, "$A ${B}", ()) == (remote.origin.means, name.value, server.stops)


@pytest.mark.parametrize(("env", "expected"), [(None, "${WHO} ${U:-d}"), ({}, " d"), ({"WHO": "me", "U": ""}, "me ")])
def test_variables_of_orthanc_itself(deploy: Deploy, env: dict[str, str] | None, expected: str) -> None:
    [server] = deploy({"a.json": '{"Name": "${WHO} ${U:-d}"}'}, env=env).servers
    name = server.configuration.get("Name")
    assert name is not None
    assert expected == name.value


def test_a_text_that_the_core_refuses_is_still_looked_at(deploy: Deploy) -> None:
    [server] = deploy({"a.json": '{"Name": "A" "HttpPort": 1}'}).servers
    assert ({"Name": "A", "HttpPort": 1}, 1) == (server.configuration.python(), len(server.stops))


def test_files_beside_a_compose_file_that_nobody_mounts(deploy: Deploy) -> None:
    made = deploy(
        {
            "compose.yml": "services:\n  o: {image: 'orthancteam/orthanc:26.6.1'}\n"
            "  a: {image: 'orthancteam/orthanc-auth-service:26.4.1'}\n",
            "orthanc.json": '{"Name": "A"}',
            "permissions.json": ROLES,
        }
    )
    assert {"orthanc.json", "permissions.json"} == {x.source.path for x in made.ignored if x.source is not None}
    assert ["o", "orthanc"] == [server.name for server in made.servers]


@pytest.mark.parametrize(
    ("tag", "target", "path", "read"),
    [
        ("26.4.1", "/orthanc_auth_service/permissions.json", None, True),
        ("26.4.1", "/orthanc-auth-service/permissions.json", None, False),
        ("26.4.1", "/orthanc-auth-service/permissions.json", "/orthanc-auth-service/permissions.json", True),
        ("26.4.1", "/orthanc_auth_service/permissions.json", "/x.json", False),
    ],
)
def test_where_the_auth_service_looks(deploy: Deploy, tag: str, target: str, path: str | None, read: bool) -> None:
    environment = f"    environment: {{PERMISSIONS_FILE_PATH: {path}}}\n" if path else ""
    made = deploy(
        {
            "compose.yml": f"services:\n  a:\n    image: orthancteam/orthanc-auth-service:{tag}\n{environment}"
            f"    volumes: ['./p.json:{target}']\n",
            "p.json": ROLES,
        },
        "compose.yml",
    )
    [service] = made.auth_services
    assert (read, not read) == (service.permissions is not None, bool(made.ignored))


@pytest.mark.parametrize(("tag", "read"), [("25.8.0", True), ("25.7.0", False)])
def test_the_anonymous_profile_is_read_since_25_8_0(deploy: Deploy, tag: str, read: bool) -> None:
    made = deploy(
        {
            "compose.yml": f"services:\n  a:\n    image: orthancteam/orthanc-auth-service:{tag}\n"
            "    environment: {ANONYMOUS_PROFILE_FILE_PATH: /orthanc_auth_service/anonymous-profile.json}\n"
            "    volumes: ['./p.json:/orthanc_auth_service/anonymous-profile.json']\n",
            "p.json": ANONYMOUS,
        },
        "compose.yml",
    )
    assert (read, not read) == (made.auth_services[0].anonymous is not None, bool(made.ignored))


def test_the_variables_of_an_auth_service(deploy: Deploy) -> None:
    made = deploy(
        {
            "compose.yml": "services:\n  a:\n    image: orthancteam/orthanc-auth-service:26.4.1\n"
            "    environment: {SECRET_KEY: variable, KEYCLOAK_URI: 'http://k/', OTHER: x}\n"
            "    secrets: [SECRET_KEY, KEYCLOAK_CLIENT_SECRET, USERS]\n"
            "secrets: {SECRET_KEY: {file: ./key}, KEYCLOAK_CLIENT_SECRET: {external: true}, USERS: {file: ./key}}\n",
            "key": " from the file \n",
        },
        "compose.yml",
    )
    environment = made.auth_services[0].environment
    found = {
        name: (environment[name].value, environment[name].means)
        for name in ("SECRET_KEY", "KEYCLOAK_URI", "KEYCLOAK_CLIENT_SECRET", "ENABLE_KEYCLOAK", "OTHER")
    }
    assert {
        "SECRET_KEY": ("from the file", Means.SECRET),
        "KEYCLOAK_URI": ("http://k/", Means.VARIABLE),
        "KEYCLOAK_CLIENT_SECRET": (None, Means.SECRET),
        "ENABLE_KEYCLOAK": ("false", Means.IMAGE_DEFAULT),
        "OTHER": ("x", Means.VARIABLE),
    } == found
    assert "USERS" not in environment
