"""Where a document differs from its schema: jsonschema finds it, the document's spans say where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from policy.configuration.source import Location, Source
from policy.records import dataclass
from policy.text import Node, Span


@dataclass(frozen=True, slots=True)
class Misfit:
    """One place where a document is not as its schema wants it."""

    location: Location
    message: str


def misfits(source: Source, schema: dict[str, Any]) -> Iterator[Misfit]:
    """The misfits of a file, in the order of the text; of alternatives the one that fits best is told.

    ``schema`` is of the dialect 2020-12.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    root = source.document.root
    if root is None:
        yield Misfit(source.place(Span(0, 0)), "the file holds no value")
        return
    validator = Draft202012Validator(schema)
    found = []
    for error in validator.iter_errors(root.python()):
        best = best_match([error]) or error
        path = list(best.absolute_path)
        found.append(Misfit(source.place(_span(root, path)), _words(best)))
    yield from sorted(found, key=lambda misfit: (misfit.location.span.start, misfit.message))


def _span(root: Node, path: Sequence[str | int]) -> Span:
    node = root
    for part in path:
        following = node.items[part] if isinstance(part, int) else node.get(part)
        if following is None:
            break
        node = following
    return node.span if path else Span(root.span.start, min(root.span.start + 1, root.span.end))


def _words(error: Any) -> str:
    """What is wrong, without the value: it could be a secret."""
    where = ".".join(str(part) for part in error.absolute_path)
    value, keyword = error.validator_value, error.validator
    what: str
    match keyword:
        case "type":
            what = f"must be {' or '.join([value] if isinstance(value, str) else value)}"
        case "enum":
            what = f"must be one of {', '.join(map(str, value))}"
        case "required":
            what = f"lacks {', '.join(key for key in value if key not in error.instance)}"
        case "additionalProperties":
            what = f"has keys that nothing reads: {_extra(error)}"
        case "minItems" | "maxItems":
            what = f"must have at {'least' if keyword == 'minItems' else 'most'} {value} elements"
        case "minimum":
            what = f"must be at least {value}"
        case _:
            what = _WORDS.get(keyword, f"does not fit ({keyword})")
    return f"{where or 'the file'} {what}"


_WORDS = {
    "minLength": "must not be empty",
    "not": "has two keys that exclude each other: CheckedLevel and UncheckedLevels",
    "oneOf": "must have its labels in one of two spellings: authorized-labels or authorized_labels",
    "pattern": "has a blank, a comma or a semicolon in it",
    "uniqueItems": "has an element twice",
}


def _extra(error: Any) -> str:
    known = error.schema.get("properties", {})
    return ", ".join(key for key in error.instance if key not in known and not key.startswith("_"))
