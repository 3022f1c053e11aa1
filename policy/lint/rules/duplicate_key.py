"""Rule ``duplicate-key``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.source import Kind, Source
from policy.lint.finding import Finding, Persona, Related, Severity
from policy.lint.rule import Rule
from policy.text import Member, Node

if TYPE_CHECKING:
    from policy.lint.context import Context

_KINDS = (Kind.ORTHANC, Kind.PERMISSIONS, Kind.ANONYMOUS)


class DuplicateKey(Rule):
    r"""The same key twice in one object.

    ## What it checks

    Keys that stand twice in one pair of braces.

    ## Why it matters

    Every reader takes the last one without a word.
    Of two sections of the same name the first is dropped as a whole: nothing is merged.

    ## Example

    ```jsonc orthanc.jsonc line=6
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies"
      },
      "Authorization": {
        "TokenHttpHeaders": ["api-key"]
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=4 severity=info persona=pedantic
    {
      "Name": "A",
      "StableAge": 60,
      "Name": "A"
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["api-key"]
      }
    }
    ```

    ## Exceptions

    The same key in two objects is no double:

    ```jsonc orthanc.jsonc
    {
      "DicomWeb": {"Enable": true, "Root": "/dicom-web/"},
      "OrthancExplorer2": {"Enable": true, "Root": "/ui/"}
    }
    ```
    """

    code: ClassVar[str] = "SYN006"
    name: ClassVar[str] = "duplicate-key"
    title: ClassVar[str] = "Same key twice"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "which of the two is meant is not known"

    def check_source(self, source: Source, context: Context) -> Iterator[Finding]:
        document = source.document
        if source.kind not in _KINDS or document.root is None or document.language != "json":
            return
        if not any(leniency.kind == "duplicate-key" for leniency in document.leniencies):
            return
        for node in document.root.walk():
            seen: dict[str, Member] = {}
            for member in node.members:
                earlier = seen.get(member.key)
                if earlier is not None:
                    yield self._pair(source, earlier, member)
                seen[member.key] = member

    def _pair(self, source: Source, earlier: Member, later: Member) -> Finding:
        line = source.document.position(earlier.key_span.start).line
        lost = _lost(earlier.value, later.value)
        same = earlier.value.kind == later.value.kind and earlier.value.python() == later.value.python()
        if same:
            message = f"{later.key} stands here and in line {line} with the same value."
        elif lost:
            message = (
                f"{later.key} replaces the whole of {later.key} in line {line}, nothing is merged: "
                f"{', '.join(lost[:4])}{' and more' if len(lost) > 4 else ''} of it will have no effect."
            )
        else:
            message = f"{later.key} counts here: the value in line {line} has no effect."
        return self.finding(
            source.place(later.key_span),
            message,
            "Join the two." if lost else "Remove one of the two.",
            severity=Severity.INFO if same else Severity.WARNING,
            persona=Persona.PEDANTIC if same else Persona.REGULAR,
            related=[Related(source.place(earlier.key_span), "the one that has no effect")],
            facts={"subject": later.key, "lost": tuple(lost), "same": same},
        )


def _lost(earlier: Node, later: Node) -> list[str]:
    """The keys of the first object that the second has not."""
    if earlier.kind != "object":
        return []
    kept = {member.key for member in later.members}
    return list(dict.fromkeys(member.key for member in earlier.members if member.key not in kept))
