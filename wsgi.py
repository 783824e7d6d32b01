"""What a WSGI server loads: `wsgi:application`."""

from idp.app import create_app
from idp.people.credentials import passwords

application = create_app()
passwords.get_ready(application.extensions["idp"])
