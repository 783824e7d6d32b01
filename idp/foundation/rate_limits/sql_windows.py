"""Counting in the database: what works everywhere, and what holds when Redis is lost."""

from collections.abc import Sequence

from sqlalchemy import Connection, Engine, TextClause, delete, select, text

from idp.foundation.clock import Clock
from idp.foundation.digests import Digests
from idp.foundation.rate_limits.model import RateLimitWindow
from idp.foundation.rate_limits.rules import Reading, Window, window_at
from idp.foundation.rate_limits.windows import Hit

_T = RateLimitWindow

# A row that is ahead of us was written by a host whose clock is a little faster: it counts as ours.
_CURRENT = 'CASE WHEN w.number >= :number THEN w."current" ELSE 0 END'
_PREVIOUS = (
    "CASE WHEN w.number >= :number THEN w.previous"
    ' WHEN w.number = :number - 1 THEN w."current" ELSE 0 END'
)
# Written by hand: this runs at every form that is posted, and building it anew each time costs
# more than the database does.
_INSERT = (
    'INSERT INTO rate_limit_window AS w (key, number, "current", previous, ends_at)'  # noqa: S608 - constants
    " VALUES (:key, :number, :amount, 0, :ends_at) ON CONFLICT (key) DO UPDATE SET"
    " number = CASE WHEN w.number > :number THEN w.number ELSE :number END,"
    f" previous = {_PREVIOUS}, ends_at = :ends_at,"
)
_COUNT = text(
    f'{_INSERT} "current" = {_CURRENT} + :amount'
    f" WHERE ({_PREVIOUS}) * :weight + {_CURRENT} + :amount <= :limit RETURNING key"
)
_FILL = text(f'{_INSERT} "current" = :amount RETURNING key')
_READ = text(f"SELECT {_PREVIOUS}, {_CURRENT} FROM rate_limit_window AS w WHERE key = :key")  # noqa: S608 - constants


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

    def acquire(self, key: str, limit: int, seconds: int, amount: int = 1) -> bool:
        """Count hits when that keeps the limit."""
        if amount > limit:
            return False
        return self._write(_COUNT, self._hit_values(key, limit, seconds, amount))

    def acquire_all(self, hits: Sequence[Hit]) -> bool:
        """Count one hit of each key whose limit allows it, in one commit; tell whether all did.

        In the order of the keys as they are stored: of two requests at once neither waits for
        the other's rows while holding its own.
        """
        values = [self._hit_values(one.key, one.limit, one.seconds, 1) for one in hits]
        rising = sorted(values, key=lambda one: str(one["key"]))
        with self._writing() as connection, connection.begin():
            counted = [self._execute(connection, _COUNT, one) for one in rising]
        return all(counted)

    def fill(self, key: str, limit: int, seconds: int) -> None:
        """Note that a key has used up its limit in the present window."""
        self._write(_FILL, self._values(key, self._window(seconds), seconds, limit))

    def read(self, key: str, seconds: int) -> Reading:
        """Return the present counts."""
        window = self._window(seconds)
        values = {"key": self._hashed(key, seconds), "number": window.number}
        with self._engine.connect() as connection:
            row = connection.execute(_READ, values).first()
        previous, current = (row[0], row[1]) if row else (0, 0)
        return Reading(previous, current, window.weight, window.seconds_left)

    def clear(self, key: str, seconds: int) -> None:
        """Forget a key."""
        with self._writing() as connection, connection.begin():
            connection.execute(delete(_T).where(_T.key == self._hashed(key, seconds)))

    def purge(self, limit: int = 500) -> int:
        """Delete a batch of rows whose windows are over; return how many."""
        is_over = _T.ends_at < int(self._clock.now().timestamp())
        batch = select(_T.key).where(is_over).limit(limit)
        with self._writing() as connection, connection.begin():
            # Asked once more outside: a key that is counted again meanwhile stays.
            return connection.execute(delete(_T).where(_T.key.in_(batch), is_over)).rowcount

    def _hit_values(
        self, key: str, limit: int, seconds: int, amount: int
    ) -> dict[str, str | int | float]:
        window = self._window(seconds)
        values = self._values(key, window, seconds, amount)
        return {**values, "weight": window.weight, "limit": limit}

    def _values(
        self, key: str, window: Window, seconds: int, amount: int
    ) -> dict[str, str | int | float]:
        return {
            "key": self._hashed(key, seconds),
            "number": window.number,
            "amount": amount,
            # A row matters until the window after its own is over.
            "ends_at": (window.number + 2) * seconds,
        }

    def _write(self, statement: TextClause, values: dict[str, str | int | float]) -> bool:
        with self._writing() as connection, connection.begin():
            return self._execute(connection, statement, values)

    @staticmethod
    def _execute(
        connection: Connection, statement: TextClause, values: dict[str, str | int | float]
    ) -> bool:
        if connection.dialect.name == "postgresql":
            # Losing the last counts in a crash of the database harms nothing.
            connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")
        return connection.execute(statement, values).first() is not None

    def _writing(self) -> Connection:
        return self._engine.connect().execution_options(idp_writes=True)

    def _window(self, seconds: int) -> Window:
        return window_at(self._clock.now().timestamp(), seconds)

    def _hashed(self, key: str, seconds: int) -> str:
        # The length belongs to the key: numbers of windows of another length mean nothing.
        return self._digests.keyed("rate_limit", f"{seconds}:{key}")
