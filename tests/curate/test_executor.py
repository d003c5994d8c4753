import subprocess
import sys
from pathlib import Path

SCRIPT = """
import multiprocessing, time
from curate.executor import Processes

if __name__ == "__main__":
    results = Processes(2).map(abs, range(-100, 0), batch_size=1)
    next(results)
    print(*(child.pid for child in multiprocessing.active_children()), flush=True)
    while True:
        time.sleep(1)
"""


def test_processes_end_when_what_began_them_is_killed(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    with subprocess.Popen([sys.executable, tmp_path / "script.py"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        children = process.stdout.readline().split()
        process.kill()
        process.stdout.read()  # ends when none of them holds it any more
    assert len(children) == 2
