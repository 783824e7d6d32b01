"""What one portal's process is made of; put together once, in `app`."""

from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from structlog.typing import FilteringBoundLogger

from portals.shared.activity import ActivityReporter
from portals.shared.clock import Clock, OffsetClock, SystemClock
from portals.shared.database import Database
from portals.shared.liveness import Liveness
from portals.shared.log import open_log
from portals.shared.provider import Provider
from portals.shared.settings import PortalSettings
from portals.shared.site import Site


@dataclass(frozen=True)
class Parts:
    """Everything that pages need, handed to them by the visit."""

    site: Site
    settings: PortalSettings
    clock: Clock
    database: Database
    provider: Provider
    liveness: Liveness
    reporter: ActivityReporter
    log: FilteringBoundLogger


def make_parts(
    flask_app: Flask, site: Site, settings: PortalSettings, clock: Clock | None
) -> Parts:
    """Build the parts of one portal; clock None takes the system's, moved when settings say so."""
    clock = clock or _clock(settings.clock_offset_file)
    log = open_log(site.key, settings.log_level)
    database = Database(settings.data_dir / f"{site.key}.sqlite3")
    provider = Provider(flask_app, settings, clock)
    liveness = Liveness(database, provider, clock, settings.idle_seconds, settings.warning_seconds)
    reporter = ActivityReporter(database, provider, clock, log, settings.report_seconds)
    return Parts(site, settings, clock, database, provider, liveness, reporter, log)


def _clock(offset_file: Path | None) -> Clock:
    return OffsetClock(offset_file) if offset_file else SystemClock()
