"""The second factor: asking for it, and enrolling it."""

from flask import Blueprint

blueprint = Blueprint("mfa", __name__)
