"""What all schemas are made of."""

from __future__ import annotations

from typing import Any

DIALECT = "https://json-schema.org/draft/2020-12/schema"
COMMENT_KEYS = {"^_": True}
"""Keys that people use as comments, where a file may hold none."""

Schema = dict[str, Any]

SCHEMA_KEY: Schema = {"type": "string", "description": "The address of this schema, for editors; no program reads it."}


def texts(description: str, *examples: list[str]) -> Schema:
    """A list of texts, each at most once."""
    made: Schema = {
        "type": "array",
        "items": {"type": "string"},
        "uniqueItems": True,
        "description": description,
    }
    return made | {"examples": list(examples)} if examples else made
