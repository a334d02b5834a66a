"""What the rest of the backend knows of a connection, whichever engine it leads to.

SQL is one text for both engines, with `?` or `:name` for what is bound. Where they differ in what they take, the text
is one that both take.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol

if TYPE_CHECKING:
    from mechtui.server.db.events import Batch

Params = Sequence[Any] | Mapping[str, Any]
Row = tuple[Any, ...]
Raised = type[Exception] | tuple[type[Exception], ...]


class Columns(NamedTuple):
    """Some columns of a table."""

    table: str
    each: tuple[str, ...]

    @property
    def names(self) -> str:
        """The columns as SQL names them."""
        return ", ".join(self.each)


class Rows(Protocol):
    """What a statement gave."""

    def __iter__(self) -> Iterator[Row]:
        """Each row."""
        ...

    def fetchall(self) -> list[Row]:
        """Every row not taken yet."""
        ...


class Connection(Protocol):
    """A connection; one thread uses it at a time.

    What goes wrong is raised in the engine's own words; these say what it means. `violated`: the schema refuses the
    statement. `lost`: the line is gone, and another may be opened. `fatal`: no job can go on in this transaction.
    `undone`: nothing of the transaction happened, or will; so long as it was not raised by `commit`, which knows by
    itself. After any other the writer cannot say what is in the database.
    """

    violated: ClassVar[Raised]
    lost: ClassVar[Raised]
    fatal: ClassVar[Raised]
    undone: ClassVar[Raised]

    def execute(self, sql: str, params: Params = ..., /) -> Rows:
        """Run one statement."""
        ...

    def executemany(self, sql: str, params: Iterable[Params], /) -> object:
        """Run one statement once for each of these."""
        ...

    def for_each(self, sql: str, pairs: Mapping[str, str], params: Mapping[str, Any], /) -> list[Row]:
        """Run one statement for all pairs, the quickest way there is; what it gave for each, in any order.

        In the text `{key}` and `{value}` are those of a pair, `{pairs}` is the FROM clause that brings them, and
        `{keys}` is what may stand in `IN ({keys})`.
        """
        ...

    def insert(self, columns: Columns, rows: Iterable[Row], /) -> object:
        """Insert these rows, at least one; all or none."""
        ...

    def begin_reading(self) -> None:
        """Begin a transaction that sees one moment and changes nothing; `COMMIT` ends it."""
        ...

    def close(self) -> None:
        """Let it go."""
        ...


class ChangingConnection(Connection, Protocol):
    """A connection that writes, one transaction after another."""

    def begin(self) -> bool:
        """Begin a transaction that writes; whether that took a new line, the one before having been lost.

        Raises `DatabaseBusyError` when none can be had now.
        """
        ...

    def commit(self) -> None:
        """Make the transaction durable.

        Raises `DatabaseBusyError` when it surely is not, `OutcomeUnknownError` when nobody can know yet.
        """
        ...

    def rollback(self) -> None:
        """Leave the transaction undone, whatever state it is in."""
        ...


class WritingConnection(ChangingConnection, Protocol):
    """The writer's connection, which it keeps for as long as it lives. `shared`: other backends write there, too."""

    shared: ClassVar[bool]

    def announce(self, batch: "Batch") -> None:
        """Leave the events of this transaction for other backends, if there may be any."""
        ...

    def happened(self, batch: "Batch") -> bool:
        """Whether a commit of ours that had no answer took place; asked on a new line, when it can no longer do so."""
        ...


def over(pairs: str, sql: str) -> str:
    """The text of a statement for all pairs (`Connection.for_each`), which stand in the table `pairs` called `w`."""
    return sql.format(pairs=f"FROM {pairs}", key="w.key", value="w.value", keys=f"SELECT w.key FROM {pairs}")


@contextmanager
def transaction(connection: ChangingConnection) -> Iterator[None]:
    """A transaction that is committed when the block ends, and left undone when it raises."""
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()
