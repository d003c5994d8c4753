"""The review as web pages: one painting or a grid of them, what was suggested, and forms by which a person decides.

Rendered here, without JavaScript but for the keys of the keyboard; nothing comes from elsewhere.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flask
from sqlalchemy import Connection, Engine, Row
from werkzeug.exceptions import BadRequest, HTTPException, NotFound
from werkzeug.wrappers import Response

from curate.review.access import Access, guard
from curate.review.checks import BLIND, DOUBT, PLAIN, PLANTED, SECOND, Checks, display
from curate.review.forms import MOST, Mistyped, page_way, record, record_decision, share, whole
from curate.review.likeness import Likeness
from curate.review.reasons import ReasonsReader, known
from curate.review.renditions import Renditions
from harvest.catalogue.paintings import object_numbers
from harvest.catalogue.review.history import last_of
from harvest.catalogue.review.opinions import give, given, waiting_for_second
from harvest.catalogue.suggestions import (
    ANSWERS,
    DOUBT_ANSWERS,
    DOUBTED,
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
from harvest.pictures import Unreadable
from harvest.records import is_page

GRID = 24  # paintings on a page
KEYS = ("source", "value", "run", "least", "doubts", "seen")  # of a filter, in an address


pages = flask.Blueprint("pages", __name__)
OF_FIELD = f"/<any({','.join(FIELDS)}):field>"


def create_app(catalogue: Engine, data: Path, access: Access, checks: Checks) -> flask.Flask:
    """Make the pages.

    Args:
        catalogue: An open catalogue.
        data: The data folder, whose images are shown.
        access: Who may ask for what.
        checks: Which suggestions are shown in another way than others.
    """
    app = flask.Flask(__name__)
    data = data.resolve()
    reasons = ReasonsReader(data)
    likeness = Likeness(data, reasons, checks.hidden)
    app.config.update(CATALOGUE=catalogue, DATA=data, VALUES={}, REASONS=reasons, LIKENESS=likeness, CHECKS=checks)
    app.config["RENDITIONS"] = Renditions(data)
    guard(app, access)
    app.jinja_env.filters |= {"in_words": in_words, "is_page": is_page}
    app.jinja_env.globals |= {"checks": checks, "place": _key, "most": MOST, "opened": lambda: int(1_000 * time.time())}
    app.register_blueprint(pages)
    app.register_error_handler(Conflict, _tell_conflict)
    app.register_error_handler(HTTPException, _tell)
    return app


@pages.get("/")
def home() -> Response:
    """Lead to the first field of which something waits."""
    with _catalogue().connect() as connection:
        numbers = count(connection, Wanted())
    for wanted, doubts in ((OPEN, None), (DOUBTED, "1")):
        if waiting := [field for field, status in numbers if status == wanted]:
            return flask.redirect(flask.url_for(".grid", field=waiting[0], doubts=doubts))
    return flask.redirect(flask.url_for(".grid", field=FIELDS[0]))


@pages.get(f"{OF_FIELD}/")
def grid(field: str) -> str:
    """Show many paintings, for decisions together."""
    return _paintings(field)


def _paintings(field: str, **said: Any) -> str:
    """Render the grid; after a form that was refused with what is `told` of it and which are `chosen`."""
    with _catalogue().connect() as connection:
        rows = list(find(connection, _wanted(field), GRID + 1))
        return flask.render_template(
            "grid.html",
            field=field,
            rows=rows[:GRID],
            hidden={row.id for row in rows if _checks().hides(row)},
            **_things(connection, rows),
            progress=_progress(connection),
            values=_values(connection, field),
            filters=_filters(),
            more=_key(rows[GRID - 1]) if len(rows) > GRID else None,
            **said,
        )


@pages.get(f"{OF_FIELD}/<int:number>")
def one(field: str, number: int) -> str:
    """Show one painting, what is suggested of it, and why."""
    return _painting(field, number)


def _painting(field: str, number: int, **said: Any) -> str:
    """Render a painting's page; after a form that was refused with what is `told` of it and was `typed`."""
    with _catalogue().connect() as connection:
        suggestion = _found(connection, number)
        opinions = given(connection, number)
        way = _checks().way(suggestion, opinions, flask.session["reviewer"])
        return flask.render_template(
            "one.html",
            field=field,
            row=suggestion,
            way=page_way(way),
            display=display(suggestion, way),
            is_planted=way == PLANTED,
            own=opinions.get((BLIND, flask.session["reviewer"])),
            painting=shown(connection, suggestion.object_id),
            object_number=object_numbers(connection, [suggestion.object_id]).get(suggestion.object_id),
            progress=_progress(connection),
            values=_values(connection, field),
            filters=_filters(),
            why=_reasons().reasons(connection, suggestion) if way != BLIND else None,
            after=flask.request.args.get("after") if way == SECOND else _key(suggestion),
            skipped=number if way == SECOND else None,
            **said,
        )


@pages.get(f"{OF_FIELD}/next")
def next_one(field: str) -> Response:
    """Lead to the next suggestion that waits; first to one that waits for a second opinion."""
    mine, second = flask.session["reviewer"], _checks().second
    with _catalogue().connect() as connection:
        if second and "doubts" not in flask.request.args:
            seen = whole(flask.request.args.get("seen", "0"))
            row = waiting_for_second(connection, field, mine, share=second, after=seen)
            if row is not None:
                return flask.redirect(
                    _address("one", field, number=row.id, after=flask.request.args.get("after") or None)
                )
        row = next(find(connection, _wanted(field), 1), None)
    return flask.redirect(_address("grid", field) if row is None else _address("one", field, number=row.id))


@pages.get(f"{OF_FIELD}/alike")
def alike(field: str) -> str:
    """Show look-alikes of which the same is suggested, for decisions together."""
    return _look_alikes(field)


def _look_alikes(field: str, **said: Any) -> str:
    """Render a group; after a form that was refused as `_paintings` does."""
    begin = whole(flask.request.args.get("group", "0"))
    likeness: Likeness = flask.current_app.config["LIKENESS"]
    with _catalogue().connect() as connection:
        number, rows, nearest = likeness.open_group(connection, field, begin)
        return flask.render_template(
            "alike.html",
            field=field,
            number=number,
            rows=rows,
            nearest=known(connection, nearest) if nearest else None,
            **_things(connection, rows),
            progress=_progress(connection),
            filters={},
            **said,
        )


@pages.post(f"{OF_FIELD}/<int:number>")
def answer(field: str, number: int) -> Response | tuple[str, int]:
    """Record an answer, and lead to the next suggestion; who was asked blind is shown the suggestion now."""
    form, mine = flask.request.form, flask.session["reviewer"]
    try:
        with _catalogue().begin() as connection:
            suggestion = _found(connection, number)
            done = record(connection, suggestion, form, reviewer=mine, checks=_checks())
    except Mistyped as error:
        return _painting(field, number, told=error.description, typed=form), 400
    if done.is_opinion:
        flask.session["opinion"] = [number, done.way]
    else:
        flask.session.pop("opinion", None)
    if done.way == BLIND:
        return flask.redirect(_address("one", field, number=number), 303)
    after = flask.request.args.get("after") if done.way == SECOND else _key(suggestion)
    return flask.redirect(_address("next_one", field, after=after or None), 303)


@pages.post(f"{OF_FIELD}/together")
def together(field: str) -> Response | tuple[str, int]:
    """Record one decision on several suggestions: all of them, or none; those that still can be stay chosen."""
    form, mine = flask.request.form, flask.session["reviewer"]
    marks = form.getlist("chosen")
    render = _look_alikes if "group" in flask.request.args else _paintings
    if not marks:
        return render(field, told="Nothing was decided: nothing is chosen.", chosen=(), typed=form), 400
    late: list[Conflict] = []
    with _catalogue().connect() as connection, connection.begin() as transaction:
        for mark in marks:
            number, _, revision = mark.partition("-")
            suggestion = _found(connection, whole(number))
            if _checks().hides(suggestion):
                raise BadRequest(f"Suggestion {number} is answered on a page of its own: open it.")
            way = PLAIN if suggestion.doubted is None else DOUBT
            try:
                record_decision(connection, suggestion, form, revision, reviewer=mine, way=way, together=len(marks))
            except Conflict as error:
                late.append(error)
        if late:
            transaction.rollback()
    if late:
        left = {whole(mark.partition("-")[0]) for mark in marks} - {error.suggestion_id for error in late}
        told = (
            f"Nothing was decided: of {len(marks):,} chosen, {len(late):,} cannot be any more. The others stay chosen."
        )
        return render(field, told=told, late=late, chosen=left, typed=form), 409
    flask.session.pop("opinion", None)
    if "group" in flask.request.args:
        return flask.redirect(flask.url_for(".alike", field=field, group=flask.request.args["group"]), 303)
    return flask.redirect(_address("grid", field), 303)


@pages.post("/undo")
def undo() -> Response:
    """Take the person's last decision back, or the opinion that they gave since, and lead to it."""
    mine = flask.session["reviewer"]
    number, kind = flask.session.pop("opinion", (None, ""))
    with _catalogue().begin() as connection:
        if number is not None:
            row = _found(connection, number)
            give(connection, number, kind, OPEN, reviewer=mine, at=now())
            return flask.redirect(_address("one", row.field, number=number), 303)
        last = last_of(connection, mine)
        if last is None:
            raise NotFound("There is nothing of yours to take back.")
        decide(connection, last, OPEN, reviewer=mine, at=now())
    return flask.redirect(_address("one", last.field, number=last.id), 303)


@pages.get("/pictures/<sha256>")
def picture(sha256: str) -> Response:
    """Show an image of the catalogue, by its content alone; what no browser shows as a JPEG."""
    renditions: Renditions = flask.current_app.config["RENDITIONS"]
    with _catalogue().connect() as connection:
        path = image_path(connection, sha256)
    if path is None:
        raise NotFound("No image of the catalogue has this content.")
    try:
        shown_path = renditions.path(path)
    except FileNotFoundError:
        raise NotFound(f"This image is not in the data folder: {path}.") from None
    except Unreadable as error:
        raise NotFound(f"This image cannot be shown: {error}.") from None
    return flask.send_from_directory(flask.current_app.config["DATA"], shown_path, max_age=86_400)


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


def _things(connection: Connection, rows: Collection[Row[Any]]) -> dict[str, dict[int, str]]:
    """Return the first image's SHA-256 and the museum's own number of each object of a grid, by its id."""
    ids = [row.object_id for row in rows]
    return {"images": pictures(connection, ids), "object_numbers": object_numbers(connection, ids)}


def _catalogue() -> Engine:
    catalogue: Engine = flask.current_app.config["CATALOGUE"]
    return catalogue


def _checks() -> Checks:
    checks: Checks = flask.current_app.config["CHECKS"]
    return checks


def _reasons() -> ReasonsReader:
    reader: ReasonsReader = flask.current_app.config["REASONS"]
    return reader


def _tell_conflict(error: Conflict) -> tuple[str, int]:
    with _catalogue().connect() as connection:
        again = next(find(connection, Wanted(ids=(error.suggestion_id,)), 1), None)
    return flask.render_template("told.html", told=str(error), again=again), 409


def _tell(error: HTTPException) -> tuple[str, int]:
    return flask.render_template("told.html", told=error.description), error.code or 500


def _found(connection: Connection, number: int) -> Row[Any]:
    row = next(find(connection, Wanted(ids=(number,)), 1), None)
    if row is None:
        raise NotFound("There is no such suggestion.")
    return row


def _wanted(field: str) -> Wanted:
    """Return which suggestions the address asks for."""
    chosen = _filters()
    return Wanted(
        statuses=(DOUBTED if "doubts" in chosen else OPEN,),
        fields=(field,),
        sources=tuple(filter(None, [chosen.get("source")])),
        values=tuple(filter(None, [chosen.get("value")])),
        runs=tuple(filter(None, [chosen.get("run")])),
        least=share(chosen["least"]) if "least" in chosen else None,
        after=_after(flask.request.args.get("after", "")),
        outside=_checks().hidden if "value" in chosen else (),  # whoever asks for a value knows it
    )


def _filters() -> dict[str, str]:
    return {key: flask.request.args[key] for key in KEYS if flask.request.args.get(key)}


def _key(row: Row[Any]) -> str:
    """Return the place of a suggestion in the order of `find`, for an address."""
    return f"{row.probability!r}-{row.id}"


def _after(text: str) -> tuple[float, int] | None:
    if not text:
        return None
    probability, _, number = text.rpartition("-")
    return share(probability), whole(number)


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


@dataclass(frozen=True, slots=True)
class Progress:
    """How far people have come."""

    decided: int
    waiting: int


def _progress(connection: Connection) -> dict[tuple[str, bool], Progress]:
    """Return how far people have come with each field's suggestions, and with doubts of its labels."""
    numbers = count(connection, Wanted())
    progress = {}
    for answers, waits in ((ANSWERS, OPEN), (DOUBT_ANSWERS, DOUBTED)):
        for field in FIELDS:
            decided = sum(numbers.get((field, status), 0) for status in answers)
            if decided or (field, waits) in numbers:
                progress[field, waits == DOUBTED] = Progress(decided, numbers.get((field, waits), 0))
    return progress
