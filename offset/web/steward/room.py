"""Where do the pages of stewards hang, and how do they answer a form sent by the small script?"""

from typing import Final

from flask import Blueprint, Response, request

blueprint: Final = Blueprint("steward", __name__, url_prefix="/steward")
UPLOAD_BYTES: Final = 21_000_000
_STEADY: Final = "X-Steady"  # the script that tries again says so in each request
_REDIRECTS: Final = frozenset({302, 303})


@blueprint.after_request
def lead_on(answer: Response) -> Response:
    """Tell the script where to go, instead of letting it fetch a page that it cannot show."""
    if _STEADY in request.headers and answer.status_code in _REDIRECTS:
        answer.headers["X-Next"] = answer.headers.pop("Location")
        answer.status_code = 204
        answer.set_data(b"")
    return answer
