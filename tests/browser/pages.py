"""Pages of the report to open: of the samples, and of deployments made up here."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from policy.configuration.deployment import Deployment
from policy.configuration.given import Given
from policy.configuration.loading import load
from policy.engine import Policy
from policy.engine.behaviour import OLDEST, behaviour
from policy.engine.loading import choose_server, policy_of
from policy.knowledge import plugin
from policy.lint.run import Result, run
from policy.questions.causes import Given as Side
from policy.questions.diff import diff
from policy.report.html.assembly import page

SAMPLES = Path(__file__).parents[2] / "samples"
WORKING = "forum-thread-tests"


class Made(NamedTuple):
    """A page, with the policy that it is about."""

    name: str
    page: str
    policy: Policy


def deployed(folder: Path, **versions: str) -> Deployment:
    return load([folder], given=Given.of(**versions), here=folder.parent)


def policy_in(deployment: Deployment) -> Policy:
    return policy_of(choose_server(deployment), deployment.proxies)


@cache
def sample(name: str) -> str:
    """The whole page of a sample."""
    return page(run(deployed(SAMPLES / name)))


@cache
def comparison() -> str:
    old, new = (deployed(SAMPLES / name) for name in (WORKING, "clinic"))
    told = diff(*(Side(policy_in(one), choose_server(one), name) for one, name in ((old, "before"), (new, "after"))))
    return page(run(new), compared=told)


@cache
def small() -> str:
    """A page with every part, and little in each: for what looks at every element."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        sides = [made(number, _new(folder / text)) for number, text in ((6, "before"), (9, "after"))]
        told = diff(*(Side(one.policy, None, one.name) for one in sides))
        return page(run(deployed(folder / "after")), compared=told)


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


def unlinted(deployment: Deployment) -> str:
    """The page without findings, which no decision depends on."""
    return page(Result(deployment, (), (), ()))


# -- deployments made up --

ROLES = {
    "admin": {"permissions": ["all", "view", "edit-labels"], "authorized_labels": ["*"]},
    "doctor": {"permissions": ["view", "share"], "authorized_labels": ["external", 'ward "7"']},
    "clerk": {"permissions": ["upload"], "authorized_labels": []},
    "nobody": {"permissions": [], "authorized_labels": ["*"]},
}
PATTERNS = (
    "^/studies$",
    "^/(patients|studies|series|instances)(|/)$",
    "^/(patients|studies|series|instances)/([a-f0-9-]+)(|/.*)$",
    "^/studies/[^/]+/(archive|media)$",
    "^/dicom-web/(studies|series|instances)(|/)$",
    "^/dicom-web/studies/([.0-9]+)(|/.*)$",
    "^/tools/.*$",
    "^/tools/(find|lookup)$",
    "^/(.*)/labels(.*)$",
    "^/(a|a)*(a|a)*(a|a)*/x(.*)y(.*)z$",
    "^/(?!tools)[a-z]+/[0-9]+$",
    "^/(\\w+)/\\1$",
    "^(/[a-z]+)+/deep$",
    "/instances",
    "^/auth/.*|/system$",
    "^/caf\u00e9/.*$",
    "SINGLE_RESOURCE_PATTERNS",
    "^/.*$",
)


def generated(number: int) -> tuple[dict[str, Any], str]:
    """A configuration that starts, and a version of the plugin for it."""
    dice = random.Random(number)
    release = dice.choice([one.version for one in plugin.RELEASES if one.version >= OLDEST])
    section: dict[str, Any] = {"TokenHttpHeaders": ["token"], "TokenGetArguments": ["token"]}
    if dice.random() < 0.3:
        section |= {"TokenHttpHeaders": [], "TokenGetArguments": dice.choice([[], ["q"]])}
    if dice.random() < 0.6:
        section["WebServiceRootUrl"] = "http://auth/"
    else:
        which = dice.choice(["profiles", "shares", "both"])
        if which != "shares":
            section["WebServiceUserProfileUrl"] = "http://auth/user/get-profile"
        if which != "profiles":
            section["WebServiceTokenValidationUrl"] = "http://auth/tokens/validate"
    if dice.random() < 0.8:
        section["Permissions"] = [
            [method, pattern, dice.choice(["view", "all|view", "upload", "edit-labels|it's", ""])]
            for pattern in dice.sample(PATTERNS, 9)
            for method in dice.sample(["get", "post", "put", "delete"], 2)
        ]
    if dice.random() < 0.7:
        section["CheckedLevel"] = dice.choice(["studies", "patients", "series", "instances", "system"])
    else:
        section["UncheckedLevels"] = dice.sample(["patients", "studies", "series", "instances", "system"], 2)
    if dice.random() < 0.5:
        section |= {"UncheckedResources": ["/system", "/caf\u00e9"], "UncheckedFolders": ["/app/", "/series/"]}
    if dice.random() < 0.3:
        section["EnableAuditLogs"] = True
    logs_in = behaviour(release).core_authentication_allowed and dice.random() < 0.6
    configuration: dict[str, Any] = {"Name": "generated", "AuthenticationEnabled": logs_in}
    if logs_in:
        configuration["RegisteredUsers"] = {"a": "b"}
    if dice.random() < 0.3:
        configuration |= {"DicomWeb": {"Root": "/wado/"}, "Root": dice.choice(["/wado/", "/dicom-web/", "/a+b/"])}
    return {**configuration, "Authorization": section}, str(release)


NGINX = """server {
  listen 80;
  location / { return 302 /orthanc/ui/app/; }
  location /orthanc/ { proxy_pass http://orthanc:8042/; }
  location = /status { return 204; }
  location ~ ^/shared/(.*)$ { rewrite ^/shared/(.*)$ /studies/$1 break; proxy_pass http://orthanc:8042; }
  location /doubt/ { include missing.d/*.conf; proxy_pass http://orthanc:8042/; }
  location ~ "^/Case/(\\d{2,3})$" { proxy_pass http://orthanc:8042; }
  location ~ ^/(b+)+y$ { proxy_pass http://orthanc:8042; }
  location ~* ^/c(.*)/d(.*)$ { if ($arg_x) { return 403; } rewrite ^/c(.*)/d(.*)$ /$2/$1 break; proxy_pass http://orthanc:8042; }
  location /other/ { proxy_pass http://elsewhere:80/; }
}
"""


def made(number: int, folder: Path) -> Made:
    """A deployment by its number, with roles, every other one with visitors; every third behind a proxy."""
    configuration, version = generated(number)
    files = {"orthanc.json": json.dumps(configuration), "permissions.json": json.dumps({"roles": ROLES})}
    if number % 2:
        profile = {"name": "visitor", "permissions": ["view"], "authorized_labels": ["external"], "validity": 60}
        files["anonymous-profile.json"] = json.dumps(profile)
    if number % 3 == 0:
        files["nginx.conf"] = NGINX
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    deployment = deployed(folder, plugin=version)
    return Made(f"{number}, plugin {version}", unlinted(deployment), policy_in(deployment))


# -- requests --

IDS = ("6b9e19d9-62094390-5f9ddb01-4a191ae7-9766b715", "0a", "1.2.840.113619.2.1", "a b")
TARGETS = (
    "/{kind}",
    "/{kind}/",
    "/{kind}/{id}",
    "/{kind}/{id}/archive",
    "/{kind}/{id}/labels/x",
    "/{kind}/{id}/modify",
    "/dicom-web/{kind}",
    "/dicom-web/{kind}/",
    "/dicom-web/studies?StudyInstanceUID=1.2&PatientID=*",
    "/dicom-web/series?0020000d=1.2&seriesinstanceuid=3.4",
    "/dicom-web/studies?00100020=p",
    "/dicom-web/studies/1.2/series/3.4/instances/5.6/frames/1",
    "/wado/studies/1.2/series/3.4",
    "/tools/find",
    "/tools/labels",
    "/tools/bulk-modify",
    "/tools/create-archive?resources={id},0b,0a",
    "/auth/user/profile",
    "/system",
    "/system?token=x&_method={method}",
    "/app/x/../y",
    "/app/%2e%2e//studies/./{id}",
    "/series/%61%00b",
    "/caf\u00e9/m\u00fcller",
    "/caf%C3%A9",
    "/x%20y+z'\\q",
    "/tools\\find",
    "/aaaa/xaybz",
    "/" + "a" * 40 + "/x",
    "/" + "/".join(["ab"] * 30),
    "/foo/foo",
    "/web-viewer/instances/a-0b_1",
    "/osimis-viewer/images/0a/x",
    "https://pacs.example.org/orthanc/studies/{id}?x=1",
    "http://pacs.example.org/shared/{id}",
    "http://pacs.example.org/orthanc//{kind}/../system#x",
    "http://pacs.example.org/orthanc",
    "http://pacs.example.org/status",
    "http://pacs.example.org/other/x",
    "http://pacs.example.org/doubt/studies",
    "http://pacs.example.org/" + "b" * 60,
    "http://pacs.example.org/bby",
    "http://pacs.example.org/C1/dstudies?x=1",
    "https://pacs.example.org/Case/123?x",
    "//double",
    "/tab\there",
    "/%zz",
)
METHODS = ("GET", "GET", "POST", "PUT", "DELETE", "HEAD", "PROPFIND", "MKCOL", "PATCH")
LEVELS = ("patient", "study", "series", "instance")


class Asked(NamedTuple):
    """A request of somebody (a number among the people), with labels by level or None."""

    method: str
    target: str
    who: int
    labels: dict[str, list[str]] | None


def requests(number: int, people: int, count: int) -> Iterator[Asked]:
    dice = random.Random(number)
    for _ in range(count):
        method = dice.choice(METHODS)
        kinds = ("patients", "studies", "series", "instances")
        target = dice.choice(TARGETS).format(kind=dice.choice(kinds), id=dice.choice(IDS), method=dice.choice(METHODS))
        labels = None
        if dice.random() < 0.4:
            some = ([], ["external"], ['ward "7"', "other"], ["*"])
            labels = {level: list(dice.choice(some)) for level in LEVELS if dice.random() < 0.8}
        yield Asked(method, target, dice.randrange(people), labels)
