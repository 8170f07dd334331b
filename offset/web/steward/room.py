"""Where do the pages of stewards hang?"""

from typing import Final

from flask import Blueprint

blueprint: Final = Blueprint("steward", __name__, url_prefix="/steward")
