"""Getting back in: unlocking a password by mail."""

from flask import Blueprint

blueprint = Blueprint("recovery", __name__)
