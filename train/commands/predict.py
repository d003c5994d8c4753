"""`train predict`: a missing label, from a picture and the labels that are known."""

import itertools
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from curate.manifest import LABELS, Dataset, locate, read_dataset
from harvest.console.program import Exit, Settings, settings_of
from harvest.files import fit_name
from train.commands.extra import extra
from train.config import TrainError
from train.inference import questions
from train.inference.questions import Answer, Outcomes, Question, Unanswered
from train.inference.table import Columns, of_table
from train.inference.vocabulary import Vocabulary
from train.models.info import ModelInfo, read_model_info
from train.runs import check_name, find_run

if TYPE_CHECKING:
    from train.inference.explain import Explainer

log = logging.getLogger(__name__)

EXPECTED_AT = "0.95"  # the precision that every summary speaks of
SHOWN = 20  # things in the table on the screen
NAMED = 3  # in a line


def _precision(_context: click.Context, _parameter: click.Parameter, value: float | None) -> str | None:
    """Read a precision as the thresholds are kept: by whole percents."""
    return None if value is None else f"{value:.2f}"


@click.command("predict", context_settings={"allow_extra_args": True})
@click.argument("run", metavar="RUN")
@click.option("--image", "images", multiple=True, type=click.Path(path_type=Path), metavar="FILE|FOLDER",
              help="A picture, or a folder of them. Repeatable.")  # fmt: skip
@click.option("--csv", "table", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
              help="A table to ask about: a column file, relative to it, and one for each known label.")  # fmt: skip
@click.option("--build", metavar="BUILD[/DATASET]", help="What the paintings of a build lack.")
@click.option("--artist", metavar="VALUE", help="Known of the pictures of --image.")
@click.option("--decade", metavar="YEAR", help="The same; its first year.")
@click.option("--genre", metavar="VALUE", help="The same.")
@click.option("--style", metavar="VALUE", help="The same.")
@click.option("--medium", metavar="VALUE", help="The same.")
@click.option("--top", type=click.IntRange(1, 100), default=5, show_default=True, metavar="N",
              help="How many values of each field.")  # fmt: skip
@click.option("--at-precision", type=click.FloatRange(0.5, 0.99), callback=_precision, metavar="SHARE",
              help="Answer only where the network was right this often on validated examples.")  # fmt: skip
@click.option("--explain", "with_reasons", is_flag=True,
              help="Keep also why: places, like training pictures, what each label changed. With --at-precision only "
              "for answers that reach it.")  # fmt: skip
@click.option("--name", help="Keep the answers in predictions/NAME, as CSV and Parquet.  [default: those of --build "
              "and --csv are kept under one that says what was asked, with a number where it is there already; those "
              "of --image are not, but with --explain]")  # fmt: skip
@click.pass_context
def predict(
    context: click.Context,
    /,
    run: str,
    *,
    images: tuple[Path, ...],
    table: Path | None,
    build: str | None,
    top: int,
    at_precision: str | None,
    with_reasons: bool,
    name: str | None,
    **known: str | None,
) -> Exit:
    """Ask a finished run for what is not known: of pictures, of a table of them, or of a build's paintings."""
    settings = settings_of(context)
    if context.args:  # what a shell makes of --image scans/*.jpg
        more = "name the folder, or repeat --image" if images else "a picture is named by --image"
        raise click.UsageError(f"'train predict' takes one RUN, and {context.args[0]!a} came behind it: {more}.")
    folder = find_run(settings.data / "runs", run)
    info = read_model_info(folder)
    dataset = _widest(settings.data / "builds", build) if build else None
    asked = _questions(info, images=images, table=table, dataset=dataset, known=known)
    kept = table.stem if table else f"{dataset.build.name}-{dataset.name}" if dataset else ""
    target = _target(settings, run, name, kept or (images[0].stem if with_reasons else ""))
    with extra(verbose=settings.verbose):
        from harvest.console.progress import counter
        from train.inference import outcome
        from train.inference.explain import Explainer
        from train.inference.predict import Predictor

        predictor = Predictor(folder)
        explainer = Explainer(predictor) if with_reasons else None
    _tell_unknown([question for question in asked if not question.fault], predictor.vocabularies)
    noun = " paintings" if dataset else " rows" if table else " pictures"  # each may be asked for several answers
    with counter("predicted", noun, total=len(asked)) as bar:
        outcomes = list(predictor.answers(asked, bar))
    if small := sorted(predictor.enlarged):
        names = ", ".join(small[:NAMED]) + (" …" if len(small) > NAMED else "")
        log.warning("%d of %d have fewer pixels a side than the %d that the network sees, so that an answer may mean "
                    "little: %s", len(small), len(asked), info.side, names)  # fmt: skip
    if target is not None:
        rows = outcome.rows_of(outcomes, info, top)
        answers = outcome.reached(outcomes, info, at_precision)
        explain = _explanation(settings, folder, explainer, answers, at=at_precision, noun=noun) if explainer else None
        outcome.keep(target, outcomes, rows, info, run=run, digest=predictor.digest, asked=dataset, explain=explain)
    _show(settings, outcomes, info, top=top, at_precision=at_precision, target=target, of_build=dataset is not None)
    return Exit.INCOMPLETE if any(isinstance(one, Unanswered) for one in outcomes) else Exit.DONE


def _widest(builds: Path, build: str) -> Dataset:
    """Read the dataset that is named, or of a build the one with all paintings: gaps are not only in the last one."""
    if "/" not in build:
        build_info, _ = locate(builds, build)
        build = f"{build}/{build_info.datasets[0].name}"
    return read_dataset(builds, build)


def _questions(
    info: ModelInfo,
    *,
    images: tuple[Path, ...],
    table: Path | None,
    dataset: Dataset | None,
    known: Mapping[str, str | None],
) -> list[Question]:
    """Return what is asked, once it is sure that the network can be asked it."""
    named = [f"--{way}" for way, one in (("image", images), ("csv", table), ("build", dataset)) if one]
    if len(named) != 1:
        both = f": {' and '.join(named)} came together" if named else ""
        raise TrainError(f"name what to ask about by one of --image, --csv and --build{both}")
    labels, has_picture, wanted = tuple(info.inputs), info.views > 0, tuple(info.targets)
    given = {label: value for label in LABELS if (value := known[label])}
    if given and not images:
        raise TrainError(f"--{next(iter(given))} speaks of the pictures of --image: leave it out")
    unseen = next((label for label in given if label not in labels), None)
    if unseen:
        raise TrainError(
            f"--{unseen} is no input of this run, which is shown "
            f"{', '.join([*(['the picture'] if has_picture else []), *labels])}: leave it out"
        )
    if images and not has_picture:
        raise TrainError("this run sees no picture, only labels: name them in a table with --csv, or a --build")
    if dataset:
        asked = questions.of_build(dataset, wanted, labels=labels, has_picture=has_picture)
    elif table:
        asked = of_table(table, wanted, Columns(labels, has_picture))
    else:
        asked = questions.of_files(images, given, wanted)
    if not asked:
        nothing = f"{table} has no rows"
        if dataset:
            nothing = f"every example of {dataset.title} has {' and '.join(wanted)}: build with a shorter --require"
        raise TrainError(f"there is nothing to predict: {nothing}")
    asked = [_with_needed(question, info) for question in asked]
    if (first := asked[0]).fault and all(question.fault for question in asked):
        among = f"{table}: none of its {len(asked)} rows can be asked about; " if table else f"{first.name}: "
        raise TrainError(f"{among}{first.fault}")
    return asked


def _with_needed(question: Question, info: ModelInfo) -> Question:
    """Return a question; with its fault, where the paper's network, which has no place for UNKNOWN, lacks a label."""
    for name, label in info.inputs.items():
        value, vocabulary = question.known.get(name), Vocabulary(label)
        if question.fault or label.may_be_absent or (value is not None and vocabulary.knows(value)):
            continue
        what = "none was given" if value is None else f"{value!r} is unknown to the network"
        fault = f"{name} needed: {what}; {vocabulary.hint(value)} A run without --preset paper can be asked without"
        question = replace(question, fault=fault)
    return question


def _target(settings: Settings, run: str, name: str | None, about: str) -> Path | None:
    """Return the folder to keep the predictions in; without a name, one that says what they are about, if anything."""
    predictions = settings.data / "predictions"
    if name is not None:
        check_name(name)
        if (predictions / name).exists():
            raise TrainError(f"there are predictions {name} already (in {predictions}): choose another --name")
        return predictions / name
    if not about:
        return None
    names = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
    return next(path for end in names if not (path := predictions / fit_name(f"{run}-{about}", end)).exists())


def _explanation(
    settings: Settings, run: Path, explainer: "Explainer", answers: Sequence[Answer], *, at: str | None, noun: str
) -> Callable[[Path], None]:
    """Return a way to write why the network answered as it did; its training pictures are looked for first."""
    from harvest.console.progress import counter
    from train.inference.neighbours import training_pictures

    if explainer.info.views and answers:
        explainer.neighbours = training_pictures(run, explainer.predictor, settings.data)

    def write(folder: Path) -> None:
        with counter("explained", noun, total=len(answers)) as bar:
            explainer.write(folder, answers, run=run.name, at_precision=at, bar=bar)

    return write


def _tell_unknown(asked: Sequence[Question], vocabularies: Mapping[str, Vocabulary]) -> None:
    """Say which values the network does not know, the commonest first, and which are spelled most like them."""
    for name, vocabulary in vocabularies.items():
        values = Counter(question.known[name] for question in asked if name in question.known)
        for value, number in values.most_common():
            if not vocabulary.knows(value):
                hint = vocabulary.hint(value)
                log.warning("%s %r is unknown to the network (%d asked with it); %s", name, value, number, hint)


def _show(
    settings: Settings,
    outcomes: Outcomes,
    info: ModelInfo,
    *,
    top: int,
    at_precision: str | None,
    target: Path | None,
    of_build: bool,
) -> None:
    from train.inference import outcome  # draws tables, which no other command has to wait for
    from train.inference.page import PAGE

    precision = at_precision or EXPECTED_AT
    expected = outcome.expectations(outcomes, info, precision)
    shown = list(itertools.islice(outcomes, SHOWN))
    text = [outcome.table(shown, info, top=top, precision=at_precision)]
    if len(outcomes) > SHOWN:
        text.append(f"… and {len(outcomes) - SHOWN:,} more")
    if unanswered := outcome.unanswered_in_words(outcomes, most=SHOWN):
        text += ["", unanswered]
    text += ["", outcome.in_words(expected, info, precision)]
    if novel := outcome.novel_in_words(outcomes, info):
        text.append(novel)
    if target is not None:
        text.append(f"\nPredictions: {target}")
        if (target / outcome.EXPLANATIONS).is_dir():
            text.append(f"Explanations: {target / outcome.EXPLANATIONS / PAGE}")
            text += [outcome.explained_in_words(outcomes, info, at_precision)] if at_precision else []
        if of_build:
            text.append(f"Next: {settings.command('curate', 'suggest', target.name)}")
    result = {
        "predictions": outcome.rows_of(outcomes, info, top).to_pylist(),
        "unanswered": [
            {"name": one.question.name, "reason": one.reason} for one in outcomes if isinstance(one, Unanswered)
        ],
        "at_precision": float(precision),
        "novelty": {name: asdict(one) for name, one in info.novelty.items()},
        "expected": [asdict(one) for one in expected],
        "folder": None if target is None else str(target),
    }
    settings.show(result, "\n".join(text))
