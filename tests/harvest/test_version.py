import sys

import pytest

from harvest.version import version


def test_the_version_is_the_installed_one() -> None:
    assert version()[0].isdigit()


def test_a_checkout_that_is_not_installed_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "meta_path", [])
    assert version() == "(a checkout, not installed)"
