"""`curate review`: the suggestions as pages in a browser, for people who look rather than read."""

import logging
from pathlib import Path

import click

from curate.commands.shares import Share
from curate.errors import CurateError
from curate.review.report import report_of, text_of, write
from harvest.catalogue.database import opened
from harvest.catalogue.review.history import decided_by_people
from harvest.catalogue.review.opinions import all_given
from harvest.console.program import now, settings_of

log = logging.getLogger(__name__)
LOOPBACK = ("127.0.0.1", "localhost")


@click.command("review")
@click.option(
    "--host", default=LOOPBACK[0], show_default=True, metavar="NAME", help="Under which the pages are asked for."
)
@click.option("--port", type=click.IntRange(0, 65535), default=8780, show_default=True, help="0: any that is free.")
@click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Holds the password that everybody needs, in its first line.",
)
@click.option(
    "--blind", type=Share(), default=0, metavar="SHARE", help="Of which a person says what they see before it is shown."
)
@click.option("--second", type=Share(), default=0, metavar="SHARE", help="Of which a second person is asked too.")
@click.option(
    "--planted",
    type=Share(),
    default=0,
    metavar="SHARE",
    help="Shown with a wrong value first; no answer counts.",
)
@click.option("--report", "is_report", is_flag=True, help="Show no pages: report what people have decided.")
@click.pass_context
def review(
    context: click.Context,
    *,
    host: str,
    port: int,
    password_file: Path | None,
    blind: float,
    second: float,
    planted: float,
    is_report: bool,
) -> None:
    """Show suggestions in a browser, one painting or many at a time, and record what people decide.

    Only this machine can ask for the pages, unless --host names another of its addresses; then a password is needed.
    Ctrl-C ends it; each decision is kept at once.

    People tend to accept what a machine proposes. SHARE, from 0 to 1, is how many of the suggestions are shown
    otherwise to measure that; which ones depends on their number alone. --report says what was found.
    """
    if is_report:
        _report(context)
        return
    if host not in LOOPBACK and password_file is None:
        raise click.UsageError(f"--host {host} opens the catalogue's images to others: --password-file FILE is needed.")
    password = _password(password_file) if password_file else None
    try:
        from curate.commands.serving import listen, serve
        from curate.review.access import Access, signing_key
        from curate.review.agreement import settle
        from curate.review.checks import Checks
        from curate.review.pages import create_app
    except ImportError as error:
        lacking = str(error.name).partition(".")[0]
        raise CurateError(f"curate review needs {lacking}: pip install 'flask>=3.1' 'waitress>=3.0'") from None
    settings = settings_of(context)
    with opened(settings.catalogue_url) as catalogue:
        with catalogue.begin() as connection:
            settle(connection, now())
        listening = listen(host, port)
        port = listening.getsockname()[1]
        names = LOOPBACK if host in LOOPBACK else (host,)
        access = Access([f"{name}:{port}" for name in names], signing_key(settings.data), password)
        pages = create_app(catalogue, settings.data, access, Checks(blind, second, planted))
        settings.show({"url": f"http://{host}:{port}/"}, f"http://{host}:{port}/  (Ctrl-C ends it)")
        serve(pages, listening, threads=8)


def _report(context: click.Context) -> None:
    """Report what people have decided, as a page, as JSON and as tables."""
    settings = settings_of(context)
    with opened(settings.catalogue_url) as catalogue, catalogue.connect() as connection:
        report = report_of(decided_by_people(connection), all_given(connection))
    page, values = write(report, settings.data)
    settings.show({**report.as_json(), "page": str(page)}, f"{text_of(report)}\n\n{page}\n{values}")


def _password(path: Path) -> str:
    password = path.read_text("utf-8").split("\n")[0].strip()
    if not password:
        raise CurateError(f"{path}: expected the password in the first line, which is empty")
    return password
