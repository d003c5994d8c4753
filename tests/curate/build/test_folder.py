"""The build's folder: one writer at a time, and nothing left of what was not published."""

from pathlib import Path

import pytest

from curate.build.folder import aside, check_name, holds, publish
from curate.errors import CurateError
from curate.selection.criteria import Threshold
from tests.curate.conftest import Museum


def test_a_build_of_many_thresholds_has_a_folder_whose_name_fits(museum: Museum) -> None:
    for _ in range(50):
        museum.add()
    done = museum.build(thresholds=tuple(Threshold(number) for number in range(1, 51)))
    assert done.folder.name.startswith("min1-min2-")


def test_a_second_writer_is_refused_and_the_first_undisturbed(tmp_path: Path) -> None:
    builds = tmp_path / "builds"
    with aside(builds, "one") as part:
        with pytest.raises(CurateError, match="another 'curate build' is writing into"), aside(builds, "two"):
            pass
        (part / "file").write_text("whole")
        publish(part, builds / "one")
    assert [path.name for path in builds.iterdir()] == ["one"]
    with aside(builds, "two"):
        pass
    assert [path.name for path in builds.iterdir()] == ["one"]


def test_a_damaged_folder_makes_way(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "file").write_text("dam")
    with aside(tmp_path, "one") as part:
        (part / "file").write_text("whole")
        assert not holds(tmp_path / "one", part)
        publish(part, tmp_path / "one")
    assert (tmp_path / "one" / "file").read_text() == "whole"
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_what_a_killed_build_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".old.part" / "images").mkdir(parents=True)
    with aside(tmp_path, "new") as part:
        assert [path.name for path in tmp_path.iterdir()] == [part.name]


@pytest.mark.parametrize("name", ["", "../x", "x" * 201])
def test_a_name_that_is_no_folder_name_is_refused(name: str) -> None:
    with pytest.raises(CurateError, match="cannot name a build"):
        check_name(name)
