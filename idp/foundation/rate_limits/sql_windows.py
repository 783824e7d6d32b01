"""Counting in the database: what works everywhere, and what holds when Redis is lost."""

from sqlalchemy import ColumnElement, Connection, Engine, case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from idp.foundation.clock import Clock
from idp.foundation.digests import Digests
from idp.foundation.rate_limits.model import RateLimitWindow
from idp.foundation.rate_limits.rules import Reading, Window, window_at

_T = RateLimitWindow


class SqlWindows:
    """Counts in one row for each key, by ONE statement that counts only what keeps the limit.

    On a connection of its own, committed at once: a request that fails afterwards has still
    been counted. Never call it inside `writing`: on SQLite it would wait for itself.
    """

    def __init__(self, engine: Engine, clock: Clock, digests: Digests) -> None:
        """digests: keys are stored hashed, because they hold addresses and names."""
        self._engine = engine
        self._clock = clock
        self._digests = digests
        self._dialect = postgresql if engine.dialect.name == "postgresql" else sqlite

    def acquire(self, key: str, limit: int, seconds: int, amount: int = 1) -> bool:
        """Count hits when that keeps the limit."""
        if amount > limit:
            return False
        window = self._window(seconds)
        counted = _current(window) + amount
        keeps_limit = _previous(window) * window.weight + counted <= limit
        row = self._row(key, window, seconds, amount)
        return self._upsert(row, window, counted, keeps_limit)

    def fill(self, key: str, limit: int, seconds: int) -> None:
        """Note that a key has used up its limit in the present window."""
        window = self._window(seconds)
        self._upsert(self._row(key, window, seconds, limit), window, limit, None)

    def read(self, key: str, seconds: int) -> Reading:
        """Return the present counts."""
        window = self._window(seconds)
        statement = select(_previous(window), _current(window)).where(
            _T.key == self._hashed(key, seconds)
        )
        with self._engine.connect() as connection:
            row = connection.execute(statement).first()
        previous, current = (row[0], row[1]) if row else (0, 0)
        return Reading(previous, current, window.weight, window.seconds_left)

    def clear(self, key: str, seconds: int) -> None:
        """Forget a key."""
        with self._writing() as connection, connection.begin():
            connection.execute(delete(_T).where(_T.key == self._hashed(key, seconds)))

    def purge(self) -> int:
        """Delete rows whose windows are over."""
        now = int(self._clock.now().timestamp())
        with self._writing() as connection, connection.begin():
            return connection.execute(delete(_T).where(_T.ends_at < now)).rowcount

    def _row(self, key: str, window: Window, seconds: int, current: int) -> dict[str, str | int]:
        return {
            "key": self._hashed(key, seconds),
            "number": window.number,
            "current": current,
            "previous": 0,
            # A row matters until the window after its own is over.
            "ends_at": (window.number + 2) * seconds,
        }

    def _upsert(
        self,
        row: dict[str, str | int],
        window: Window,
        current: int | ColumnElement[int],
        condition: ColumnElement[bool] | None,
    ) -> bool:
        upsert = (
            self._dialect.insert(_T)
            .values(**row)
            .on_conflict_do_update(
                index_elements=[_T.key],
                set_={
                    "number": case((_T.number > window.number, _T.number), else_=window.number),
                    "current": current,
                    "previous": _previous(window),
                    "ends_at": row["ends_at"],
                },
                where=condition,
            )
            .returning(_T.key)
        )
        with self._writing() as connection, connection.begin():
            if self._dialect is postgresql:
                # Losing the last counts in a crash of the database harms nothing.
                connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")
            return connection.execute(upsert).first() is not None

    def _writing(self) -> Connection:
        return self._engine.connect().execution_options(idp_writes=True)

    def _window(self, seconds: int) -> Window:
        return window_at(self._clock.now().timestamp(), seconds)

    def _hashed(self, key: str, seconds: int) -> str:
        # The length belongs to the key: numbers of windows of another length mean nothing.
        return self._digests.keyed("rate_limit", f"{seconds}:{key}")


def _current(window: Window) -> ColumnElement[int]:
    # A row that is ahead of us was written by a host whose clock is a little faster.
    return case((_T.number >= window.number, _T.current), else_=0)


def _previous(window: Window) -> ColumnElement[int]:
    return case(
        (_T.number >= window.number, _T.previous),
        (_T.number == window.number - 1, _T.current),
        else_=0,
    )


def count_rows(engine: Engine) -> int:
    """Return how many keys are kept now; for metrics."""
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(_T)) or 0
