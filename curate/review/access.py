"""Who may ask for what: this machine alone unless told otherwise, people with a name, forms of these pages only."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import flask
from werkzeug.exceptions import BadRequest, Forbidden
from werkzeug.wrappers import Response

from harvest.console.text import one_line
from harvest.files import atomic_write

KEY = "review.key"  # in the data folder's cache/: who has a name keeps it when the server begins again
MAX_NAME = 80
POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Access:
    """Who may ask for what."""

    hosts: Collection[str]  # names, with the port, under which the pages may be asked for
    key: bytes  # that signs cookies
    password: str | None = None  # None: nobody needs one


def signing_key(data: Path) -> bytes:
    """Return the key that signs cookies, made the first time; only its owner may read it."""
    path = data / "cache" / KEY
    try:
        return path.read_bytes()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(secrets.token_bytes(32))
        return path.read_bytes()


def guard(app: flask.Flask, access: Access) -> None:
    """Let nobody past who may not ask, and add the page by which a person says who they are."""
    app.secret_key = access.key
    app.config.update(
        ACCESS=access,
        SESSION_COOKIE_NAME="review",
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_HTTPONLY=True,
        MAX_CONTENT_LENGTH=1_000_000,
    )
    app.jinja_env.globals["token"] = _token
    app.before_request(_check)
    app.after_request(_protect)
    app.add_url_rule("/who", view_func=who, methods=["GET", "POST"])


def who() -> Response | tuple[str, int]:
    """Ask for the person's name, and for the password where there is one."""
    access: Access = flask.current_app.config["ACCESS"]
    form = flask.request.form
    name = one_line(form.get("name", ""))[:MAX_NAME]
    told = None
    if flask.request.method == "POST":
        if not name:
            told = "Write your name: it is kept with every decision."
        elif access.password is not None and not _same(form.get("password", ""), access.password):
            told = "This is not the password."
        else:
            flask.session["reviewer"] = name
            return flask.redirect("/", 303)
    page = flask.render_template("who.html", needs_password=access.password is not None, told=told)
    return page, 403 if told else 200


def _check() -> Response | None:
    request, access = flask.request, flask.current_app.config["ACCESS"]
    if request.host not in access.hosts:  # a page elsewhere whose name leads to this machine
        raise BadRequest(f"These pages are asked for as {', '.join(sorted(access.hosts))}, not as {request.host}.")
    if request.method not in ("GET", "HEAD"):
        _check_form(request)
    if request.endpoint not in ("who", "static") and "reviewer" not in flask.session:
        return flask.redirect(flask.url_for("who"))
    return None


def _check_form(request: flask.Request) -> None:
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise Forbidden("This form was sent from another page than these.")
    if not _same(request.form.get("token", ""), _token()):
        raise Forbidden("This form is of another session: open the page again.")


def _protect(response: flask.Response) -> flask.Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    if flask.request.endpoint not in ("static", "pages.picture"):
        response.headers["Cache-Control"] = "no-store"
    return response


def _token() -> str:
    """Return what the forms of this session carry, so that no other page's form is taken for one of them."""
    return str(flask.session.setdefault("token", secrets.token_urlsafe(24)))


def _same(one: str, other: str) -> bool:
    """Compare without telling by the time taken how much is equal."""
    return hmac.compare_digest(hashlib.sha256(one.encode()).digest(), hashlib.sha256(other.encode()).digest())
