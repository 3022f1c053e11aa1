"""Plain nginx configurations: where a public URL leads."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy import text
from policy.configuration.loading import load
from policy.configuration.nginx_plain import proxies
from policy.configuration.nginx_syntax import directives
from policy.configuration.proxy import Routed, normalise
from policy.configuration.source import Kind, Source


def ask(configuration: str, url: str) -> Routed:
    source = Source("default.conf", Kind.NGINX, text.parse(configuration))
    [proxy] = proxies(source, lambda _host, _port: (None, None))
    return proxy.to_orthanc(url)


def outcome(routed: Routed) -> tuple[str | None, str | None]:
    if routed.answer is not None:
        return None, f"{routed.answer.status} {routed.answer.target}"
    return routed.upstream, routed.path


def server(*lines: str) -> str:
    return "server {\n" + "\n".join(lines) + "\n}\n"


PASS = "proxy_pass http://orthanc:8042"


@pytest.mark.parametrize(
    ("lines", "url", "expected"),
    [
        ((f"location /orthanc/ {{ {PASS}/; }}",), "/orthanc/studies?x", ("orthanc", "/studies?x")),
        ((f"location /orthanc/ {{ {PASS}; }}",), "/orthanc/studies", ("orthanc", "/orthanc/studies")),
        ((f"location /orthanc/ {{ {PASS}; }}",), "/orthanc//a/../b", ("orthanc", "/orthanc//a/../b")),
        ((f"location /orthanc/ {{ {PASS}/; }}",), "/orthanc//a/../b", ("orthanc", "/b")),
        ((f"location /orthanc {{ {PASS}/; }}",), "/orthanc/studies", ("orthanc", "//studies")),
        ((f"location /orthanc/ {{ {PASS}/pre/; }}",), "/orthanc/studies", ("orthanc", "/pre/studies")),
        ((f"location /orthanc/ {{ {PASS}/; }}",), "/orthanc", (None, "301 /orthanc/")),
        ((f"location /orthanc/ {{ {PASS}/; }}",), "/other", (None, "404 None")),
        ((f"location / {{ {PASS}; }}", "location = /x { return 403; }"), "/x", (None, "403 None")),
        ((f"location / {{ {PASS}; }}", "location = /x { return 403; }"), "/x/", ("orthanc", "/x/")),
        (
            (f"location / {{ {PASS}; }}", "location ~ ^/(instances|tools) { return 404; }"),
            "/tools/reset",
            (None, "404 None"),
        ),
        (
            (f"location ^~ /tools {{ {PASS}; }}", "location ~ ^/(instances|tools) { return 404; }"),
            "/tools/reset",
            ("orthanc", "/tools/reset"),
        ),
        ((f"location / {{ {PASS}; }}", "location ~* ^/TOOLS { return 404; }"), "/tools", (None, "404 None")),
        ((f"location / {{ {PASS}; }}", "location ~ ^/TOOLS { return 404; }"), "/tools", ("orthanc", "/tools")),
        (
            (f"location /orthanc/ {{ rewrite /orthanc(.*) $1 break; {PASS}; }}",),
            "/orthanc/studies?x",
            ("orthanc", "/studies?x"),
        ),
        (
            ("location /old { rewrite ^/old/(.*)$ /new/$1 last; }", f"location /new/ {{ {PASS}/; }}"),
            "/old/a",
            ("orthanc", "/a"),
        ),
        (("location /a { rewrite ^/a$ /b permanent; }",), "/a", (None, "301 /b")),
        (("location / { rewrite ^(.*)$ /x$1 last; }",), "/a", (None, "500 None")),
        (("return 301 https://$host$request_uri;",), "http://h/a", (None, "301 https://$host$request_uri")),
        (("location / { root /usr/share/nginx/html; }",), "/a", (None, "None None")),
        (("set $up orthanc;", "location / { proxy_pass http://$up:8042; }"), "/a%20b", ("orthanc", "/a%20b")),
        ((f'location "/or thanc/" {{ {PASS}/; }}',), "/or%20thanc/a", ("orthanc", "/a")),
        ((f"# location / {{ return 403; }}\nlocation / {{ {PASS}; }}",), "/a", ("orthanc", "/a")),
        ((f"location / {{ {PASS}; location /in/ {{ return 401; }} }}",), "/in/x", (None, "401 None")),
    ],
)
def test_location(lines: tuple[str, ...], url: str, expected: tuple[str | None, str]) -> None:
    assert expected == outcome(ask(server(*lines), url))


def test_upstream_blocks_and_http_blocks() -> None:
    configuration = (
        "http { upstream pacs { server orthanc-a:8042; } server { location / { proxy_pass http://pacs/; } } }"
    )
    routed = ask(configuration, "/studies")
    assert ("orthanc-a", "/studies", 8042) == (*outcome(routed), routed.route.port if routed.route else None)


def test_a_snippet_of_locations_is_a_server() -> None:
    assert ("orthanc", "/a") == outcome(ask("location /x/ { proxy_pass http://orthanc:8042/; }", "/x/a"))


def test_names_and_ports_of_a_server() -> None:
    source = Source(
        "c", Kind.NGINX, text.parse("server { listen 443 ssl; listen [::]:8443; server_name pacs.example.org _; }")
    )
    [proxy] = proxies(source, lambda _host, _port: (None, None))
    assert ({443, 8443}, {"pacs.example.org"}, True) == (set(proxy.ports), set(proxy.hosts), proxy.https)


@pytest.mark.parametrize(
    "broken", ["server {", "server { location / { proxy_pass", "}", "{ } ;;", 'a "b', "", "server"]
)
def test_broken_configurations_are_read_as_far_as_can_be(broken: str) -> None:
    assert isinstance(directives(broken), tuple)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "/"),
        ("//a///b", "/a/b"),
        ("/a/./b/", "/a/b/"),
        ("/a/..", "/"),
        ("/a/b/..", "/a/"),
        ("/..", None),
        ("/%2e%2e/a", None),
        ("/a%2fb", "/a/b"),
        ("/%41", "/A"),
        ("/\udcc3%41", "/\udcc3A"),
        ("/\ud800", "/\udced\udca0\udc80"),
    ],
)
def test_normalise(path: str, expected: str | None) -> None:
    assert expected == normalise(path)


def test_an_expression_that_may_take_for_ever_is_not_followed() -> None:
    """nginx gives up on such a path; before, the tool did not end."""
    configuration = server("location ~ ^/(a+)+$ { return 403; }", f"location / {{ {PASS}; }}")
    assert (None, "403 None") == outcome(ask(configuration, "/aaaa"))
    assert ("orthanc", "/aaaab") == outcome(ask(configuration, "/aaaab"))
    assert "to look for ^/(a+)+$ in this path may take for ever" == ask(configuration, f"/{'a' * 60}!").unknown
    rewritten = server(f"location / {{ rewrite ^(.*)(.*)(.*)x$ $1 break; {PASS}; }}")
    assert ask(rewritten, f"/{'a' * 500}").unknown
    assert ("orthanc", "/ab") == outcome(ask(rewritten, "/abx"))


def test_the_public_address_of_a_server_leads_to_this_server(tmp_path: Path) -> None:
    """The first of two equal locations takes the request."""
    passing = ("location /orthanc/ { proxy_pass http://other/; }", f"location /orthanc/ {{ {PASS}/; }}")
    (tmp_path / "orthanc.json").write_text('{"Authorization": {"WebServiceRootUrl": "http://auth/"}}')
    [ours] = load([tmp_path]).servers
    for lines, expected in ((passing, ()), (passing[::-1], ("/orthanc/studies",))):
        source = Source("default.conf", Kind.NGINX, text.parse(server(*lines)))
        [proxy] = proxies(source, lambda host, _port: (ours if host == "orthanc" else None, None))
        assert expected == proxy.to_public(ours, "/studies")
