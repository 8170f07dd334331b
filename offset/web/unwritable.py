"""Does a request carry the letter that no table keeps? It is left out before any view.

PostgreSQL takes no U+0000 in a text. No keyboard writes it, but some programs put it where they
copy from; nothing is ever called so.
"""

from typing import Final

from flask import Flask, abort, request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

_NUL: Final = "\0"
_FORMS: Final = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


def install(app: Flask) -> None:
    """Look before each request, once its size and its origin were judged."""
    app.before_request(leave_out)


def leave_out() -> None:
    """Leave the letter out of questions and forms; no page is named with it."""
    if _NUL in request.path:
        abort(404)
    if _has(request.args):
        request.args = _without(request.args)
    # other bodies are read by who takes them: a notice must stay as it came
    if request.mimetype in _FORMS and _has(request.form):
        request.form = _without(request.form)


def _has(said: MultiDict[str, str]) -> bool:
    return any(_NUL in name or _NUL in value for name, value in said.items(multi=True))


def _without(said: MultiDict[str, str]) -> ImmutableMultiDict[str, str]:
    return ImmutableMultiDict(
        (name.replace(_NUL, ""), value.replace(_NUL, "")) for name, value in said.items(multi=True)
    )
