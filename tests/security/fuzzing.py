"""Things to throw at the readers: small changes of texts that are nearly right, and what must hold for each target.

``python -m tests.security.fuzz --seconds 900`` does it for long; the tests do a little of it.
"""

# ruff: noqa: PT017 - an error of ours is as good as an answer, as long as it says something

from __future__ import annotations

import random
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from policy import patterns, text
from policy.commands.main import lint, toolkit
from policy.configuration.loading import load
from policy.engine import Policy
from policy.errors import PolicyError
from policy.lint.run import run
from policy.report import FORMATS, render

from .everything import AUDITOR, call

ROOT = Path(__file__).parents[2]
GOOD = {path.name: path.read_bytes() for path in sorted((ROOT / "tests" / "properties" / "good").iterdir())}

PIECES = [
    b'"', b"'", b"{", b"}", b"[", b"]", b",", b":", b"//", b"/*", b"*/", b"#", b"\\", b"\\u", b"\\ud800", b"\n", b"\r",
    b"\t", b" ", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"\xe2\x80\xa8", b"null", b"true", b"1e999", b"-", b"9" * 40,
    b"&a ", b"*a", b"<<: ", b"!!python/name:os", b"|\n", b">-\n", b"? ", b"- ", b"---\n", b"...\n", b"${", b"${A:-", b"}",
    b"$$", b"=", b"<<<<<<< a\n", b"\n=======\n", b">>>>>>> b\n", b"@", b"%", b"`", b"~", b"(", b")", b"*", b"+", b"?", b"|",
    b"^", b"$", b"[[:alpha:]]", b"(?=", b"{1,3}", b"\\Q", b"\\1", b"\\p{L}", b"(?<a>", b"get", b"\xc3\xa9", b"\xf0\x9f\x98\x80",
    b"services:\n", b"  image: orthancteam/orthanc:25.9.0\n", b'"Authorization"', b'"Permissions"', b"RegisteredUsers",
    b"ORTHANC__AUTHORIZATION__PERMISSIONS", b"ORTHANC_JSON", b"extends:\n", b"include: [x.yml]\n", b"x" * 300,
]  # fmt: skip


def mutated(chance: random.Random, data: bytes) -> bytes:
    """``data`` with one to six changes: pieces in, stretches out, twice, elsewhere, bits turned, cut off."""
    held = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randint(0, len(held))
        to = min(len(held), at + chance.choice((1, 1, 2, 5, 20, 200)))
        match chance.randint(0, 6):
            case 0 | 1:
                held[at:at] = chance.choice(PIECES) * chance.choice((1, 1, 1, 2, 30))
            case 2:
                del held[at:to]
            case 3:
                held[at:at] = held[at:to]
            case 4:
                stretch = bytes(held[at:to])
                del held[at:to]
                other = chance.randint(0, len(held))
                held[other:other] = stretch
            case 5 if at < len(held):
                held[at] ^= 1 << chance.randint(0, 7)
            case 6 if chance.random() < 0.2:
                del held[at:]
            case _:
                held[at:to] = chance.choice(PIECES)
    return bytes(held)


def pieces(chance: random.Random, most: int = 25) -> bytes:
    """Pieces in any order."""
    return b"".join(chance.choice(PIECES) for _ in range(chance.randint(0, most)))


def _same(data: bytes) -> None:
    for document in (text.parse(data), text.parse_yaml(data)):
        for node in document.root.walk() if document.root is not None else ():
            assert 0 <= node.span.start <= node.span.end <= len(document.text)
            document.position(node.span.start)
        if document.root is not None:
            document.root.python()


def reader(chance: random.Random) -> bytes:
    """Any text gives a document whose spans are in it."""
    data = pieces(chance) if chance.random() < 0.3 else mutated(chance, chance.choice(list(GOOD.values())))
    _same(data)
    return data


def recognised(chance: random.Random) -> bytes:
    """A folder with one file changed gives findings that every format can write, or an error with a place."""
    name = chance.choice(list(GOOD))
    data = mutated(chance, GOOD[name])
    with TemporaryDirectory() as folder:
        for other, content in GOOD.items():
            (Path(folder) / other).write_bytes(data if other == name else content)
        try:
            result = run(load([folder], here=Path(folder)), AUDITOR)
        except PolicyError as error:
            assert str(error)
        else:
            render(result, chance.choice(list(FORMATS)))
    return data


def merged(chance: random.Random) -> bytes:
    """Two Compose files over each other, with a file of variables."""
    compose = GOOD["docker-compose.yml"]
    first, second = mutated(chance, compose), mutated(chance, compose) if chance.random() < 0.7 else pieces(chance)
    files = {
        "docker-compose.yml": first,
        "docker-compose.override.yml": b"services:\n" + second if chance.random() < 0.3 else second,
        ".env": pieces(chance).replace(b"\n", b"\nA=", 3),
    }
    with TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        output = call(toolkit, "effective", "--origin", folder)
        assert output.exit_code in (0, 1, 2), output.text
    return b"\n#----\n".join(files.values())


_SIGNS = "ab/.*+?|()[]{}^$\\-,:=!<>#012dwsQEpPbBAzZxnRKGg'\n\u00e9\U0001f600"
_WHOLE = (
    "(?:",
    "(?=",
    "(?!",
    "(?<=",
    "(?>",
    "(?<n>",
    "\\1",
    "\\d",
    "[^/]",
    "[a-z]",
    "[[:digit:]]",
    "{2,}",
    "{1000}",
    "(?i)",
)


def pattern_text(chance: random.Random) -> str:
    """A pattern, mostly a wrong one."""
    return "".join(
        chance.choice(_WHOLE) if chance.random() < 0.3 else chance.choice(_SIGNS) for _ in range(chance.randint(0, 18))
    )


def pattern(chance: random.Random) -> bytes:
    """A pattern is refused with a position, or matches and gives up in bounded time."""
    written = pattern_text(chance)
    try:
        compiled = patterns.compile(written)
    except PolicyError as error:
        assert str(error)
    else:
        for path in ("/studies/a", "a" * 60, "", "/" * 20 + "\x00", "é"):
            try:
                compiled.matches(path)
                compiled.gives_up(path)
            except PolicyError:
                pass
        assert compiled.ambiguity in (None, "polynomial", "exponential")
    return written.encode("utf-8", "surrogatepass")


class _Nobody:
    """A service that knows nobody."""

    def user_profile(self, *_: object) -> None:
        return None

    def validate(self, *_: object) -> None:
        return None


_POLICY = Policy.from_configuration(
    {
        "AuthenticationEnabled": False,
        "Authorization": {
            "WebServiceRootUrl": "http://auth/",
            "CheckedLevel": "studies",
            "TokenHttpHeaders": ["token", "Authorization"],
            "TokenGetArguments": ["token"],
            "UncheckedFolders": ["/app/"],
        },
        "DicomWeb": {"Root": "/dicom-web/"},
    },
    plugin="0.11.4",
    permissions={"roles": {"a": {"permissions": ["view"], "authorized_labels": ["x"]}}},
)
_PARTS = ["/", "studies", "dicom-web", "..", ".", "%2e", "%00", "%ff", "%", "?", "&", "=", "token=", "+", "\\", " ", "\x00",
          "é", "\udc80", "http://", "https://[", "://", "a", "1.2.3", "series", "instances", "GET ", "POST ", "_method=DELETE",
          "#", ":99999", "@", "\r\n", "tools/find", "x" * 3000]  # fmt: skip


def request(chance: random.Random) -> bytes:
    """Any request gets a decision, or an error of ours."""
    route = "".join(chance.choice(_PARTS) for _ in range(chance.randint(0, 9)))
    token = chance.choice((None, "a", ("a",), {"sub": "x", "realm_access": {"roles": ["a"]}}, {"exp": "x"}, route[:20]))
    try:
        _POLICY.decide(route, token).explain()
    except PolicyError as error:
        assert str(error)
    headers = [(chance.choice(("token", "Authorization", "", "x-http-method-override", "\x00")), route)] * 2
    try:
        _POLICY.decide_request(chance.choice(("GET", "PUT", "x", "")), route, headers, service=_Nobody(), archive=None)
    except (PolicyError, TypeError) as error:
        assert isinstance(error, PolicyError), error
    return route.encode("utf-8", "surrogatepass")


_WORDS = ["--format", "json", "sarif", "--select", "ROL", "--ignore", "all", "--as", "orthanc", "-", "--", "-o", "/nonexistent/x",
          "--image-tag", "25.9.0", "0.9..0.11", "--plugin-version", "-1", "", "\x1b[31m", "--server", "orthanc", "--client",
          "ohif", "--config", "pyproject.toml", "--as-of", "latest", "GET", "/studies", "http://[", "--token-file", "/dev/null",
          "explain", "lint", "effective", "test", "schema", "permissions", "diff", "HEAD:", "HEAD~1:./x", "matrix", "--by", "routes",
          "upgrade", "who-can", "can", "check", "--label", "x", "--combine", "a+b", "--fail-on", "error", "--origin", "{folder}",
          "{folder}", "{folder}/orthanc.json", "--help", "--version", "rules", "versions", "rule", "anonymous-star", "--persona",
          "auditor", "--severity", "info", "--fail-under", "nan", "1e9", "--route", "--explain", "--from", "--to"]  # fmt: skip


def arguments(chance: random.Random) -> bytes:
    """Any words after the program's name end with 0, 1 or 2."""
    with TemporaryDirectory() as folder:
        for name, content in GOOD.items():
            (Path(folder) / name).write_bytes(content)
        words = [chance.choice(_WORDS).replace("{folder}", folder) for _ in range(chance.randint(0, 6))]
        output = call(chance.choice((lint, toolkit)), *words, text=b"{}")
        assert output.exit_code in (0, 1, 2), f"{words}: {output.text}"
    return shlex.join(words).encode("utf-8", "surrogatepass")


TARGETS: Mapping[str, Callable[[random.Random], bytes]] = {
    "reader": reader,
    "recognised": recognised,
    "merged": merged,
    "pattern": pattern,
    "request": request,
    "arguments": arguments,
}
