"""How figures are drawn: alike everywhere, as SVG whose text the browser sets, and as PNG."""

import functools
import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.layout_engine import ConstrainedLayoutEngine

from train.report import document

INK, GREY, LINE, BLUE, RED = "#22252b", "#6d727c", "#e3e4e8", "#1f5a99", "#b3402a"
PAD = 0.08  # inches around everything: a browser's letters may be wider
DOTS = 144  # per inch, of a PNG

FONTS = (  # behind matplotlib's own, for the scripts that it lacks, where the system has them
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR", "Noto Sans SC", "Source Han Sans SC",
    "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback", "IPAGothic", "IPAexGothic", "TakaoGothic",
    "NanumGothic", "UnBatang", "Hiragino Sans GB", "PingFang SC", "Apple SD Gothic Neo", "Microsoft YaHei", "Yu Gothic",
    "Malgun Gothic", "Arial Unicode MS", "Noto Sans Devanagari", "Noto Sans Thai", "Noto Sans Bengali",
    "Noto Sans Tamil", "Noto Sans Ethiopic", "Noto Sans Symbols2", "Noto Emoji", "Symbola", "Unifont",
)  # fmt: skip

STYLE = {
    "font.size": 9,
    "axes.edgecolor": "#a9adb5",
    "axes.labelcolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": False,
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    "svg.fonttype": "none",  # the browser has letters that matplotlib's font lacks, and joins Arabic ones
    "svg.hashsalt": "raisonne",  # the same figure, the same bytes
}


@contextmanager
def drawing() -> Iterator[None]:
    """Draw in our style, whatever a user's own matplotlibrc says."""
    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE | {"font.family": ["DejaVu Sans", *_fonts_here(), "sans-serif"]})
        warnings.simplefilter("ignore", UserWarning)  # letters that no font here has are boxes in the PNG alone
        log.setLevel(logging.ERROR)  # fonts of other scripts have no bold letters
        try:
            yield
        finally:
            log.setLevel(level)


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of that size, in inches."""
    return Figure(figsize=(width, height), layout=ConstrainedLayoutEngine(w_pad=PAD, h_pad=PAD))


def drawn(figure: Figure, file: str, title: str) -> document.Figure:
    """Return a figure as SVG and PNG; within `drawing`.

    Args:
        figure: Without a title of its own.
        file: Its name, without an ending.
        title: What it shows.
    """
    svg, png = io.BytesIO(), io.BytesIO()
    FigureCanvasSVG(figure).print_svg(svg, metadata={"Date": None, "Creator": None})
    FigureCanvasAgg(figure)
    figure.savefig(png, format="png", dpi=DOTS, metadata={"Software": None})
    return document.Figure(file, title, svg.getvalue(), png.getvalue())


@functools.cache
def _fonts_here() -> tuple[str, ...]:
    known = {font.name for font in fontManager.ttflist}
    return tuple(name for name in FONTS if name in known)
