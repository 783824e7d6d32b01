"""What a signed-in person sees of their own account, and the start page."""

from flask import Blueprint

blueprint = Blueprint("account", __name__)
