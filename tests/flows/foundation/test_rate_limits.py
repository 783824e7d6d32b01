"""Counting tries over all processes: in the database, in Valkey, and when Valkey is lost."""

import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import redis
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter
from pydantic import SecretStr
from sqlalchemy import Engine, func, select, text

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context, Parts
from idp.foundation.database import writing
from idp.foundation.rate_limits import fallback, service
from idp.foundation.rate_limits.limits_storage import SCHEME, SharedStorage
from idp.foundation.rate_limits.model import RateLimitWindow
from idp.foundation.rate_limits.service import LimitName
from idp.foundation.rate_limits.sql_windows import SqlWindows
from tests.parts.application import on_both_databases
from tests.parts.valkey import ValkeyServer

pytestmark = on_both_databases


@pytest.fixture
def sql(parts: Parts, engine: Engine) -> SqlWindows:
    return SqlWindows(engine, parts.clock, parts.digests)


@pytest.mark.parametrize(
    ("name", "amount", "seconds"),
    [
        (LimitName.SIGN_IN_IDENTIFIER_IP, 15, 60),
        (LimitName.SIGN_IN_IP, 300, 60),
        (LimitName.SIGN_IN_NETWORK, 600, 60),
        (LimitName.SIGN_IN_FAILURES, 1000, 60),
        (LimitName.REGISTRATION_IP, 100, 3600),
        (LimitName.CODE_REQUEST_IP, 100, 3600),
    ],
)
def test_LG_07_each_limit_holds_at_its_value_and_ends_with_its_window(
    ctx: Context, clock: FixedClock, name: LimitName, amount: int, seconds: int
) -> None:
    for _ in range(amount):
        assert service.hit(ctx, name, "192.0.2.7")
    assert not service.is_within(ctx, name, "192.0.2.7")
    assert not service.hit(ctx, name, "192.0.2.7")
    assert service.hit(ctx, name, "192.0.2.8"), "another key has its own count"
    clock.advance(2 * seconds)
    assert service.hit(ctx, name, "192.0.2.7")


def test_a_window_slides_and_does_not_start_anew_at_each_full_minute(
    sql: SqlWindows, clock: FixedClock
) -> None:
    clock.advance(59)
    assert [sql.acquire("key", 10, 60) for _ in range(11)] == [True] * 10 + [False]
    clock.advance(1)
    assert not sql.acquire("key", 10, 60), "the minute before still counts in full"
    clock.advance(30)
    assert [sql.acquire("key", 10, 60) for _ in range(6)] == [True] * 5 + [False]
    clock.advance(60)
    reading = sql.read("key", 60)
    assert (reading.previous, reading.current) == (5, 0)


def test_a_refused_try_is_not_counted(sql: SqlWindows) -> None:
    for _ in range(50):
        sql.acquire("key", 10, 60)
    assert sql.read("key", 60).current == 10
    assert not sql.acquire("other", 10, 60, amount=11)


def test_the_limit_holds_over_parallel_users_of_the_database(sql: SqlWindows) -> None:
    with ThreadPoolExecutor(8) as pool:
        allowed = list(pool.map(lambda _: sql.acquire("key", 50, 60), range(160)))
    assert sum(allowed) == 50


def test_a_host_whose_clock_is_behind_cannot_reset_a_count(
    sql: SqlWindows, clock: FixedClock
) -> None:
    clock.advance(60)
    assert all(sql.acquire("key", 10, 60) for _ in range(10))
    clock.advance(-1)
    assert not sql.acquire("key", 10, 60)


def test_keys_are_stored_hashed_and_purged_after_their_time(
    ctx: Context, sql: SqlWindows, clock: FixedClock, engine: Engine
) -> None:
    service.hit(ctx, LimitName.SIGN_IN_IP, "192.0.2.7")
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT * FROM rate_limit_window")).one()
    assert "192.0.2.7" not in str(kept)
    assert _count_rows(engine) == 1
    clock.advance(59)
    assert service.purge(ctx) == 0
    clock.advance(70)
    assert service.purge(ctx) == 1
    sql.acquire("key", 1, 60)
    sql.clear("key", 60)
    assert sql.acquire("key", 1, 60)


def test_counting_inside_a_transaction_is_refused_because_it_would_wait_for_itself(
    ctx: Context,
) -> None:
    with writing(ctx.db), pytest.raises(RuntimeError, match="before the use case"):
        service.hit(ctx, LimitName.SIGN_IN_IP, "192.0.2.7")


def test_a_try_counts_although_the_request_fails(ctx: Context) -> None:
    def fail_after_counting() -> None:
        service.hit(ctx, LimitName.SIGN_IN_IP, "192.0.2.7")
        with writing(ctx.db):
            raise ZeroDivisionError

    for _ in range(300):
        with pytest.raises(ZeroDivisionError):
            fail_after_counting()
    assert not service.is_within(ctx, LimitName.SIGN_IN_IP, "192.0.2.7")


def test_the_limits_library_counts_in_the_same_place(sql: SqlWindows) -> None:
    storage = storage_from_string(f"{SCHEME}://", windows=sql)  # type: ignore[arg-type]
    assert isinstance(storage, SharedStorage)
    assert storage.check()
    limiter, limit = SlidingWindowCounterRateLimiter(storage), parse("3 per minute")
    assert [limiter.hit(limit, "ip") for _ in range(4)] == [True, True, True, False]
    assert not limiter.test(limit, "ip")
    assert limiter.get_window_stats(limit, "ip").remaining == 0
    limiter.clear(limit, "ip")
    assert limiter.hit(limit, "ip")
    for refused in (storage.reset, lambda: storage.get("x"), lambda: storage.incr("x", 1)):
        with pytest.raises(NotImplementedError):
            refused()


@pytest.fixture
def with_valkey(ctx: Context, valkey: ValkeyServer) -> Context:
    url = SecretStr(valkey.url)
    settings = ctx.settings.model_copy(update={"redis_url": url})
    return replace(ctx, parts=replace(ctx.parts, settings=settings))


def _allowed(ctx: Context, tries: int, key: str = "192.0.2.7") -> int:
    name = LimitName.SIGN_IN_IDENTIFIER_IP
    return sum(service.hit(ctx, name, key) for _ in range(tries))


@pytest.mark.valkey
def test_with_valkey_the_limit_holds_and_nothing_personal_is_in_it(
    with_valkey: Context, valkey: ValkeyServer
) -> None:
    assert _allowed(with_valkey, 20) == 15
    with redis.Redis.from_url(valkey.url) as client:
        assert client.dbsize() > 0
        assert not any(b"192.0.2.7" in key for key in client.scan_iter())


@pytest.mark.valkey
def test_F_13_a_flush_throttles_nobody_less(with_valkey: Context, valkey: ValkeyServer) -> None:
    assert _allowed(with_valkey, 20) == 15
    valkey.empty()
    assert _allowed(with_valkey, 20) == 0
    assert _allowed(with_valkey, 20, "192.0.2.8") == 15


@pytest.mark.valkey
def test_F_13_a_restart_throttles_nobody_less_and_the_database_counts_meanwhile(
    with_valkey: Context, valkey: ValkeyServer
) -> None:
    assert _allowed(with_valkey, 20) == 15
    valkey.interrupt()
    assert _allowed(with_valkey, 20) == 0, "refused before, refused now"
    assert _allowed(with_valkey, 20, "192.0.2.9") == 15, "and a new one is counted"
    valkey.start()
    assert _allowed(with_valkey, 20) == 0
    assert _allowed(with_valkey, 20, "192.0.2.9") == 0


@pytest.mark.valkey
def test_F_13_a_valkey_that_hangs_costs_a_bounded_wait_once(
    with_valkey: Context, valkey: ValkeyServer
) -> None:
    assert valkey.program is not None
    _allowed(with_valkey, 1)
    valkey.program.process.send_signal(signal.SIGSTOP)
    try:
        started = time.monotonic()
        assert _allowed(with_valkey, 20, "192.0.2.10") == 15
        assert time.monotonic() - started < 3
    finally:
        valkey.program.process.send_signal(signal.SIGCONT)


@pytest.mark.valkey
def test_after_an_hour_of_memory_valkey_is_trusted_alone(
    with_valkey: Context, clock: FixedClock, engine: Engine
) -> None:
    _allowed(with_valkey, 1)
    clock.advance(3601)
    service.purge(with_valkey)
    assert _allowed(with_valkey, 10, "192.0.2.11") == 10
    assert _count_rows(engine) == 0


@pytest.mark.processes
def test_the_limit_holds_over_processes(ctx: Context) -> None:
    program = (
        "import sys\n"
        "from idp.foundation.clock import FixedClock\n"
        "from idp.foundation.rate_limits import service\n"
        "from idp.settings import load_settings\n"
        "from datetime import datetime\n"
        "from tests.flows.foundation.ground import make_engine, make_parts, opener\n"
        "settings = load_settings()\n"
        "engine = make_engine(settings)\n"
        f"clock = FixedClock(datetime.fromisoformat('{ctx.now().isoformat()}'))\n"
        "with opener(make_parts(settings, engine, clock), engine)() as ctx:\n"
        "    name = service.LimitName.SIGN_IN_IDENTIFIER_IP\n"
        "    print(sum(service.hit(ctx, name, 'one') for _ in range(15)))\n"
    )
    environment = {
        "PATH": "",
        "IDP_ENVIRONMENT": "test",
        "IDP_DATABASE_URL": ctx.settings.database,
        "IDP_DATA_DIR": str(ctx.settings.data_dir),
    }
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    answers = [process.communicate(timeout=60)[0] for process in processes]
    assert sum(int(answer) for answer in answers) == 15


@pytest.mark.valkey
def test_F_13_a_flush_after_valkey_was_trusted_alone_throttles_nobody_less(
    with_valkey: Context, valkey: ValkeyServer, clock: FixedClock, engine: Engine
) -> None:
    _allowed(with_valkey, 1, "192.0.2.1")
    clock.advance(3601)
    service.purge(with_valkey)
    assert _allowed(with_valkey, 20) == 15
    assert _count_rows(engine) == 1, "whoever was refused is noted once"
    valkey.empty()
    assert _allowed(with_valkey, 20) == 0
    assert not service.is_within(with_valkey, LimitName.SIGN_IN_IDENTIFIER_IP, "192.0.2.7")
    assert _allowed(with_valkey, 20, "192.0.2.8") == 15


@pytest.mark.valkey
def test_F_13_what_was_counted_while_valkey_was_away_still_counts_when_it_is_back(
    with_valkey: Context, valkey: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fallback, "_PAUSE_SECONDS", 0.01)
    _allowed(with_valkey, 1, "192.0.2.1")
    valkey.interrupt()
    assert _allowed(with_valkey, 15) == 15
    assert not service.is_within(with_valkey, LimitName.SIGN_IN_IDENTIFIER_IP, "192.0.2.7")
    valkey.start()
    time.sleep(0.02)
    assert _allowed(with_valkey, 1) == 0


@pytest.mark.valkey
def test_a_key_can_be_cleared_in_both_places(
    with_valkey: Context, engine: Engine, valkey: ValkeyServer
) -> None:
    windows = service.windows_of(with_valkey.parts, engine)
    assert [windows.acquire("key", 2, 60) for _ in range(3)] == [True, True, False]
    windows.clear("key", 60)
    assert windows.read("key", 60).current == 0
    assert windows.acquire("key", 2, 60)
    valkey.interrupt()
    windows.clear("key", 60)
    assert windows.read("key", 60).current == 0


def _count_rows(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(RateLimitWindow)) or 0
