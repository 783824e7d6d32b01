"""The provider portal for a WSGI server: `gunicorn portals.provider.wsgi`."""

from portals.provider.site import SITE
from portals.shared.app import create_portal
from portals.shared.settings import load_settings

application = create_portal(SITE, load_settings())
