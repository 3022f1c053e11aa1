"""Reverse proxies: which server and which path a public URL reaches, and back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class ReverseProxy:
    """One nginx in front of the servers."""

    name: str
