"""Which language does a page speak, and how does its address say so?

English has no prefix; ``/fr`` and ``/es`` are mounted prefixes, so ``url_for`` keeps them by
itself. Only the bare ``/``, reached from outside, looks at what the browser prefers.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from babel import Locale
from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

DEFAULT: Final = "en"
# Each name in its own language: it is what somebody who reads only that language looks for.
LANGUAGES: Final = {"en": "English", "fr": "Français", "es": "Español"}
_KEY: Final = "offset.language"
_PREFIXED: Final = tuple(code for code in LANGUAGES if code != DEFAULT)


class LanguagePrefix:
    """Moves ``/fr`` and ``/es`` from the path to the mount point of the application."""

    def __init__(self, application: "WSGIApplication") -> None:
        self.application = application

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request below its prefix."""
        path = environ.get("PATH_INFO", "")
        first, _, rest = path.removeprefix("/").partition("/")
        if path.startswith("/") and first in _PREFIXED:
            environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/{first}"
            environ["PATH_INFO"] = f"/{rest}"
            environ[_KEY] = first
        return self.application(environ, start_response)


def language() -> str:
    """Return the code of the language of this request."""
    return str(request.environ.get(_KEY, DEFAULT))


def direction() -> str:
    """Return the writing direction of this request's language."""
    return Locale.parse(language()).text_direction


def prefix_of(code: str) -> str:
    """Return what stands before a path in a language: nothing in English."""
    return "" if code == DEFAULT else f"/{code}"


def mount() -> str:
    """Return the mount point of the application without its language."""
    return request.script_root.removesuffix(prefix_of(language()))


def page(path: str) -> str:
    """Return the address of a path in the language of this request."""
    return f"{request.script_root}{path}"


def page_in(code: str, *, with_query: bool = True) -> str:
    """Return the address of this very page in another language.

    English at the bare ``/`` carries ``?lang=en``: an explicit choice wins over the browser's.
    """
    query = request.query_string.decode("utf-8", "replace") if with_query else ""
    address = f"{mount()}{prefix_of(code)}{request.path}"
    if code == DEFAULT and request.path == "/" and not query:
        return f"{address}?lang={DEFAULT}"
    return f"{address}?{query}" if query else address


def install(app: Flask) -> None:
    """Mount the prefixes and let the bare ``/`` answer in the browser's language."""
    app.wsgi_app = LanguagePrefix(app.wsgi_app)  # type: ignore[method-assign] # Flask's own way to add WSGI middleware
    app.before_request(_negotiate)


def _negotiate() -> ResponseReturnValue | None:
    """Send a first visit of ``/`` to the language that the browser prefers."""
    if request.path != "/" or request.query_string or request.method not in {"GET", "HEAD"}:
        return None
    if language() != DEFAULT or _from_here():
        return None
    preferred = _preferred()
    if preferred == DEFAULT:
        return None
    answer = redirect(f"{mount()}{prefix_of(preferred)}/", code=302)
    answer.headers["Cache-Control"] = "no-store"
    answer.vary.update(("Accept-Language", "Sec-Fetch-Site", "Referer"))
    return answer


def _preferred() -> str:
    """Return the first of the browser's languages that we speak; "en-GB" is English.

    werkzeug's own match would let a low "fr" win over "en-GB", which is no exact match.
    """
    spoken = (tag.partition("-")[0].lower() for tag in request.accept_languages.values())
    return next((tag for tag in spoken if tag in LANGUAGES), DEFAULT)


def _from_here() -> bool:
    """Say whether the visitor followed a link of ours: then English was meant."""
    if request.headers.get("Sec-Fetch-Site") == "same-origin":
        return True
    return bool(request.referrer) and urlsplit(request.referrer or "").netloc == request.host
