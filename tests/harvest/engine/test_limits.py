"""A run that is limited to some objects: what it has brought of them is whole."""

from pathlib import Path

from harvest.engine.scheduler import Limits
from tests.harvest.scripted import adds, asks, scripted_museum, tells


def test_a_limited_run_asks_for_what_leads_to_the_images_of_its_objects(tmp_path: Path) -> None:
    pages = {f"/page/{n}": [tells(f"{n}", images=None), asks(f"/more/{n}", "more", key=f"{n}")] for n in range(20)}
    more = {f"/more/{n}": [adds(f"{n}", images=[f"/images/{n}.jpg"])] for n in range(20)}
    answers, kinds = {"/list": [asks(path) for path in pages], **pages, **more}, ("more",)
    facts = {"NEVER_REFRESHED": kinds, "ONLY_FOR_IMAGES": kinds}
    with scripted_museum(tmp_path / "a", f"sqlite:///{tmp_path / 'a.sqlite'}", answers, **facts) as museum:
        outcome = museum.harvest(Limits(objects=3))
        assert (outcome.finish_reason, outcome.counts["objects"], outcome.counts["images"]) == ("limit", 3, 3)
    with scripted_museum(tmp_path / "b", f"sqlite:///{tmp_path / 'b.sqlite'}", answers, **facts) as museum:
        assert museum.harvest(Limits(objects=3, images=False)).counts["requests"] == 5
        assert not [path for path in museum.asked if path.startswith("/more/")]
