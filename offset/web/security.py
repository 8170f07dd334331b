"""Who may open which page, and what does every answer carry to stay safe?

Every route declares its policy with one decorator; a route without one stops the start.
"""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final, TypeVar, cast
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, current_app, g, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf import CSRFProtect

from offset.config import Settings
from offset.errors import Forbidden
from offset.people import devices, logins, second_factor, signin
from offset.people.access import ANONYMOUS, STAFF, Actor, Right, Role, require
from offset.people.signin import Person
from offset.projects import consents
from offset.web.browser_names import browser_name
from offset.web.language import page
from offset.web.wiring import now, services

View = TypeVar("View", bound=Callable[..., Any])

_STRIPE_PAGES: Final = ("https://checkout.stripe.com", "https://billing.stripe.com")
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_PATH: Final = re.compile(r"/(?![/\\])[A-Za-z0-9_\-./?=&%+:,~]*", re.ASCII)
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
_FORM_HOURS: Final = 12
_SEEN_SECONDS: Final = 300
FRESH: Final = timedelta(minutes=15)
# Whoever opened a form in time may take as long again to fill it in.
_FRESH_TO_POST: Final = 2 * FRESH
_DEVICE_COOKIE: Final = "offset-device"
LOGGED_IN: Final = "_user_id"  # where Flask-Login keeps the secret of the browser
DEFAULT_BODY: Final = 1_000_000


@dataclass(frozen=True)
class Policy:
    """Who may open a page: everybody, a signed-in person, or the holders of one right.

    A private page is neither stored by browsers nor listed by search engines.
    """

    right: Right | None = None
    signed_in: bool = False
    private: bool = False


_PUBLIC: Final = Policy()
_BY_LINK: Final = Policy(private=True)
_SIGNED_IN: Final = Policy(signed_in=True, private=True)


def public(view: View) -> View:
    """Open a page to everybody."""
    return _marked(view, "offset_policy", _PUBLIC)


def by_link(view: View) -> View:
    """Open a page to whoever holds its unguessable address; nothing stores or lists it."""
    return _marked(view, "offset_policy", _BY_LINK)


def signed_in(view: View) -> View:
    """Open a page to everybody who signed in; the query behind it looks for their own rows."""
    return _marked(view, "offset_policy", _SIGNED_IN)


def policy(right: Right) -> Callable[[View], View]:
    """Open a page to the holders of one right."""
    demanded = Policy(right=right, signed_in=True, private=True)
    return lambda view: _marked(view, "offset_policy", demanded)


def fresh(view: View) -> View:
    """Ask for a sign-in of the last minutes: for bank details, and for who may do what.

    Stands below the policy, on the page with the form as well as on what takes it::

        @blueprint.route("/bank-details", methods=["GET", "POST"])
        @policy(Right.APPLY)
        @fresh

    A browser whose link, code or password is older than a quarter of an hour is led through
    ``/sign-in/again`` and back; one that only a known device signed in always is. A form opened
    in time may be posted for a quarter of an hour more; later the post is refused with
    ``sign_in_again``, and nothing is done.
    """
    return _marked(view, "offset_fresh", True)  # noqa: FBT003 - a mark, no argument of ours


def limited(*limits: str, field: str | None = None, method: str = "POST") -> Callable[[View], View]:
    """Limit how often one address may post here, such as ``"20 per 5 minutes"``.

    With ``field``, the limit counts per value of that form field instead (an e-mail address);
    with ``method``, another kind of request is counted.
    """

    def mark(view: View) -> View:
        told = (*getattr(view, "offset_limits", ()), (limits, field, method))
        return _marked(view, "offset_limits", told)

    return mark


def accepts(size: int) -> Callable[[View], View]:
    """Allow a larger request body than usual: an upload."""
    return lambda view: _marked(view, "offset_body", size)


def without_token(view: View) -> View:
    """Take a post without a form's token: its unguessable address is the proof."""
    return _marked(view, "offset_without_token", True)  # noqa: FBT003 - the value of a mark


def _marked(view: View, name: str, value: object) -> View:
    setattr(view, name, value)
    return view


def policies(app: Flask) -> Mapping[str, Policy]:
    """Return the policy of every endpoint.

    Raises
    ------
    LookupError
        When a route declares none: such an application must not start.
    """
    found = {
        endpoint: getattr(view, "offset_policy", None)
        for endpoint, view in app.view_functions.items()
    }
    bare = sorted(endpoint for endpoint, told in found.items() if told is None)
    if bare:
        raise LookupError(f"routes without a policy: {', '.join(bare)}")
    return cast("Mapping[str, Policy]", found)


class SignedIn(UserMixin):
    """A person as Flask-Login holds one; its id is the secret of this one browser."""

    def __init__(self, person: Person, secret: str) -> None:
        self.person = person
        self.secret = secret

    def get_id(self) -> str:
        """Return what goes into the cookie."""
        return self.secret


def visitor() -> Person | None:
    """Return the signed-in person, or None; without a cookie the database is not asked."""
    if g.get("without_database") or LOGGED_IN not in session:
        return None
    return current_user.person if current_user.is_authenticated else None


def current_actor() -> Actor:
    """Return whoever acts in this request, as the rules see them."""
    person = visitor()
    if person is None:
        return ANONYMOUS
    if Role.STEWARD not in person.roles:
        return person.actor
    if "helps" not in g:
        with services().database.reading() as reading:
            g.helps = consents.standing(reading, person.id, now())
    return replace(person.actor, helps=g.helps)


def sign_in_browser(secret: str) -> None:
    """Let this browser hold a secret that ``people.signin`` just gave out."""
    earlier = session.get(LOGGED_IN)
    if earlier:
        services().database.run(signin.end, secret=earlier, at=now())
    session.clear()
    with services().database.reading() as reading:
        person = signin.person_of(reading, secret=secret, at=now())
    if person is not None:
        services().database.run(logins.describe, secret=secret, label=browser_name())
        login_user(SignedIn(person, secret))


def sign_out_browser() -> None:
    """End this browser's sign-in here and in the database, and know its device no longer."""
    secret = session.get(LOGGED_IN)
    if secret:
        services().database.run(signin.end, secret=secret, at=now())
    device = device_secret()
    if device:
        services().database.run(devices.end_here, secret=device, at=now())
        g.device = ""
    logout_user()
    session.clear()


def device_secret() -> str:
    """Return what the cookie of a known device holds, or nothing."""
    return request.cookies.get(_device_cookie(), "")


def remember_device(label: str) -> None:
    """Know the device of the person who just signed in for ninety days; staff are not known so."""
    secret = services().database.run(
        devices.remember, browser=session[LOGGED_IN], label=label, at=now()
    )
    if secret is not None:
        g.device = secret


def proved_within(span: timedelta) -> bool:
    """Say whether this browser showed a link, code or password that recently."""
    if LOGGED_IN not in session:
        return False
    with services().database.reading() as reading:
        proved = signin.proved_at(reading, secret=session[LOGGED_IN])
    return proved is not None and proved > now() - span


def _device_cookie() -> str:
    return f"__Host-{_DEVICE_COOKIE}" if services().settings.secure else _DEVICE_COOKIE


def _resume() -> Person | None:
    """Sign a known device in again; the form it had open keeps its token."""
    secret = device_secret()
    browser = secret and services().database.run(devices.resume, secret=secret, at=now())
    if not browser:
        return None
    token = session.get("csrf_token") if LOGGED_IN in session else None
    sign_in_browser(browser)
    if token is not None:
        session["csrf_token"] = token
    return visitor()


def _keep_device(answer: Response) -> Response:
    """Write the cookie of a device that was just made known, or take it away."""
    secret = g.get("device")
    if secret is None:
        return answer
    answer.set_cookie(
        _device_cookie(),
        secret,
        max_age=int(devices.LIFE.total_seconds()) if secret else 0,
        path="/",
        secure=services().settings.secure,
        httponly=True,
        samesite="Lax",
    )
    return answer


def own_path(text: str, default: str = "/") -> str:
    """Return a path of ours to go back to, or the default when it could lead elsewhere."""
    return text if _OWN_PATH.fullmatch(text) else default


def _load(secret: str) -> SignedIn | None:
    with services().database.reading() as reading:
        person = signin.person_of(reading, secret=secret, at=now())
    return SignedIn(person, secret) if person else None


def install(app: Flask, settings: Settings) -> None:
    """Set cookies, sessions, CSRF and headers; ``seal`` follows when all routes are known."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-offset" if settings.secure else "offset",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_TIME_LIMIT=_FORM_HOURS * 3600,
        WTF_CSRF_SSL_STRICT=False,  # _same_origin below is stricter and works without TLS
        MAX_CONTENT_LENGTH=DEFAULT_BODY,
        CONTENT_SECURITY_POLICY=content_security_policy(settings),
        RATELIMIT_STORAGE_URI=settings.limits_url,
    )
    manager = LoginManager()
    manager.session_protection = None  # the login is a row of ours, not a guess from addresses
    manager.user_loader(_load)
    # Not init_app: it would look into the session of every answer for a cookie we never set.
    app.login_manager = manager  # type: ignore[attr-defined] # where Flask-Login looks for it
    app.before_request(_name_request)
    app.before_request(_limit_body)
    app.before_request(_same_origin)
    app.before_request(_enforce)
    app.after_request(_protect)
    app.after_request(_keep_device)


def protect_forms(app: Flask, *exempt: Callable[..., Any]) -> None:
    """Ask every posted form for its token, except what is signed in another way."""
    csrf = CSRFProtect()
    told = [one for one in app.view_functions.values() if hasattr(one, "offset_without_token")]
    for view in (*exempt, *told):
        csrf.exempt(view)
    csrf.init_app(app)


def seal(app: Flask) -> None:
    """Check that every route has a policy and switch the limits on.

    Raises
    ------
    LookupError
        When a route declares no policy.
    """
    app.extensions["offset_policies"] = policies(app)
    app.config.setdefault("RATELIMIT_HEADERS_ENABLED", True)
    limiter = Limiter(get_remote_address, app=app)
    for endpoint, view in list(app.view_functions.items()):
        for limits, field, method in getattr(view, "offset_limits", ()):
            for limit in limits:
                bound = limiter.limit(
                    limit, key_func=_key(field), methods=[method], exempt_when=_unnamed(field)
                )
                app.view_functions[endpoint] = cast("Any", bound(app.view_functions[endpoint]))


def _key(field: str | None) -> Callable[[], str]:
    if field is None:
        return lambda: get_remote_address() or "unknown"
    return lambda: signin.tidy(request.form.get(field, ""))[:254]


def _unnamed(field: str | None) -> Callable[[], bool]:
    """Say whether the field a limit counts by is empty: then there is nobody to count."""
    return lambda: field is not None and not request.form.get(field, "").strip()


def content_security_policy(settings: Settings) -> str:
    """Write the one policy of all pages; only the payment page may receive a form besides us."""
    if settings.stripe_is_stand_in:
        parts = urlsplit(settings.stripe_api_base)
        checkout: tuple[str, ...] = (f"{parts.scheme}://{parts.netloc}",)
    else:
        checkout = _STRIPE_PAGES
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            # Chromium holds a form's redirect against this line too
            f"form-action 'self' {' '.join(checkout)}",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def _name_request() -> None:
    """Give the request a name that logs and the error page share."""
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _limit_body() -> None:
    """Bound the body before anything parses it."""
    view = current_app.view_functions.get(request.endpoint or "")
    request.max_content_length = getattr(view, "offset_body", DEFAULT_BODY)


def _same_origin() -> None:
    """Refuse a form that another site sent; the webhook is signed instead."""
    if request.method in _SAFE_METHODS or request.path == "/webhooks/stripe":
        return
    origin = request.headers.get("Origin")
    if origin is None:
        foreign = request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin"
    else:
        foreign = origin not in {request.host_url.rstrip("/"), services().settings.public_url}
    if foreign:
        raise Forbidden("other_origin")


def _enforce() -> ResponseReturnValue | None:
    """Hold the policy of the route against the visitor."""
    told = current_app.extensions["offset_policies"].get(request.endpoint or "", _PUBLIC)
    g.private = told.private
    if not told.signed_in:
        return None
    person = visitor() or _resume()
    if person is None:
        return _ask_to_sign_in()
    _note_use(person)
    if told.right is not None:
        require(person.actor, told.right)
    return (_second_factor(person) if told.right is not None else None) or _ask_again()


def _ask_again() -> ResponseReturnValue | None:
    """Lead whoever has not proved lately who they are through a new sign-in."""
    view = current_app.view_functions.get(request.endpoint or "")
    if not getattr(view, "offset_fresh", False):
        return None
    reading = request.method in _SAFE_METHODS
    if proved_within(FRESH if reading else _FRESH_TO_POST):
        return None
    if not reading:
        raise Forbidden("sign_in_again")
    return _by_way_of("/sign-in/again")


def _ask_to_sign_in() -> ResponseReturnValue:
    if request.method not in _SAFE_METHODS:
        raise Forbidden("sign_in_needed")
    return _by_way_of("/sign-in")


def _by_way_of(path: str) -> ResponseReturnValue:
    """Send the visitor to a page first and then back to where they wanted to go."""
    wanted = own_path(request.full_path.rstrip("?"))
    return redirect(f"{page(path)}?{urlencode({'next': f'{request.script_root}{wanted}'})}")


def _second_factor(person: Person) -> ResponseReturnValue | None:
    """Keep the rooms of staff and committee closed until this browser showed a code."""
    if services().settings.second_factor != "required" or not person.roles & STAFF:
        return None
    with services().database.reading() as reading:
        state = second_factor.state_of(reading, user_id=person.id, browser=session[LOGGED_IN])
    if state.passed:
        return None
    if request.method not in _SAFE_METHODS:
        raise Forbidden("second_factor_missing")
    return _by_way_of("/account/second-factor")


def _note_use(person: Person) -> None:
    """Tell the database now and then that this browser is in use, so that it stays signed in."""
    at = now()
    if at.timestamp() - session.get("seen", 0) < _SEEN_SECONDS:
        return
    services().database.run(signin.seen, secret=session[LOGGED_IN], at=at)
    session["seen"] = int(at.timestamp())
    g.person_id = person.id


def _protect(answer: Response) -> Response:
    """Add the headers that every answer carries, error pages included."""
    headers = answer.headers
    headers["Content-Security-Policy"] = current_app.config["CONTENT_SECURITY_POLICY"]
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["X-Request-ID"] = g.get("request_id", "-")
    if services().settings.secure:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if g.get("private"):
        headers["X-Robots-Tag"] = "noindex, nofollow"
    if g.get("private"):
        headers["Cache-Control"] = "no-store"
    elif "Cache-Control" not in headers:
        # Asking for the session would mark even a cookieless answer as depending on cookies.
        known = current_app.config["SESSION_COOKIE_NAME"] in request.cookies
        headers["Cache-Control"] = "no-store" if known else "no-cache"
    return answer
