"""The composition root: the only file that knows all others."""

from collections.abc import Sequence

from flask import Blueprint, Flask
from flask_wtf import CSRFProtect
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix

from idp.flows.account import pages as account_pages
from idp.flows.closing import pages as closing_pages
from idp.flows.data_copy import pages as data_copy_pages
from idp.flows.disavowal import pages as disavowal_pages
from idp.flows.email_change import pages as email_change_pages
from idp.flows.forgotten import pages as forgotten_pages
from idp.flows.lost_factor import pages as lost_factor_pages
from idp.flows.mfa import pages as mfa_pages
from idp.flows.password import pages as password_pages
from idp.flows.profile import pages as profile_pages
from idp.flows.registration import pages as registration_pages
from idp.flows.resume import pages as resume_pages
from idp.flows.security import pages as security_pages
from idp.flows.sessions import pages as sessions_pages
from idp.flows.sign_in import pages as sign_in_pages
from idp.flows.terms import pages as terms_pages
from idp.flows.unlock import pages as unlock_pages
from idp.foundation import key_ring, policies
from idp.foundation.clock import Clock, OffsetClock, SystemClock
from idp.foundation.context import Parts
from idp.foundation.database import db, engine_options
from idp.foundation.digests import Digests
from idp.foundation.logging import set_up_logging
from idp.foundation.sealing import Sealing
from idp.foundation.signing_keys.service import SigningKeys
from idp.oidc import endpoints as oidc_endpoints
from idp.people.accounts import conformance
from idp.people.credentials import breached_passwords
from idp.settings import Settings, load_settings
from idp.web import (
    addresses,
    assets,
    dev_mailbox,
    errors,
    health,
    input_checks,
    known_browser,
    language,
    notices,
    rate_limits,
    request_log,
    security_headers,
)
from idp.web.browser_session import BrowserSessionInterface
from idp.web.guards import declared_by

_FLOWS: Sequence[Blueprint] = (
    account_pages.blueprint,
    closing_pages.blueprint,
    data_copy_pages.blueprint,
    disavowal_pages.blueprint,
    email_change_pages.blueprint,
    forgotten_pages.blueprint,
    lost_factor_pages.blueprint,
    mfa_pages.blueprint,
    password_pages.blueprint,
    profile_pages.blueprint,
    unlock_pages.blueprint,
    registration_pages.blueprint,
    resume_pages.blueprint,
    security_pages.blueprint,
    sessions_pages.blueprint,
    sign_in_pages.blueprint,
    terms_pages.blueprint,
)


def create_app(settings: Settings | None = None, clock: Clock | None = None) -> Flask:
    """Return the provider as a WSGI application.

    settings: read from config/ and the environment when missing; clock: the system's when
    missing. Raises pydantic's ValidationError, PolicyBad, KeyFileBad, BreachedFilterBad or
    OtherAccounts when it must not start.
    """
    settings = settings or load_settings()
    set_up_logging(settings)
    if settings.breached_passwords_filter:
        breached_passwords.check(settings.breached_passwords_filter)
    app = Flask("idp")
    _set_up_database(app, settings)
    _refuse_other_accounts(app, settings)
    app.extensions["idp"] = make_parts(app, settings, clock)
    _set_up_requests(app, settings)
    _register_pages(app, settings)
    return app


def make_parts(app: Flask, settings: Settings, clock: Clock | None = None) -> Parts:
    """Make what lives as long as the process; the database must be set up."""
    if settings.makes_own_secrets:
        key_ring.make_missing(settings.secrets)
    rings = {name: key_ring.read(settings.secrets, name) for name in key_ring.PURPOSES}
    clock = clock or _clock(settings)
    sealing, in_force = Sealing(rings["sealing"]), _policies(settings)
    with app.app_context():
        engine = db.engine
    return Parts(
        settings=settings,
        policies=in_force,
        clock=clock,
        sealing=sealing,
        digests=Digests(rings["digest"].first),
        audit_digests=Digests(rings["audit"].first),
        pepper=rings["pepper"],
        signing_keys=SigningKeys(lambda: Session(engine), sealing, clock, in_force.tokens),
    )


def _policies(settings: Settings) -> policies.Policies:
    loaded = policies.load(settings.policies_dir)
    return policies.relaxed(loaded) if settings.is_conformance else loaded


def _refuse_other_accounts(app: Flask, settings: Settings) -> None:
    """The conformance environment, where a password is enough, opens nobody else's accounts."""
    if settings.is_conformance:
        with app.app_context(), Session(db.engine) as session:
            conformance.refuse_other_accounts(session)


def _clock(settings: Settings) -> Clock:
    return OffsetClock(settings.clock_offset_file) if settings.clock_offset_file else SystemClock()


def _set_up_database(app: Flask, settings: Settings) -> None:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(settings.database)
    db.init_app(app)


def _set_up_requests(app: Flask, settings: Settings) -> None:
    hops = settings.trusted_proxies
    # Only the peer's address is taken from a proxy; host and scheme come from the issuer alone.
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=0)  # type: ignore[method-assign]
    addresses.register(app)
    # Signs the form token around the value that browser_session derives from the cookie.
    app.secret_key = app.extensions["idp"].digests.keyed("flask", "form token")
    app.session_interface = BrowserSessionInterface()
    app.config.update(WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    request_log.register(app)
    known_browser.register(app)
    language.register(app)  # first, so that a refusal speaks the person's language
    input_checks.register(app)
    assets.register(app)
    security_headers.register(app)
    errors.register(app)


def _register_pages(app: Flask, settings: Settings) -> None:
    csrf = CSRFProtect(app)
    for blueprint in (health.blueprint, notices.blueprint, *_FLOWS):
        app.register_blueprint(blueprint)
    oidc_endpoints.register(app)
    if settings.shows_dev_pages:
        app.register_blueprint(dev_mailbox.blueprint)
    rate_limits.register(app)
    for view in app.view_functions.values():
        declared = declared_by(view)
        if declared is not None and not declared.csrf:
            csrf.exempt(view)
