"""A worker as a process of its own, to be killed; takes its settings from the environment."""

from idp.foundation.clock import OffsetClock
from idp.foundation.housekeeping import foundation_jobs
from idp.foundation.logging import set_up_logging
from idp.foundation.mail.delivery import mail_deliverer
from idp.foundation.mail.service import KIND
from idp.foundation.outbox.worker import Worker
from idp.settings import load_settings
from tests.flows.foundation.ground import add_sample_mails, make_engine, make_parts, opener


def main() -> None:
    add_sample_mails()
    settings = load_settings()
    set_up_logging(settings)
    engine = make_engine(settings)
    assert settings.clock_offset_file is not None
    parts = make_parts(settings, engine, OffsetClock(settings.clock_offset_file))
    deliverers = {KIND: mail_deliverer(settings)}
    worker = Worker(opener(parts, engine), deliverers, foundation_jobs())
    worker.stop_on_signals()
    worker.run()


if __name__ == "__main__":
    main()
