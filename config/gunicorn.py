"""How gunicorn serves the provider: its own messages are lines of the same log.

Its access log stays silent: the provider writes a line for each request itself, without the query,
which may hold a mailed token.
"""

from idp.foundation.logging import gunicorn_logging

logconfig_dict = gunicorn_logging("info")
logconfig_dict["loggers"]["gunicorn.access"] = {"level": "CRITICAL", "propagate": False}
