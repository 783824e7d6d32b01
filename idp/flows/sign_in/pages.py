"""Signing in with a password, signing out, and what a session tells about itself."""

from flask import Blueprint

blueprint = Blueprint("sign_in", __name__)
