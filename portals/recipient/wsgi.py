"""The recipient portal for a WSGI server: `gunicorn portals.recipient.wsgi`."""

from portals.recipient.site import SITE
from portals.shared.app import create_portal
from portals.shared.settings import load_settings

application = create_portal(SITE, load_settings())
