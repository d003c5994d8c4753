"""What the paper lacks: networks that tell how much of a result each input brings, and what it rests on."""

from train.config import Config
from train.data.encoding import Floats, hidden, subsets
from train.data.examples import Examples
from train.evaluation.fold import variant_of


def known_labels(examples: Examples, config: Config) -> dict[str, dict[str, Floats]]:
    """Return the label inputs with all but a subset of them hidden, for each subset but the whole."""
    if not config.may_lack_labels:
        return {}
    return {
        variant_of(known): {
            name: values if name in known else hidden(values) for name, values in examples.fields.items()
        }
        for known in subsets(config.label_inputs)[:-1]
    }
