"""Torch's files of tensors are read without torch, and a pickle can run nothing."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from train.models.torch_file import MAGIC, read_tensors


def write(path: Path, values: np.ndarray, *, magic: int = MAGIC, table: bytes | None = None) -> None:
    """Write one tensor, `w`, as torch's first format has it; the table's opcodes by hand, for torch is not here."""
    size = values.size
    strides = tuple(stride // values.itemsize for stride in values.strides)
    numbers = "".join(f"I{number}\n" for number in values.shape)
    steps = "".join(f"I{number}\n" for number in strides)
    by_hand = (
        "ccollections\nOrderedDict\n(tRp0\n(S'w'\nctorch._utils\n_rebuild_tensor_v2\n"
        f"((S'storage'\nctorch\nFloatStorage\nS'17'\nS'cpu'\nI{size}\nNtQI0\n({numbers}t({steps}tI00\n"
        "ccollections\nOrderedDict\n(tRtRu."
    ).encode()
    with path.open("wb") as file:
        for fact in (magic, 1001, {"little_endian": True}):
            pickle.dump(fact, file, protocol=2)
        file.write(by_hand if table is None else table)
        pickle.dump(["17"], file, protocol=2)
        file.write(size.to_bytes(8, "little") + values.astype("<f4").tobytes())


def test_a_tensor_comes_back(tmp_path: Path) -> None:
    values = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    write(tmp_path / "t.pth", values)
    tensors = read_tensors(tmp_path / "t.pth")
    assert list(tensors) == ["w"]
    np.testing.assert_array_equal(tensors["w"], values)


@pytest.mark.parametrize(
    "table",
    [
        b"cos\nsystem\n(S'touch ran'\ntR.",
        b"cbuiltins\neval\n(S'1'\ntR.",
        b"ccollections\nOrderedDict\n(tRp0\n(S'w'\ncposix\nsystem\n(S'touch ran'\ntRu.",
        b"ctorch\nload\n(S'x'\ntR.",
    ],
)
def test_what_a_pickle_would_run_is_refused(table: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "t.pth", np.zeros(3, np.float32), table=table)
    with pytest.raises(ValueError, match="no table of tensors: it names"):
        read_tensors(tmp_path / "t.pth")
    assert not (tmp_path / "ran").exists()


def test_what_is_no_such_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.pth"
    write(path, np.zeros((4, 5), np.float32))
    content = path.read_bytes()
    for damaged in (b"", b"<html>", content[:30], content[:-1], content[: len(content) // 2]):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"no table of tensors|cut short|first format"):
            read_tensors(path)
    write(path, np.zeros(3, np.float32), magic=7)
    with pytest.raises(ValueError, match="not in torch's first format"):
        read_tensors(path)


def test_a_tensor_beyond_its_storage_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "t.pth", np.lib.stride_tricks.as_strided(np.zeros(3, np.float32), (3,), (8,)))
    with pytest.raises(ValueError, match="reaches beyond its storage"):
        read_tensors(tmp_path / "t.pth")
