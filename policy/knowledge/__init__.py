"""What is known of Orthanc, its Authorization plugin, its auth service and its images: facts as typed tables.

Each module is a group of tables with its loaders; a table is read from its data file when it is first asked for.
Each row says its source: the repository, the file and the version that were read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policy.knowledge.catalogue import Table


def tables() -> tuple[Table, ...]:
    """Every table with its number of rows and its date. This loads them all."""
    from policy.knowledge.catalogue import tables as catalogue

    return catalogue()
