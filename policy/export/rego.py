"""The policy as a bundle for the Open Policy Agent: one Rego module, the same for all servers, and one table of data."""

from __future__ import annotations

import hashlib
import json
import re
from importlib.resources import files as resources
from typing import TYPE_CHECKING

from policy._version import __version__
from policy.errors import UsageError
from policy.export.files import Files, json_file
from policy.export.readme import readme
from policy.export.table import limits, table

if TYPE_CHECKING:
    from policy.engine import Policy

PACKAGE = "orthanc"
_WORDS_OF_REGO = frozenset(
    [
        "as",
        "contains",
        "data",
        "default",
        "else",
        "every",
        "false",
        "if",
        "import",
        "in",
        "input",
        "not",
        "null",
        "package",
        "some",
        "true",
        "with",
    ]
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")


def bundle(policy: Policy, *, package: str = PACKAGE) -> Files:
    """The files of the bundle.

    ``package`` is where it stands in OPA's tree, so that one OPA can hold the policies of several servers: with
    ``clinic.pacs`` decisions are at ``data.clinic.pacs.access.decision``.
    Raises :class:`policy.errors.UsageError` for a name that is none,
    :class:`policy.export.table.NothingToExport` and :class:`policy.export.re2.NotExpressible`.
    """
    if not _NAME.fullmatch(package) or not _WORDS_OF_REGO.isdisjoint(package.split(".")):
        raise UsageError(
            f"{package!r} is no name of a package",
            help="Use letters, digits, underscores and dots, and no word that means something in Rego.",
        )
    folder = package.replace(".", "/")
    module = (resources("policy.export") / "data" / "access.rego").read_text(encoding="utf-8")
    module = module.replace("package orthanc.access", f"package {package}.access")
    module = module.replace("data.orthanc.table", f"data.{package}.table")
    made = table(policy)
    told = list(limits(policy))
    manifest = {
        "revision": hashlib.sha256(module.encode() + json.dumps(made, sort_keys=True).encode()).hexdigest()[:16],
        "roots": [folder],
        "rego_version": 1,
        "metadata": {"made_by": f"policy-lint {__version__}", "plugin": policy.version, "limits": told},
    }
    return {
        ".manifest": json_file(manifest),
        "README.md": readme("rego", policy, package),
        f"{folder}/access.rego": module.encode(),
        f"{folder}/table/data.json": json_file(made),
    }
