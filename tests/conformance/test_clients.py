"""Sessions of real clients against the engine, and against what is known of the clients.

Bodies and headers were not recorded.
What a client sends as a token, and the bodies that decide a search, are therefore said here.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from policy import Policy
from policy.engine import Request
from policy.engine.level import HIERARCHY, Level
from policy.knowledge import clients
from policy.testing import Archive, Service

RECORDINGS = Path(__file__).parent / "recordings"
TOKEN = "the-token"
NOBODY: dict[str, Any] = {"name": "anonymous", "permissions": [], "authorized-labels": [], "validity": 60}
AUDITED = "admin-with-audit-logs"
LINK = re.compile(r"[?&]token=([^&]+)")
ORTHANC_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{8}){4}")
REFUSED = (401, 403)

PATIENTS, STUDIES = {"Level": "Patient", "Query": {}}, {"Level": "Study", "Query": {}}
SEARCHES: dict[tuple[str, str], dict[str, Any]] = {
    ("orthanc-api-client", "studies.find({}, labels=['internal'])"): STUDIES
    | {"Labels": ["internal"], "LabelsConstraint": "All"},
    ("orthanc-api-client", "studies.find({}, labels=['external'], NONE)"): STUDIES
    | {"Labels": ["external"], "LabelsConstraint": "None"},
    ("orthanc-api-client", "patients.find({'PatientID': 'P5'})"): PATIENTS,
    ("pyorthanc", "find_patients"): PATIENTS,
    ("pyorthanc", "find_patients(query)"): PATIENTS,
    ("pyorthanc", "find_studies"): STUDIES,
    ("pyorthanc", "find_studies(query)"): STUDIES,
    ("pyorthanc", "find_studies(labels external)"): STUDIES | {"Labels": ["external"], "LabelsConstraint": "All"},
    ("pyorthanc", "find_studies(labels internal)"): STUDIES | {"Labels": ["internal"], "LabelsConstraint": "All"},
    ("pyorthanc", "find_series(Modality=CT)"): {"Level": "Series", "Query": {"Modality": "CT"}},
    ("pyorthanc", "find_instances"): {"Level": "Instance", "Query": {}},
}
"""Bodies of the searches that labels refuse, and of some that they narrow; of others the filter alone is asked."""

KNOWN_AS = {
    "dicomweb-client": "dicomweb-client (python)",
    "orthanc-api-client": "orthanc-api-client (python)",
    "orthanc-peer-sender": "orthanc-peer (sender)",
    "orthanc-dicomweb-sender": "dicomweb-peer",
    "ohif-variant": "ohif",
}
UNTOLD = re.compile(r"/ui/app/.*|/app/.*|/(plugins/)?explorer\.js|/")
"""Files of user interfaces: they are told once, by a sample."""


class Sent(NamedTuple):
    step: str
    method: str
    target: str
    status: int | str

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


@cache
def recorded() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(lzma.decompress((RECORDINGS / "clients.json.xz").read_bytes()))
    return data


def sessions() -> list[tuple[str, str]]:
    return [(one["client"], user) for one in recorded()["clients"] for user in one["sessions"]]


def client(name: str) -> dict[str, Any]:
    return next(one for one in recorded()["clients"] if one["client"] == name)


def requests(steps: list[Any]) -> Iterator[Sent]:
    return (Sent(step, *each) for step, sent in steps for each in sent)


def orthanc_id(*uids: str) -> str:
    digest = hashlib.sha1("|".join(uids).encode(), usedforsecurity=False).hexdigest()
    return "-".join(digest[start : start + 8] for start in range(0, 40, 8))


def world(name: str) -> dict[str, dict[str, Any]]:
    """The archive of the recordings: that of the filter's, and two studies with nine instances each."""
    found: dict[str, dict[str, Any]] = json.loads((RECORDINGS / "filter-world.json").read_text())

    def put(labels: list[str], *uids: str) -> None:
        parent = orthanc_id(*uids[:-1]) if len(uids) > 1 else None
        level = HIERARCHY[len(uids) - 1].value
        found[orthanc_id(*uids)] = {"level": level, "dicom-uid": uids[-1], "labels": labels, "parent": parent}

    for patient, study, label in (("P5", "1.2.3.5", "external"), ("P6", "1.2.3.6", "internal")):
        put([], patient)
        put([label], patient, study)
        document = ((8, 1),) if name == "ohif-variant" and label == "external" else ()
        for series, instances in ((1, 5), (2, 3), (3, 1), *document):
            put([], patient, study, f"{study}.{series}")
            for instance in range(1, instances + 1):
                put([], patient, study, f"{study}.{series}", f"{study}.{series}.{instance}")
    return found


def arisen(archive: Archive, steps: list[Any]) -> set[str]:
    """Studies that a session has made: unknown ids that the server then answered for."""
    return {
        one
        for sent in requests(steps)
        if sent.path.startswith(("/studies/", "/tools/create-")) and sent.status == 200
        for one in ORTHANC_ID.findall(sent.target)
        if archive.level_of(one) is None
    }


def granted(archive: Archive, target: str) -> dict[str, Any]:
    """What the token of a link opens: the studies of what the link names, as a link is made for studies."""
    studies = []
    for one in ORTHANC_ID.findall(target):
        level = archive.level_of(one)
        lineage = archive.by_id(level, one) if level is not None else None
        studies += [each.dicom_uid for each in lineage.resources if each.level is Level.STUDY] if lineage else []
    return {"levels": ["study"], "dicom-uids": studies, "uris": []}


@pytest.mark.parametrize(("name", "user"), sessions())
def test_the_engine_answers_each_client_as_the_server_did(name: str, user: str) -> None:
    one = client(name)
    steps = one["sessions"][user]
    resources = world(name)
    for study in arisen(Archive(resources), steps):
        patient = orthanc_id(study)
        resources[patient] = {"level": "patient", "dicom-uid": study, "labels": [], "parent": None}
        resources[study] = {"level": "study", "dicom-uid": study, "labels": [], "parent": patient}
    archive = Archive(resources)
    configuration = json.loads(json.dumps(recorded()["configuration"]))
    configuration["Authorization"]["EnableAuditLogs"] = user == AUDITED
    policy = Policy.from_configuration(configuration, plugin=recorded()["plugin"])
    profile = {"name": user, "validity": 60} | one["users"][user]
    differences = []
    for sent in requests(steps):
        link = LINK.search(sent.target)
        signed_in = user != "anonymous" and link is None and "without a session" not in sent.step
        headers = [("token", TOKEN)] if signed_in else []
        tokens = {TOKEN: profile} | ({link[1]: NOBODY} if link else {})
        grants = {link[1]: granted(archive, sent.target)} if link else {}
        service = Service(anonymous=NOBODY, tokens=tokens, grants=grants)
        search = SEARCHES.get((name, sent.step)) if sent.path == "/tools/find" else None
        body = json.dumps(search).encode() if search is not None else b"" if sent.method == "GET" else None
        decision = policy.decide_request(sent.method, sent.target, headers, service=service, archive=archive, body=body)
        # What the core or another plugin finds wrong has passed; a search that finds nothing is answered 404 or so.
        passes = bool(decision) or decision.status not in REFUSED
        if passes is (sent.status in REFUSED):
            differences.append((sent, decision.explain()))
        if signed_in:
            request = Request(sent.method, sent.target, body=body)
            assert bool(policy.decide(request, profile, resource=archive)) is bool(decision), sent
    assert differences == []


# With curl people send what they like: only its uploads are told.
@pytest.mark.parametrize("name", [one["client"] for one in recorded()["clients"] if one["client"] != "curl"])
def test_what_a_client_sends_is_known(name: str) -> None:
    one = client(name)
    sent = {
        (each.method, each.path) for steps in (one["without"], *one["sessions"].values()) for each in requests(steps)
    }
    known = [each for feature in clients.features_of(KNOWN_AS.get(name, name)) for each in feature.requests]
    patterns = [(each.method, re.compile(shape(each.path))) for each in known]
    unknown = {
        (method, path)
        for method, path in sent
        if not UNTOLD.fullmatch(path) and not any(m == method and p.fullmatch(path) for m, p in patterns)
    }
    assert unknown == set()


@pytest.mark.parametrize("name", clients.clients())
def test_what_is_said_to_be_recorded_was_sent(name: str) -> None:
    sent = {
        (each.method, each.path)
        for one in recorded()["clients"]
        if KNOWN_AS.get(one["client"], one["client"]) == name
        for steps in (one["without"], *one["sessions"].values())
        for each in requests(steps)
    }
    never = {
        (each.method, each.path)
        for feature in clients.features_of(name)
        for each in feature.requests
        if each.recorded and not any(m == each.method and re.fullmatch(shape(each.path), p) for m, p in sent)
    }
    assert never == set()


def shape(template: str) -> str:
    """The regular expression of a template: a name stands for one part of a path, ``{path}`` for more."""
    parts = re.split(r"(\{\w+\})", template)
    return "".join(".+" if p == "{path}" else "[^/]+" if p.startswith("{") else re.escape(p) for p in parts)
