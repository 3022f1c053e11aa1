"""All tables of this package at a glance: their names, their sizes and how old they are."""

from __future__ import annotations

from collections.abc import Callable, Sized
from importlib import import_module

from policy.knowledge._files import read
from policy.records import dataclass

# module, loader, data file: named here so that nothing is loaded before it is asked for.
_TABLES = (
    ("plugin", "releases", "plugin"),
    ("plugin", "standard_configurations", "plugin"),
    ("plugin_options", "options", "plugin-options"),
    ("plugin_options", "keys_outside", "plugin-options"),
    ("plugin_options", "enumerations", "plugin-options"),
    ("plugin_options", "start_up", "plugin-options"),
    ("compose_keys", "keys", "compose-keys"),
    ("misnomers", "misnomers", "misnomers"),
    ("sample_secrets", "sample_secrets", "sample-secrets"),
    ("plugin_changes", "changes", "plugin-changes"),
    ("plugin_changes", "standing_facts", "plugin-changes"),
    ("permissions", "permissions", "permissions"),
    ("service", "tags", "service"),
    ("service", "pins", "service"),
    ("service", "shipped_files", "service"),
    ("service", "file_keys", "service-files"),
    ("service", "spellings", "service-files"),
    ("service", "environment", "service-behaviour"),
    ("service", "share_types", "service-behaviour"),
    ("service", "behaviours", "service-behaviour"),
    ("images", "orthanc_images", "images"),
    ("images", "nginx_images", "images-other"),
    ("images", "keycloak_images", "images-other"),
    ("images", "ohif_images", "images-other"),
    ("images", "repositories", "images-other"),
    ("images", "discrepancies", "images-other"),
    ("environment", "steps", "environment"),
    ("environment", "image_defaults", "environment"),
    ("environment", "default_changes", "environment"),
    ("environment", "plugin_switches", "environment"),
    ("environment", "aliases", "environment"),
    ("environment", "section_prefixes", "environment"),
    ("environment", "runtime_variables", "environment"),
    ("environment", "value_rules", "environment"),
    ("environment", "confidential", "environment"),
    ("environment", "options", "environment-options"),
    ("environment", "legacy_variables", "environment-options"),
    ("routes", "routes", "routes"),
    ("routes", "plugins", "routes"),
    ("routes", "handlers", "routes"),
    ("routes", "routing_facts", "routes"),
    ("routes", "sensitivities", "routes"),
    ("dicomweb", "transactions", "dicomweb"),
    ("dicomweb", "edges", "dicomweb"),
    ("dicomweb", "consequences", "dicomweb"),
    ("clients", "features", "clients"),
    ("clients", "requests", "clients"),
    ("nginx", "locations", "nginx"),
    ("nginx", "default_answers", "nginx"),
    ("nginx", "flags", "nginx"),
    ("nginx", "flag_defaults", "nginx"),
    ("nginx", "headers", "nginx"),
    ("nginx", "examples", "nginx"),
    ("nginx", "algorithm", "nginx"),
    ("nginx", "notes", "nginx"),
    ("references", "references", "references"),
)


@dataclass(frozen=True, slots=True)
class Table:
    """One table."""

    name: str
    """Module and loader with a dot between."""
    rows: int
    date: str
    """ISO date of the newest fact in its data file."""


def tables() -> tuple[Table, ...]:
    """Every table with its size and its date. This loads them all."""
    found: list[Table] = []
    for module, loader, file in _TABLES:
        load: Callable[[], Sized] = getattr(import_module(f"policy.knowledge.{module}"), loader)
        found.append(Table(f"{module}.{loader}", len(load()), read(file)["date"]))
    return tuple(found)
