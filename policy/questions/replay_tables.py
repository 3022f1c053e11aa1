"""From lines of logs to distinct requests with what happened to them: expressions of Ibis, for any engine it drives.

An expression says what to compute; DuckDB (embedded) or Spark computes it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from policy.errors import UsageError
from policy.questions.replay_logs import NGINX, ORTHANC, Lines
from policy.records import dataclass

if TYPE_CHECKING:
    import ibis.expr.types as ir

BACKENDS = ("duckdb", "spark")
PERMITTED, REFUSED, UNKNOWN = "permitted", "refused", "unknown"


ORTHANC_ID, DICOM_UID = "~o~", "~u~"
"""What stands in a masked target for an identifier of Orthanc, and for one of DICOM (or any numbers with points)."""
ORTHANC_ID_PATTERN = "[0-9a-f]{8}(?:-[0-9a-f]{8}){4}"
DICOM_UID_PATTERN = r"[0-9]+(?:\.[0-9]+)+"


@dataclass(frozen=True, slots=True)
class Request:
    """Requests of one log that have the same masked target, sender and outcome.

    ``target`` is path and query string of one of them as logged, empty where the log has none (the auth service: a
    resource, whose ``level`` it has); ``masked`` has marks in the place of identifiers, or is the target itself.
    ``user`` is the name in the log; None: nothing is told, and ``anonymous`` says that there was none.
    ``count`` are all requests, ``distinct`` the targets among them.
    """

    kind: str
    method: str
    target: str
    masked: str
    level: str
    user: str | None
    anonymous: bool
    happened: str
    count: int
    distinct: int = 1


@contextmanager
def engine(name: str) -> Iterator[Any]:
    """A connection to the engine called ``name``, one of :data:`BACKENDS`.

    :raises UsageError: where its packages, or Java for Spark, are missing.
    """
    try:
        import ibis
    except ImportError:
        raise UsageError("replaying logs needs Ibis, which is missing", help="Install policy-lint[replay].") from None
    if name == "duckdb":
        connection = ibis.duckdb.connect()
        connection.raw_sql("SET enable_progress_bar = false")  # its own bar would be written into the report
        try:
            yield connection
        finally:
            connection.disconnect()
        return
    session = _spark()
    try:
        yield ibis.pyspark.connect(session)
    finally:
        session.stop()


def _spark() -> Any:
    import shutil

    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        raise UsageError("Spark needs Java, which is missing", help="Install Java 17, or use --backend duckdb.")
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise UsageError("the package pyspark is missing", help="pip install 'ibis-framework[pyspark]'.") from None
    builder = SparkSession.builder.appName("policy replay").config("spark.ui.enabled", "false")
    # Where a cluster is set up by the environment or by spark-submit, that one is used.
    if not os.environ.get("SPARK_MASTER") and not os.environ.get("SPARK_HOME"):
        builder = builder.master("local[*]").config("spark.driver.bindAddress", "127.0.0.1")
        builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.sql.shuffle.partitions", "4")
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


class Requests:
    """The requests in tables of lines, computed by the engine behind a connection."""

    def __init__(self, connection: Any, tables: Sequence[Lines]) -> None:
        self._connection = connection
        self._tables = {
            # Masks are put into distinct targets alone: there are fewer of them.
            table.kind: _masked(
                _counted(_BUILD.get(table.kind, _service)(connection.read_parquet(f"{table.folder}/*.parquet")))
            )
            for table in tables
        }

    def grouped(self) -> list[Request]:
        """One request for each masked target, sender and outcome."""
        found: list[Request] = []
        for kind, table in self._tables.items():
            grouped = table.group_by([*_KEYS, "masked"]).aggregate(
                target=table.target.min(), distinct=table.count(), count=table["count"].sum()
            )
            found += self._read(kind, grouped)
        return sorted(found, key=_order)

    def single(self, masked: Mapping[str, Collection[str]] | None = None) -> list[Request]:
        """One request for each target, sender and outcome; of the masked targets given for each kind of log, or all."""
        found: list[Request] = []
        for kind, table in self._tables.items():
            if masked is None:
                found += self._read(kind, table)
            elif masked.get(kind):
                found += self._read(kind, table.filter(table.masked.isin(sorted(masked[kind]))))
        return sorted(found, key=_order)

    def _read(self, kind: str, table: ir.Table) -> list[Request]:
        columns = self._connection.to_pyarrow(table).to_pydict()
        columns["user"] = [user or None for user in columns["user"]]
        return [
            Request(kind=kind, **dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)
        ]


def _order(one: Request) -> tuple[str, ...]:
    sender = one.user or ("-" if one.anonymous else "")
    return one.kind, one.method, one.target, one.level, sender, one.happened


_KEYS = ("method", "level", "user", "anonymous", "happened")


def _counted(table: ir.Table) -> ir.Table:
    return table.group_by([*_KEYS, "target"]).aggregate(count=table.count())


def _masked(table: ir.Table) -> ir.Table:
    """The table with a column for the masked target; a target that has a mark of its own stays as it is."""
    import ibis

    target = table.target
    masked = target.re_replace(ORTHANC_ID_PATTERN, ORTHANC_ID).re_replace(DICOM_UID_PATTERN, DICOM_UID)
    own = target.contains(ORTHANC_ID) | target.contains(DICOM_UID)
    return table.mutate(masked=ibis.ifelse(own, target, masked))


# -- nginx -------------------------------------------------------------------------------------------------------------


def _nginx(lines: ir.Table) -> ir.Table:
    """Lines of the combined format; quotes in a request are escaped by nginx, so that quotes cut the line."""
    import ibis

    pieces = lines.mutate(pieces=lines.text.split('"'))
    pieces = pieces.filter(pieces.pieces.length() > 2)
    words = pieces.mutate(words=pieces.pieces[1].split(" "), lead=pieces.pieces[0], rest=pieces.pieces[2])
    words = words.filter(words.words.length() > 1)
    read = words.select(
        user=words.lead.re_extract(r"(\S+) \[[^\]]*\] $", 1),
        method=words.words[0],
        target=words.words[1],
        status=words.rest.substr(1, 3),
    )
    read = read.filter(read.method.re_search("^[A-Z]+$"))
    refused = read.status.isin(["401", "403"])
    # What the core or a handler answers has passed the filter, also where there is no such thing (404).
    passed = read.status.startswith("2") | read.status.isin(_PASSED)
    return read.select(
        "method",
        "target",
        level=ibis.literal(""),
        user=ibis.ifelse(read.user == "-", ibis.literal(""), read.user),
        anonymous=ibis.literal(value=False),
        happened=ibis.cases((refused, REFUSED), (passed, PERMITTED), else_=UNKNOWN),
    )


_PASSED = ("301", "302", "303", "304", "307", "308", "404", "405", "415")

# -- Orthanc -----------------------------------------------------------------------------------------------------------

_START = r"\] \(http\) ([A-Z]+) (/.*)$"
_THREAD = r"^.*?[IWETD]\d{4} [0-9:.]+ +([^ ]+) +[^ \]]+\] "


def _orthanc(lines: ir.Table) -> ir.Table:
    """Requests by thread, since lines of several threads interleave: from one line ``(http) METHOD path`` to the next."""
    import ibis

    text = lines.text
    about = text.contains("(http) ") | text.contains("authorization") | text.contains("forbidden")
    lines = lines.filter(about | text.contains("Delegating HTTP request"))
    text = lines.text
    elapsed = text.contains("(elapsed: ")
    starts = text.re_search(_START) & ~elapsed
    marked = lines.mutate(thread=text.re_extract(_THREAD, 1), starts=starts.cast("int64"))
    window = ibis.window(group_by=["file", "thread"], order_by="line", preceding=None, following=0)
    numbered = marked.mutate(number=marked.starts.sum().over(window))
    numbered = numbered.filter(numbered.number > 0)
    text = numbered.text
    asked = text.contains("required permissions")
    labels = text.contains("authorized_labels to access")
    share = text.contains("with a resource token -> ")
    granted, denied = text.contains("-> granted"), text.contains("-> not granted")

    def some(condition: ir.BooleanValue) -> Any:
        return condition.cast("int64").max()

    starting = numbered.starts == 1
    one = numbered.group_by(["file", "thread", "number"]).aggregate(
        method=ibis.ifelse(starting, text.re_extract(_START, 1), ibis.literal("")).max(),
        target=ibis.ifelse(starting, text.re_extract(_START, 2), ibis.literal("")).max(),
        user=text.re_extract(r"(?:granted to user|Labels for User) '([^']*)'", 1).max(),
        nobody=some(text.contains("whether anonymous user")),
        allowed=some(asked & granted),
        lacking=some(asked & denied),
        labelled=some(labels & denied),
        shared=some(share & granted),
        unshared=some(share & denied),
        failed=some(text.contains("Unknown resource") | text.contains("Access to a resource is forbidden")),
        handled=some(text.contains("Delegating HTTP request to plugin for URI")),
    )
    happened = ibis.cases(
        ((one.failed == 1) | (one.labelled == 1) | (one.unshared == 1), REFUSED),
        ((one.allowed == 1) | (one.shared == 1), PERMITTED),
        (one.lacking == 1, REFUSED),
        (one.handled == 1, PERMITTED),
        else_=UNKNOWN,
    )
    return one.select(
        "method",
        "target",
        level=ibis.literal(""),
        user=one.user,
        anonymous=(one.nobody == 1) & (one.user == ""),
        happened=happened,
    )


# -- the auth service --------------------------------------------------------------------------------------------------


def _service(lines: ir.Table) -> ir.Table:
    """Questions about share tokens: each with the answer that follows."""
    import ibis

    text = lines.text
    lines = lines.filter(text.contains("validating token: {") | text.contains("validate token: {"))
    asks = lines.text.contains("validating token: {")
    window = ibis.window(group_by="file", order_by="line", preceding=None, following=0)
    marked = lines.mutate(asks=asks.cast("int64"))
    numbered = marked.mutate(number=marked.asks.sum().over(window))
    numbered = numbered.filter(numbered.number > 0)
    text, asking = numbered.text, numbered.asks == 1

    def said(key: str) -> Any:
        """The text under a key of the question; of the token, which is there too, nothing is taken."""
        return ibis.ifelse(asking, text.re_extract(rf'"{key}": ?"([^"]*)"', 1), ibis.literal("")).max()

    answer = ~asking
    one = numbered.group_by(["file", "number"]).aggregate(
        method=said("method"),
        target=said("uri"),
        level=said("level"),
        yes=(answer & text.re_search('"granted": ?true')).cast("int64").max(),
        no=(answer & text.re_search('"granted": ?false')).cast("int64").max(),
    )
    return one.select(
        method=one.method.upper(),
        target=one.target,
        level=one.level,
        user=ibis.literal(""),
        anonymous=ibis.literal(value=False),
        happened=ibis.cases((one.yes == 1, PERMITTED), (one.no == 1, REFUSED), else_=UNKNOWN),
    )


_BUILD: dict[str, Callable[[Any], Any]] = {NGINX: _nginx, ORTHANC: _orthanc}
