"""The review as web pages: one painting or a grid of them, what was suggested, and forms by which a person decides.

Rendered here, without JavaScript but for the keys of the keyboard; nothing comes from elsewhere.
"""

import math
from pathlib import Path
from typing import Any

import flask
from sqlalchemy import Connection, Engine, Row
from werkzeug.exceptions import BadRequest, HTTPException, NotFound
from werkzeug.wrappers import Response

from curate.review.access import Access, guard
from curate.review.reasons import ReasonsReader
from harvest.catalogue.review.history import last_of
from harvest.catalogue.suggestions import (
    ANSWERS,
    FIELDS,
    OPEN,
    Conflict,
    Wanted,
    count,
    decide,
    find,
    image_path,
    newest_id,
    pictures,
    shown,
    values,
)
from harvest.console.program import now

GRID = 24  # paintings on a page
KEYS = ("source", "value", "run", "least")  # of a filter, in an address
MAX_DIGITS = 19  # of a number that a database holds
WITH_VALUE = ("other", "coarser")  # answers to which a person adds a value


pages = flask.Blueprint("pages", __name__)
OF_FIELD = f"/<any({','.join(FIELDS)}):field>"


def create_app(catalogue: Engine, data: Path, access: Access) -> flask.Flask:
    """Make the pages.

    Args:
        catalogue: An open catalogue.
        data: The data folder, whose images are shown.
        access: Who may ask for what.
    """
    app = flask.Flask(__name__)
    app.config.update(CATALOGUE=catalogue, DATA=data.resolve(), VALUES={}, REASONS=ReasonsReader(data.resolve()))
    guard(app, access)
    app.jinja_env.filters["in_words"] = in_words
    app.jinja_env.globals["place"] = _key
    app.register_blueprint(pages)
    app.register_error_handler(Conflict, lambda error: (flask.render_template("told.html", told=str(error)), 409))
    app.register_error_handler(HTTPException, _tell)
    return app


@pages.get("/")
def home() -> Response:
    """Lead to the first field of which something waits."""
    with _catalogue().connect() as connection:
        waiting = [field for field, status in count(connection, Wanted()) if status == OPEN]
    return flask.redirect(flask.url_for(".grid", field=waiting[0] if waiting else FIELDS[0]))


@pages.get(f"{OF_FIELD}/")
def grid(field: str) -> str:
    """Show many paintings, for decisions together."""
    with _catalogue().connect() as connection:
        rows = list(find(connection, _wanted(field), GRID + 1))
        return flask.render_template(
            "grid.html",
            field=field,
            rows=rows[:GRID],
            images=pictures(connection, [row.object_id for row in rows]),
            progress=_progress(connection),
            values=_values(connection, field),
            filters=_filters(),
            more=_key(rows[GRID - 1]) if len(rows) > GRID else None,
        )


@pages.get(f"{OF_FIELD}/<int:number>")
def one(field: str, number: int) -> str:
    """Show one painting, what is suggested of it, and why."""
    with _catalogue().connect() as connection:
        suggestion = _found(connection, number)
        return flask.render_template(
            "one.html",
            field=field,
            row=suggestion,
            painting=shown(connection, suggestion.object_id),
            progress=_progress(connection),
            values=_values(connection, field),
            filters=_filters(),
            why=_reasons().reasons(connection, suggestion),
        )


@pages.get(f"{OF_FIELD}/next")
def next_one(field: str) -> Response:
    """Lead to the next suggestion that waits."""
    with _catalogue().connect() as connection:
        row = next(find(connection, _wanted(field), 1), None)
    return flask.redirect(_address("grid", field) if row is None else _address("one", field, number=row.id))


@pages.post(f"{OF_FIELD}/<int:number>")
def answer(field: str, number: int) -> Response:
    """Record a decision, and lead to the next suggestion."""
    form = flask.request.form
    with _catalogue().begin() as connection:
        suggestion = _found(connection, number)
        _decide(connection, suggestion, form["revision"])
    return flask.redirect(_address("next_one", field, after=_key(suggestion)), 303)


@pages.post(f"{OF_FIELD}/together")
def together(field: str) -> Response:
    """Record one decision on several suggestions: all of them, or none."""
    with _catalogue().begin() as connection:
        for mark in flask.request.form.getlist("chosen"):
            number, _, revision = mark.partition("-")
            _decide(connection, _found(connection, _whole(number)), revision)
    return flask.redirect(_address("grid", field), 303)


@pages.post("/undo")
def undo() -> Response:
    """Take the person's last decision back, and lead to it."""
    mine = flask.session["reviewer"]
    with _catalogue().begin() as connection:
        last = last_of(connection, mine)
        if last is None:
            raise NotFound("There is nothing of yours to take back.")
        decide(connection, last, OPEN, reviewer=mine, at=now())
    return flask.redirect(_address("one", last.field, number=last.id), 303)


@pages.get("/pictures/<sha256>")
def picture(sha256: str) -> Response:
    """Show an image of the catalogue, by its content alone."""
    with _catalogue().connect() as connection:
        path = image_path(connection, sha256)
    if path is None:
        raise NotFound("No image of the catalogue has this content.")
    return flask.send_from_directory(flask.current_app.config["DATA"], path, max_age=86_400)


@pages.get("/overlays/<int:number>.png")
def overlay(number: int) -> Response:
    """Show the places of a suggestion's picture that spoke for the value."""
    with _catalogue().connect() as connection:
        suggestion = _found(connection, number)
        why = _reasons().reasons(connection, suggestion)
    if why.overlay is None:
        raise NotFound("No map of this picture was kept.")
    return flask.send_from_directory(_reasons().folder(suggestion), why.overlay)


def in_words(probability: float) -> str:
    """Say a probability in counts, as people weigh them best."""
    of_ten = round(10 * probability)
    if of_ten >= 10:
        return "nearly all answers this sure are right"
    return f"about {of_ten} of 10 answers this sure are right"


def _catalogue() -> Engine:
    catalogue: Engine = flask.current_app.config["CATALOGUE"]
    return catalogue


def _reasons() -> ReasonsReader:
    reader: ReasonsReader = flask.current_app.config["REASONS"]
    return reader


def _tell(error: HTTPException) -> tuple[str, int]:
    return flask.render_template("told.html", told=error.description), error.code or 500


def _found(connection: Connection, number: int) -> Row[Any]:
    row = next(find(connection, Wanted(ids=(number,)), 1), None)
    if row is None:
        raise NotFound("There is no such suggestion.")
    return row


def _decide(connection: Connection, suggestion: Row[Any], revision: str) -> None:
    """Record a decision; one that was recorded before its page could say so is not recorded twice."""
    form, mine = flask.request.form, flask.session["reviewer"]
    given = form["answer"]
    if given not in ANSWERS:
        raise BadRequest(f"Expected an answer ({', '.join(ANSWERS)}), got {given!r}.")
    value = _value(suggestion.field, given) if given in WITH_VALUE else None
    seen = _whole(revision)
    if (suggestion.status, suggestion.reviewer, suggestion.revision) == (given, mine, seen + 1):
        return  # sent again: the first one got here, its answer did not get back
    note = form.get("note", "").strip() or None
    decide(connection, suggestion, given, revision=seen, reviewer=mine, at=now(), value=value, note=note)


def _value(field: str, given: str) -> str:
    """Return the value that a person adds."""
    value = flask.request.form.get("other", "").strip()
    if not value:
        raise BadRequest("Write the other value first.")
    if field == "decade" and given == "other" and not (value.isascii() and value.removeprefix("-").isdecimal()):
        raise BadRequest(f"A decade is written as its first year, like 1880; got {value!r}.")
    return value


def _wanted(field: str) -> Wanted:
    """Return which suggestions the address asks for."""
    chosen = _filters()
    return Wanted(
        statuses=(OPEN,),
        fields=(field,),
        sources=tuple(filter(None, [chosen.get("source")])),
        values=tuple(filter(None, [chosen.get("value")])),
        runs=tuple(filter(None, [chosen.get("run")])),
        least=_number(chosen["least"]) if "least" in chosen else None,
        after=_after(flask.request.args.get("after", "")),
    )


def _filters() -> dict[str, str]:
    return {key: flask.request.args[key] for key in KEYS if flask.request.args.get(key)}


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < MAX_DIGITS):
        raise BadRequest(f"Expected a number that these pages wrote, got {text!r}: open the page again.")
    return int(text)


def _number(text: str) -> float:
    try:
        if math.isfinite(number := float(text)):
            return number
    except ValueError:
        pass
    raise BadRequest(f"Expected a probability from 0 to 1, got {text!r}.")


def _key(row: Row[Any]) -> str:
    """Return the place of a suggestion in the order of `find`, for an address."""
    return f"{row.probability!r}-{row.id}"


def _after(text: str) -> tuple[float, int] | None:
    if not text:
        return None
    probability, _, number = text.rpartition("-")
    return _number(probability), _whole(number)


def _address(page: str, field: str, **parts: Any) -> str:
    """Return a page's address, with the filter of the page that asked."""
    parts |= _filters()
    return flask.url_for(f".{page}", field=field, **parts)


def _values(connection: Connection, field: str) -> list[str]:
    """Return the values to complete what a person types; read again only where suggestions came."""
    kept: dict[str, tuple[int, list[str]]] = flask.current_app.config["VALUES"]
    newest = newest_id(connection)
    if field not in kept or kept[field][0] != newest:
        kept[field] = newest, values(connection, field)
    return kept[field][1]


def _progress(connection: Connection) -> dict[str, tuple[int, int]]:
    """Return of each field how many suggestions people have decided, and how many wait."""
    numbers = count(connection, Wanted())
    decided = {field: sum(numbers.get((field, status), 0) for status in ANSWERS) for field in FIELDS}
    waiting = {field: numbers.get((field, OPEN), 0) for field in FIELDS}
    return {field: (decided[field], waiting[field]) for field in FIELDS if decided[field] or waiting[field]}
