"""Rule ``value-lost``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.source import Kind, Source
from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views import syntax
from policy.text import Leniency

if TYPE_CHECKING:
    from policy.lint.context import Context

_WORDS = {
    "leading-zeros": "a number with zeros before it",
    "lone-minus": "a minus without a number",
    "lone-surrogate": "half of a character ({detail})",
    "number-overflow": "a number that is too large ({detail})",
    "odd-surrogates": "an escape that stands for no character ({detail})",
    "plus-sign": "a number with a plus sign",
    "sign-then-point": "a number that begins with a point",
    "special-number": "the value {detail}",
    "trailing-point": "a number that ends with a point",
}


class ValueLost(Rule):
    r"""A value that readers take for different things.

    ## What it checks

    Numbers and escapes that one reader refuses and another takes for something else than is written: `NaN`, `Infinity`,
    `1e999`, `007`, `+5`, `1.`, a lone minus, half of a surrogate pair.

    ## Why it matters

    Orthanc reads `007` as 7 and a lone minus as 0; the orthancteam image refuses both and stops.
    `NaN` is the reverse: the image writes it into the file that Orthanc then refuses.

    ## Example

    ```jsonc orthanc.jsonc line=2 orthanc=1.12.11
    {
      "StableAge": 060,
      "Authorization": {"WebServiceRootUrl": "http://auth:8000/"}
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=2 severity=error image=25.9.0
    {
      "StableAge": NaN,
      "Authorization": {"WebServiceRootUrl": "http://auth:8000/"}
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "StableAge": 60,
      "Authorization": {"WebServiceRootUrl": "http://auth:8000/"}
    }
    ```

    ## Exceptions

    The same signs inside of a text are a text:

    ```jsonc orthanc.jsonc
    {
      "Name": "NaN 007 1.",
      "Authorization": {"WebServiceRootUrl": "http://auth:8000/"}
    }
    ```
    """

    code: ClassVar[str] = "SYN009"
    name: ClassVar[str] = "value-lost"
    title: ClassVar[str] = "Value that readers take for different things"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "which value is meant is not known"

    def check_source(self, source: Source, context: Context) -> Iterator[Finding]:
        for mistake in syntax.mistakes(source, context, self.name):
            entry = mistake.leniency
            if source.kind is not Kind.ORTHANC and not mistake.refused:
                continue  # what the auth service makes of the value is told by the rules on its files
            held = _WORDS.get(entry.kind, entry.kind.replace("-", " ")).replace("{detail}", entry.detail)
            assumed = all(fate.assumed for fate in mistake.refused)
            if mistake.refused and not (assumed and mistake.taken):
                message = syntax.sentence(mistake, held)
            else:
                refuses = f", and {mistake.refused[0].who} refuses it" if mistake.refused else ""
                who = mistake.taken[0] if mistake.taken else "the reader"
                message = f"{held[0].upper()}{held[1:]}: {who} takes it for {_read(source, entry)}{refuses}."
            yield self.finding(
                source.place(entry.span),
                message,
                "Write the value that is meant as strict JSON.",
                severity=mistake.severity or Severity.WARNING,
                confidence=Confidence.LIKELY if mistake.refused and assumed else Confidence.SURE,
                facts={"subject": entry.kind, "refused-by": tuple(fate.who for fate in mistake.refused)},
            )


def _read(source: Source, leniency: Leniency) -> str:
    """What the lenient readers make of the value at the place of the leniency."""
    root = source.document.root
    nodes = root.walk() if root is not None else iter(())
    for node in nodes:
        if node.kind == "number" and node.span.start <= leniency.span.start < node.span.end:
            return str(node.value)
    return "another character"
