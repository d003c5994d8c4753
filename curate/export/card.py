"""The README of an export: what it holds, what was left out and why, what the sources say of rights, how to read it."""

import json
from collections.abc import Mapping
from typing import Any

from curate.build import datasheet
from curate.manifest import BuildInfo
from curate.selection.criteria import noun_of


def readme(info: Mapping[str, Any], build_info: BuildInfo, *, use: str, header: str, name: str) -> str:
    """Write an export's dataset card.

    Args:
        info: The content of export.json.
        build_info: Of the build.
        use: How the format's library reads it, in Python, with `{folder}` for its folder.
        header: Further lines of the header that Hugging Face reads.
        name: Of the export.
    """
    noun = noun_of(build_info.options.object_types)
    heading = f"{noun.capitalize()}s"
    left_out = datasheet.table(["Left out because", heading], info["left_out"].items()) if info["left_out"] else "None."
    return _README.format(
        title=json.dumps(name, ensure_ascii=False),
        header=header,
        name=name,
        noun=noun,
        of=f"{info['build']}/{info['dataset']}",
        program=info["program"],
        digest=info["digest"],
        paintings=info["paintings"],
        exported=info["exported"],
        total=sum(info["left_out"].values()),
        labels="" if info["metadata_only"] else _LABELS,
        what=_METADATA if info["metadata_only"] else _ALL_RIGHTS if info["all_rights"] else _SHARED,
        left_out=left_out,
        rights=datasheet.table(
            ["Rights", heading], [(datasheet.inert(text), number) for text, number in info["rights"].items()]
        ),
        use=use.format(folder=name),
    )


_SHARED = (
    "Pictures are here only where the source's statement on rights is known to allow copies to be passed on; what it "
    "says of their use (names to be given, say) holds for these copies too."
)
_ALL_RIGHTS = (
    "**Pictures are here whatever their rights (`--all-rights`): for your own use. Do not pass this folder on before "
    "you have read the rights below.**"
)
_LABELS = """\
## Labels

Where `suggested` names a label, it is a network's that a person accepted, or a person's in its place: `suggestions.csv`
says which, and by which network. A label whose column `source_…` is empty else is a word that a program found in the
source's texts. All others are the source's own.

"""
_METADATA = "There are no pictures and no labels here (`--metadata-only`): ids, hashes and addresses."

_README = """\
---
pretty_name: {title}
license: other
{header}---

# {name}

{of}, exported by {program} (`curate export`) from the build `{digest}`.
Of {paintings:,} {noun}s, {exported:,} were exported and {total:,} left out.

{what}

## What was left out

{left_out}

`works.csv` names every {noun}, exported or not: ids, addresses, the SHA-256 of the museum's file and of the picture,
folds, and why it was left out. Whoever has raisonné fetches the same works by it:
`harvest SOURCE --from-manifest works.csv`.

## Rights

{rights}

{labels}## Use

`fold_random`, `fold_duplicates` and `fold_series` hold 0 to 4: the fold in which a {noun} is validated. Where they are
empty it is only trained on.

```python
{use}```
"""
