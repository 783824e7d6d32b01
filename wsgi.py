"""What a WSGI server loads: `wsgi:application`."""

from idp.app import create_app

application = create_app()
