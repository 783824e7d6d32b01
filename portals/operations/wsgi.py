"""The operations portal for a WSGI server: `gunicorn portals.operations.wsgi`."""

from portals.operations.site import SITE
from portals.shared.app import create_portal
from portals.shared.settings import load_settings

application = create_portal(SITE, load_settings())
