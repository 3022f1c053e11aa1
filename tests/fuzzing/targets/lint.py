"""The linter ends with findings or with an error of ours on any folder, and every format renders what it found."""

from __future__ import annotations

import json
import xml.etree.ElementTree as Xml
import zlib

from policy.configuration.loading import load
from policy.errors import PolicyError
from policy.lint.finding import Persona
from policy.lint.run import Result, run
from policy.lint.settings import Settings
from policy.report import FORMATS, render

from .. import folders

_AUDITOR = Settings(persona=Persona.AUDITOR, preview=True)
"""Every rule runs."""


def check(data: bytes) -> None:
    """What must hold for one folder."""
    parts = folders.unpacked(data)
    if not parts:
        return
    with folders.written(parts) as folder:
        try:
            result = run(load([folder], here=folder, env=folders.host(parts)), _AUDITOR)
        except PolicyError as error:
            assert str(error)
            return
        for finding in result.findings:
            assert finding.message
            assert (
                finding.location.span.start <= finding.location.span.end <= len(finding.location.source.document.text)
            )
        _rendered(result, zlib.crc32(data))


def _rendered(result: Result, number: int) -> None:
    """The formats that programs read are asked by turns, the others too."""
    forms = list(FORMATS)
    for form in {forms[number % len(forms)], ("text", "json", "sarif", "junit")[number // 16 % 4]}:
        written = render(result, form)
        written.encode()
        if form in ("json", "sarif", "gitlab"):
            json.loads(written)
        elif form == "junit":
            Xml.fromstring(written)
        elif form == "text":
            assert not {sign for sign in written if sign < " "} - {"\n"}


TARGET = folders.target(check)
