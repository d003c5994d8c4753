from pathlib import Path

from curate.cache import cached, remove


def test_the_cache_is_listed_by_size_and_removed(tmp_path: Path) -> None:
    assert cached(tmp_path) == []
    (tmp_path / "cache" / "features" / "deep").mkdir(parents=True)
    (tmp_path / "cache" / "features" / "deep" / "a.npy").write_bytes(b"x" * 10)
    (tmp_path / "cache" / "b.bin").write_bytes(b"x" * 30)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_bytes(b"x")
    (tmp_path / "cache" / "link").symlink_to(outside)
    sizes = {entry.path.name: entry.size for entry in cached(tmp_path)}
    assert sizes == {"link": (tmp_path / "cache" / "link").lstat().st_size, "b.bin": 30, "features": 10}
    assert list(sizes.values()) == sorted(sizes.values(), reverse=True)
    for entry in cached(tmp_path):
        remove(entry)
    assert list((tmp_path / "cache").iterdir()) == []
    assert (outside / "kept").exists()
