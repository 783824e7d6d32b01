"""How gunicorn serves the provider: its own messages are lines of the same log."""

from idp.foundation.logging import gunicorn_logging

logconfig_dict = gunicorn_logging("info")
