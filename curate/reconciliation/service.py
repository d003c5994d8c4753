"""The Reconciliation Service API of the W3C's community group, versions 0.1 and 0.2, for programs of this machine.

A page elsewhere, open in the same browser, gets nothing: neither under a name of its own that leads here, nor by CORS,
nor by JSONP.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import flask
from werkzeug.exceptions import BadRequest, Forbidden, HTTPException, NotFound, RequestEntityTooLarge
from werkzeug.wrappers import Response

from curate.reconciliation.artists import PROPERTIES, Artists, Candidate, Person, Query
from harvest.console.text import counted

PATH = "/reconcile"
TYPE = {"id": "artist", "name": "Artist"}
NAMES = "names"  # a property to be fetched, not asked by
MAX_BODY = 1_000_000  # bytes
MAX_BATCH = 100  # queries
MAX_IDS = 1_000  # whose properties are fetched at once
MAX_NAME = 500  # letters
LIMIT, MAX_LIMIT = 5, 50  # candidates of a query
PAGE = 20  # suggestions
_CALLBACK = re.compile(r"[A-Za-z_$][\w$]{0,99}(?:\.[A-Za-z_$][\w$]{0,99}){0,3}")

service = flask.Blueprint("service", __name__)


def create_app(artists: Artists, hosts: Sequence[str], loopback: Collection[str]) -> flask.Flask:
    """Make the service.

    Args:
        artists: To be found.
        hosts: Names, with the port, under which it may be asked.
        loopback: Names of this machine, at any port of which the pages of a client may lie.
    """
    app = flask.Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.config.update(
        ARTISTS=artists, HOSTS=hosts, LOOPBACK=loopback, MAX_CONTENT_LENGTH=MAX_BODY, MAX_FORM_MEMORY_SIZE=MAX_BODY
    )
    app.before_request(_check)
    app.after_request(_allow)
    app.register_blueprint(service)
    app.register_error_handler(HTTPException, _tell)
    return app


@service.route(PATH, methods=["GET", "POST"])
def endpoint() -> Response:
    """Answer a batch of queries or fetch properties; asked for nothing, say what this service can."""
    asked = flask.request.values
    if "queries" in asked:
        return _answer(_results(_object(asked["queries"], "queries")))
    if "extend" in asked:
        return _answer(_extended(_object(asked["extend"], "extend")))
    if flask.request.method == "POST":
        raise BadRequest("expected a form with 'queries' or 'extend', got neither")
    return _answer(_manifest(flask.request.host_url.rstrip("/")))


@service.get("/suggest/entity")
def suggest_artists() -> Response:
    """Complete what was typed to names of artists."""
    begin = flask.request.args.get("cursor", "0")
    if not begin.isdecimal():
        raise BadRequest(f"expected a whole number as cursor, got {begin!r}")
    found = _artists().begin(flask.request.args.get("prefix", "")[:MAX_NAME])
    shown = [{**_named(person), "notable": [TYPE]} for person in found[int(begin) : int(begin) + PAGE]]
    return _answer({"result": shown})


@service.get("/suggest/property")
def suggest_properties() -> Response:
    """Complete what was typed to names of properties."""
    prefix = flask.request.args.get("prefix", "").casefold()
    known = [(key, name) for key, name in PROPERTIES.items() if prefix in f"{key} {name}".casefold()]
    return _answer({"result": [{"id": key, "name": name} for key, name in known]})


@service.get("/properties")
def propose_properties() -> Response:
    """List the properties that can be fetched."""
    known = [{"id": key, "name": name} for key, name in _fetched().items()]
    return _answer({"type": TYPE["id"], "properties": known})


@service.get("/artist")
def artist() -> str:
    """Show one artist, as a page of its own or within a client's."""
    person = _artists().named(flask.request.args.get("id", ""))
    if person is None:
        raise NotFound("there is no artist of this id")
    return flask.render_template("artist.html", person=person, properties=PROPERTIES)


def _manifest(root: str) -> dict[str, Any]:
    return {
        "versions": ["0.1", "0.2"],
        "name": "raisonné: artists of all museums",
        "identifierSpace": "urn:raisonne:maker:",
        "schemaSpace": "https://schema.org/Person",
        "defaultTypes": [TYPE],
        "view": {"url": f"{root}/artist?id={{{{id}}}}"},
        "preview": {"url": f"{root}/artist?id={{{{id}}}}", "width": 400, "height": 250},
        "suggest": {
            "entity": {"service_url": root, "service_path": "/suggest/entity"},
            "property": {"service_url": root, "service_path": "/suggest/property"},
        },
        "extend": {"propose_properties": {"service_url": root, "service_path": "/properties"}, "property_settings": []},
        "batchSize": MAX_BATCH,
    }


def _results(queries: Mapping[str, Any]) -> dict[str, Any]:
    if len(queries) > MAX_BATCH:
        raise RequestEntityTooLarge(f"expected {MAX_BATCH} queries at most, got {len(queries):,}: ask for fewer")
    asked = [(key, *_query(key, value)) for key, value in queries.items()]
    return {key: {"result": [_found(one) for one in _artists().find(query)[:limit]]} for key, query, limit in asked}


def _query(key: str, value: Any) -> tuple[Query, int]:
    """Read one query, and how many candidates are wanted."""
    if not isinstance(value, dict):
        raise BadRequest(f"query {key!r}: expected an object, got {value!r:.60}")
    name, limit, properties = value.get("query", ""), value.get("limit", LIMIT), value.get("properties", [])
    if not isinstance(name, str) or len(name) > MAX_NAME:
        raise BadRequest(f"query {key!r}: expected a text of {MAX_NAME} letters at most as query, got {name!r:.60}")
    if not isinstance(limit, int) or limit < 1:
        raise BadRequest(f"query {key!r}: expected a whole number above 0 as limit, got {limit!r:.60}")
    if not isinstance(properties, list):
        raise BadRequest(f"query {key!r}: expected a list of properties, got {properties!r:.60}")
    known = {}
    for part in properties:
        pid = part.get("pid") if isinstance(part, dict) else part
        if pid not in list(PROPERTIES):  # which need not be hashable
            raise BadRequest(f"query {key!r}: {pid!r:.60} is no property: choose of {', '.join(PROPERTIES)}")
        if texts := _texts(part.get("v")):
            known[pid] = texts
    return Query.of(name, known), min(limit, MAX_LIMIT)


def _texts(value: Any) -> list[str]:
    """Return the values of a property as texts: of an entity its id."""
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    if isinstance(value, dict):
        value = value.get("id")
    text = "" if value is None else str(value).strip()
    return [text[:MAX_NAME]] if text else []


def _found(candidate: Candidate) -> dict[str, Any]:
    return {
        **_named(candidate.person),
        "type": [TYPE],
        "score": candidate.score,
        "match": candidate.is_match,
        "features": [
            {"id": "names_alike", "value": round(100 * candidate.alike, 1)},
            {"id": "life_agrees", "value": candidate.agrees},
            {"id": "contradicts", "value": candidate.contradicts},
        ],
    }


def _named(person: Person) -> dict[str, str]:
    parts = (person.life, counted(person.works, "work"), ", ".join(person.sources))
    return {"id": person.id, "name": person.artist.name, "description": " · ".join(filter(None, parts))}


def _extended(query: Mapping[str, Any]) -> dict[str, Any]:
    """Fetch properties of artists; what is not known is empty."""
    ids, wanted = query.get("ids"), query.get("properties")
    if not isinstance(ids, list) or not isinstance(wanted, list) or not all(isinstance(one, dict) for one in wanted):
        raise BadRequest("extend: expected a list of ids and a list of properties")
    if len(ids) > MAX_IDS:
        raise RequestEntityTooLarge(f"extend: expected {MAX_IDS:,} ids at most, got {len(ids):,}")
    names, known = [one.get("id") for one in wanted], _fetched()
    for name in names:
        if name not in list(known):
            raise BadRequest(f"extend: {name!r:.60} is no property: choose of {', '.join(known)}")
    return {
        "meta": [{"id": name, "name": known[name]} for name in names],
        "rows": {str(key): {name: _cells(_artists().named(str(key)), name) for name in names} for key in ids},
    }


def _cells(person: Person | None, name: str) -> list[dict[str, Any]]:
    if person is None:
        return []
    if name == NAMES:
        return [{"str": alias} for alias in person.artist.aliases]
    return [{"int": int(value)} if name in ("birth", "death") else {"str": value} for value in person.values(name)]


def _fetched() -> dict[str, str]:
    return {**PROPERTIES, NAMES: "All names"}


def _object(text: str, name: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise BadRequest(f"{name}: expected a JSON object, got {text!r:.60}")
    return value


def _answer(value: Mapping[str, Any]) -> Response:
    """Return JSON, or for the oldest clients JSONP."""
    response: flask.Response = flask.jsonify(value)
    callback = flask.request.args.get("callback")
    if callback is None:
        return response
    if not _CALLBACK.fullmatch(callback):
        raise BadRequest(f"expected a name of JavaScript as callback, got {callback!r:.60}")
    if flask.request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise Forbidden("a page elsewhere asks by JSONP: only pages of this machine are answered")
    return flask.Response(f"/**/{callback}({response.get_data(as_text=True)});", mimetype="text/javascript")


def _check() -> None:
    request, config = flask.request, flask.current_app.config
    if request.host not in config["HOSTS"]:  # a page elsewhere whose name leads to this machine
        raise BadRequest(f"This service is asked as {', '.join(sorted(config['HOSTS']))}, not as {request.host}.")
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).hostname not in config["LOOPBACK"]:
        raise Forbidden(f"Only pages of this machine are answered, not those of {origin}.")


def _allow(response: flask.Response) -> flask.Response:
    """Let the pages of this machine read an answer, and show one within theirs."""
    if (origin := flask.request.headers.get("Origin")) and response.status_code != Forbidden.code:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Headers"] = "Content-Type"
    response.headers["Vary"] = "Origin"
    ports = " ".join(f"http://{name}:*" for name in sorted(flask.current_app.config["LOOPBACK"]))
    policy = f"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors {ports}"
    response.headers["Content-Security-Policy"] = policy
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def _tell(error: HTTPException) -> tuple[Response, int]:
    """Say in one line what was wrong, in the form that clients look for."""
    return flask.jsonify(status="error", message=error.description), error.code or 500


def _artists() -> Artists:
    found: Artists = flask.current_app.config["ARTISTS"]
    return found
