"""The DICOMweb transactions that the own rules of a server refuse to everybody and that the built-in ones allow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policy.knowledge.plugin import versions
from policy.knowledge.routes import DICOM_WEB_ROOT, with_root
from policy.lint.views.built_in import asked_by_default
from policy.lint.views.clients_used import used_clients
from policy.lint.views.coverage import coverage, own_list
from policy.lint.views.options import given
from policy.lint.views.unchecked import dicom_web_root
from policy.lint.views.variables import loads
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.knowledge.dicomweb import Transaction
    from policy.lint.context import Context

_GROUPS = frozenset({"QIDO-RS", "WADO-RS", "STOW-RS"})
_VIEWERS = frozenset({"stone-webviewer", "ohif"})
STORE = "STOW-RS"


@dataclass(frozen=True, slots=True)
class Refused:
    """A transaction, with the path at which it is refused."""

    transaction: Transaction
    path: str

    @property
    def stores(self) -> bool:
        """Whether it adds instances rather than reads them."""
        return self.transaction.group == STORE

    def __str__(self) -> str:
        """The transaction with its name; its clause only where it was compared with the standard."""
        clause = self.transaction.clause if self.transaction.clause_checked else None
        return f"{self.transaction.group} {self.transaction.name}" + (f" (PS3.18 {clause})" if clause else "")


def dicomweb_refused(server: OrthancServer, context: Context) -> tuple[Refused, ...]:
    """The refused transactions of ``server``; none where the built-in list stands or DICOMweb is not used."""
    if own_list(server) is None or not (serves_dicomweb(server) or _needed(server, context)):
        return ()
    return context.once(("dicomweb refused", id(server)), lambda: tuple(_refused(server, context)))


def serves_dicomweb(server: OrthancServer) -> bool:
    """Whether the files show that the DICOMweb plugin answers: loaded, or with a section of its own."""
    if loads(server, "DicomWeb") is False:
        return False
    switch = server.configuration.get("DicomWeb", "Enable")
    if switch is not None and switch.value is False:
        return False
    return loads(server, "DicomWeb") is True or given(server, "DicomWeb") is not None


def _needed(server: OrthancServer, context: Context) -> bool:
    """Whether a viewer that shows nothing without DICOMweb is used, and the plugin is not known to be absent."""
    if loads(server, "DicomWeb") is False:
        return False
    return any(used.client in _VIEWERS for used in used_clients(server, context))


def _refused(server: OrthancServer, context: Context) -> Iterator[Refused]:
    from policy.knowledge.dicomweb import transactions

    covered = coverage(server, context)
    if covered is None:
        return
    root = dicom_web_root(server)
    if root != DICOM_WEB_ROOT and covered.nobody("GET", with_root("/dicom-web/studies/1.2/series", root)):
        return  # nothing below another root is reached by the built-in rules either: dicomweb-root-ignored tells it
    newest = versions()[-1]
    for one in transactions():
        if one.group not in _GROUPS or not one.implemented:
            continue
        plain = one.witness.partition("?")[0]
        path = with_root(plain, root)
        if covered.nobody(one.method, path) and asked_by_default(newest, one.method, plain) is not None:
            yield Refused(one, path)
