"""nginx: files that are included, and what an ``if`` leaves open."""

from __future__ import annotations

import pytest

from policy.configuration.deployment import Deployment
from policy.configuration.proxy import Routed
from policy.engine import Answered, Effect
from policy.engine.front import Front
from policy.engine.loading import policy_of
from policy.questions.explain import explain

from .conftest import Deploy

COMPOSE = """\
services:
  orthanc: {image: "orthancteam/orthanc:25.9.0"}
  proxy:
    image: nginx:1.27
    ports: ["80:80"]
    volumes: [%s]
"""
PASS = "location /orthanc/ { proxy_pass http://orthanc:8042/; }\n"
SERVER = "server {\n  listen 80;\n  include %s;\n}\n"


def ask(made: Deployment, url: str = "/orthanc/studies") -> Routed:
    [proxy] = made.proxies
    return proxy.to_orthanc(url)


@pytest.mark.parametrize(
    ("volumes", "include", "name"),
    [
        ("./nginx:/etc/nginx/conf.d", "/etc/nginx/conf.d/pacs.inc", "nginx/pacs.inc"),
        ("./nginx:/etc/nginx/conf.d", "conf.d/pacs.inc", "nginx/pacs.inc"),
        ("./nginx:/etc/nginx/conf.d", "conf.d/parts/*.conf", "nginx/parts/pacs.conf"),
        ("./nginx:/etc/nginx/conf.d, ./x:/etc/nginx/x", "x/pacs", "x/pacs"),
        ("./nginx/a.conf:/etc/nginx/conf.d/a.conf, ./y.inc:/srv/y", "/srv/y", "y.inc"),
        ("./nginx:/etc/nginx/conf.d", "conf.d/[p]*.inc", "nginx/pacs.inc"),
    ],
)
def test_a_mounted_file_is_put_in(deploy: Deploy, volumes: str, include: str, name: str) -> None:
    made = deploy({"compose.yml": COMPOSE % volumes, "nginx/a.conf": SERVER % include, name: f"# one\n{PASS}"})
    routed = ask(made)
    assert ("orthanc", "/studies", "") == (routed.upstream, routed.path, routed.unknown)
    assert routed.route is not None
    assert f"{name}:2:1" == str(routed.route.location)


def test_an_nginx_conf_reads_what_it_includes_and_nothing_else(deploy: Deploy) -> None:
    made = deploy(
        {
            "compose.yml": COMPOSE % "./nginx:/etc/nginx",
            "nginx/nginx.conf": "events {}\nhttp {\n  include mime.types;\n  include /etc/nginx/sites/*.conf;\n}\n",
            "nginx/sites/b.conf": f"server {{ {PASS} }}\n",
            "nginx/other.conf": "server { location / { proxy_pass http://elsewhere/; } }\n",
        }
    )
    routed = ask(made)
    assert ("orthanc", "/studies") == (routed.upstream, routed.path)
    assert routed.route is not None
    assert "nginx/sites/b.conf:1:10" == str(routed.route.location)


def test_files_without_a_compose_file(deploy: Deploy) -> None:
    made = deploy({"nginx.conf": SERVER % "/etc/nginx/parts/*.conf", "parts/a.conf": PASS})
    routed = ask(made)
    assert ("orthanc", "/studies") == (routed.upstream, routed.path)


UNKNOWN = "includes {}, which was not given or includes itself"


@pytest.mark.parametrize(
    ("include", "files"),
    [
        ("conf.d/missing.inc", {}),
        ("/srv/missing/*.conf", {}),
        ("../../secret.conf", {}),
        ("conf.d/../../../../outside.conf", {}),
        ("conf.d/a.conf", {}),
        ("conf.d/one.inc", {"nginx/one.inc": "include conf.d/two.inc;", "nginx/two.inc": "include conf.d/one.inc;"}),
    ],
)
def test_what_is_missing_or_goes_round_is_not_known(deploy: Deploy, include: str, files: dict[str, str]) -> None:
    server = f"server {{\n  {PASS}  include {include};\n}}\n"
    routed = ask(deploy({"compose.yml": COMPOSE % "./nginx:/etc/nginx/conf.d", "nginx/a.conf": server, **files}))
    assert (None, None) == (routed.server, routed.path)
    assert "which was not given or includes itself" in routed.unknown
    assert routed.unknown.startswith("nginx/")


def test_a_link_out_of_the_folder_is_not_followed(deploy: Deploy, tmp_path: object) -> None:
    from pathlib import Path

    outside = Path(str(tmp_path)).parent / f"{Path(str(tmp_path)).name}-outside.inc"
    outside.write_text(PASS)
    (Path(str(tmp_path)) / "nginx").mkdir()
    (Path(str(tmp_path)) / "nginx" / "out.inc").symlink_to(outside)
    files = {"compose.yml": COMPOSE % "./nginx:/etc/nginx/conf.d", "nginx/a.conf": SERVER % "conf.d/out.inc"}
    assert (
        "nginx/a.conf:3:3 includes conf.d/out.inc, which was not given or includes itself" == ask(deploy(files)).unknown
    )


def test_a_file_that_includes_twice_what_includes_twice_ends(deploy: Deploy) -> None:
    files = {f"nginx/p{n}.inc": f"include conf.d/p{n + 1}.inc;\n" * 2 for n in range(9)}
    files["nginx/p9.inc"] = PASS
    files |= {"compose.yml": COMPOSE % "./nginx:/etc/nginx/conf.d", "nginx/a.conf": SERVER % "conf.d/p0.inc"}
    assert "" != ask(deploy(files)).unknown


def test_a_file_that_comes_with_nginx_does_not_matter(deploy: Deploy) -> None:
    location = "location /orthanc/ { include /etc/nginx/proxy_params; proxy_pass http://orthanc:8042/; }"
    made = deploy(
        {"compose.yml": COMPOSE % "./nginx:/etc/nginx/conf.d", "nginx/a.conf": f"server {{ listen 80; {location} }}\n"}
    )
    assert "/studies" == ask(made).path


def test_what_is_missing_in_one_location_does_not_matter_to_another(deploy: Deploy) -> None:
    server = f"server {{\n{PASS}location /x/ {{ include conf.d/x.inc; }}\n}}\n"
    made = deploy({"compose.yml": COMPOSE % "./nginx:/etc/nginx/conf.d", "nginx/a.conf": server})
    assert ("/studies", "") == (ask(made).path, ask(made).unknown)
    assert "nginx/a.conf:3:16 includes conf.d/x.inc, which was not given or includes itself" == ask(made, "/x/").unknown


@pytest.mark.parametrize(
    ("condition", "unknown", "conditions"),
    [
        ("if ($request_method = OPTIONS) { return 204; }", "", ("answers itself if $request_method = OPTIONS",)),
        ("if ($arg_x) { rewrite ^ /other break; }", "sends it elsewhere if $arg_x", ()),
        ("if ($arg_x) { proxy_pass http://other; }", "sends it elsewhere if $arg_x", ()),
        ("if ($arg_x) { set $to other; }", "sends it elsewhere if $arg_x", ()),
        ("if ($arg_x) { set $harmless other; }", "", ()),
        ("if ($arg_x) { add_header X y; }", "", ()),
    ],
)
@pytest.mark.parametrize("inside", [True, False])
def test_if(deploy: Deploy, condition: str, unknown: str, conditions: tuple[str, ...], inside: bool) -> None:
    to = "$to" if "$to" in condition else "orthanc"
    passed = f"set $to orthanc; proxy_pass http://{to}:8042;"
    lines = f"location / {{\n{condition} {passed} }}" if inside else f"{condition}\nlocation / {{ {passed} }}"
    made = deploy(
        {"compose.yml": COMPOSE % "./nginx:/etc/nginx/conf.d", "nginx/a.conf": f"server {{ listen 80;\n{lines}\n}}\n"}
    )
    routed = ask(made)
    place = f"nginx/a.conf:{3 if inside else 2}:1 "
    assert (f"{place}{unknown}" if unknown else "") == routed.unknown
    assert tuple(f"{place}{one}" for one in conditions) == routed.conditions
    assert (None if unknown else "/orthanc/studies") == routed.path


def test_explain_tells_the_condition_under_which_the_proxy_answers(deploy: Deploy) -> None:
    location = "location / { if ($request_method = TRACE) { return 405; } proxy_pass http://orthanc:8042; }"
    compose = COMPOSE % "./nginx:/etc/nginx/conf.d" + "configs: {}\n"
    authorization = (
        'environment: {ORTHANC_JSON: \'{"AuthenticationEnabled": false, "Authorization": {"CheckedLevel": "studies", '
        '"WebServiceRootUrl": "http://auth/", "ExtraPermissions": [["get", "^/open$", ""]]}}\'}'
    )
    compose = compose.replace('25.9.0"}', f'25.9.0", {authorization}}}')
    made = deploy({"compose.yml": compose, "nginx/a.conf": f"server {{ listen 80;\n{location} }}\n"})
    [server] = made.servers
    explanation = explain(policy_of(server, made.proxies), server, "http://localhost/open", None)
    assert Effect.PERMIT is explanation.decision.effect
    assert "the reverse proxy: nginx/a.conf:2:14 answers itself if $request_method = TRACE" in [
        change.text for change in explanation.changes if change.kind == "proxy"
    ]


def test_a_decision_says_that_the_way_is_not_known(deploy: Deploy) -> None:
    made = deploy({"compose.yml": COMPOSE % "./nginx:/etc/nginx/conf.d", "nginx/a.conf": SERVER % "conf.d/x.inc"})
    [proxy] = made.proxies
    answered = Front(made.proxies, made.servers[0]).to_orthanc("http://localhost/orthanc/studies")
    assert isinstance(answered, Answered)
    assert f"where the reverse proxy sends it is not known: {proxy.unknown}" == answered.text
