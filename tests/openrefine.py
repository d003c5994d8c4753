"""OpenRefine itself, from Debian's package, asked as its own pages ask it: projects, reconciliation, exports."""

import json
import os
import shutil
import signal
import socket
import subprocess
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from urllib3.util import Retry

OPENREFINE = shutil.which("openrefine")
STARTED = Retry(total=None, connect=200, backoff_factor=0.2, backoff_max=1)  # Java takes its time


class OpenRefine:
    """A running OpenRefine.

    Args:
        url: Of its pages.
    """

    def __init__(self, url: str) -> None:
        self.url = f"{url}/command/core"
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.mount(url, requests.adapters.HTTPAdapter(max_retries=STARTED))

    def _send(self, command: str, files: Mapping[str, Any] | None = None, **form: str) -> requests.Response:
        token = self.session.get(f"{self.url}/get-csrf-token", timeout=60).json()["token"]
        query = {"csrf_token": token, **({"options": form.pop("options")} if "options" in form else {})}
        answer = self.session.post(f"{self.url}/{command}", params=query, files=files, data=form, timeout=120)
        answer.raise_for_status()
        return answer

    def create(self, table: Path) -> str:
        """Make a project of a CSV table; return its number."""
        options = json.dumps({"separator": ",", "encoding": "UTF-8", "guessCellValueTypes": False})
        form = {"project-name": table.stem, "format": "text/line-based/*sv", "options": options}
        with table.open("rb") as file:
            answer = self._send("create-project-from-upload", {"project-file": file}, **form)
        return urllib.parse.parse_qs(urllib.parse.urlsplit(answer.url).query)["project"][0]

    def apply(self, project: str, *operations: Mapping[str, Any]) -> None:
        """Let operations run to their end."""
        self._send("apply-operations", project=project, operations=json.dumps(operations))
        while self.session.get(f"{self.url}/get-processes", params={"project": project}, timeout=60).json()[
            "processes"
        ]:
            pass

    def reconcile(self, project: str, column: str, service: str, properties: Mapping[str, str]) -> None:
        """Match a column's cells with a service, as "Start reconciling" does; other columns are properties."""
        manifest = self.session.get(service, timeout=60).json()
        details = [
            {"column": other, "propertyID": name, "propertyName": name, "property": {"id": name, "name": name}}
            for other, name in properties.items()
        ]
        config = {
            "mode": "standard-service", "service": service, "identifierSpace": manifest["identifierSpace"],
            "schemaSpace": manifest["schemaSpace"], "type": manifest["defaultTypes"][0], "autoMatch": True,
            "columnDetails": details, "limit": 0,
        }  # fmt: skip
        self.apply(project, _operation("recon", columnName=column, config=config))

    def match_best(self, project: str, column: str) -> None:
        """Match each cell with its best candidate, as a person may tell OpenRefine to."""
        self.apply(project, _operation("recon-match-best-candidates", columnName=column))

    def extend(self, project: str, column: str, service: str, *properties: str) -> None:
        """Fetch properties of what a column was matched with, as "Add columns from reconciled values" does."""
        manifest = self.session.get(service, timeout=60).json()
        wanted = {"properties": [{"id": name, "name": name} for name in properties]}
        spaces = {name: manifest[name] for name in ("identifierSpace", "schemaSpace")}
        made = {"baseColumnName": column, "endpoint": service, "columnInsertIndex": 1, "extension": wanted, **spaces}
        self.apply(project, _operation("extend-reconciled-data", **made))

    def add_column(self, project: str, base: str, name: str, expression: str) -> None:
        """Add a column by an expression on another one."""
        made = {
            "baseColumnName": base,
            "newColumnName": name,
            "expression": f"grel:{expression}",
            "columnInsertIndex": 1,
        }
        self.apply(project, _operation("column-addition", onError="set-to-blank", **made))

    def export(self, project: str, target: Path) -> Path:
        """Write the project as CSV, as "Export" does."""
        engine = json.dumps({"facets": [], "mode": "row-based"})
        target.write_bytes(self._send("export-rows/answers.csv", project=project, format="csv", engine=engine).content)
        return target


def _operation(name: str, **fields: Any) -> dict[str, Any]:
    return {"op": f"core/{name}", "engineConfig": {"facets": [], "mode": "row-based"}, **fields}


@contextmanager
def openrefine(folder: Path) -> Iterator[OpenRefine]:
    """Run OpenRefine at a free port, with a folder of its own for all that it writes."""
    assert OPENREFINE is not None
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [OPENREFINE, "-p", str(port), "-d", str(folder), "-m", "512M", "-x", "refine.headless=true"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    process = subprocess.Popen(command, env={**os.environ, "HOME": str(folder)}, **quiet)  # type: ignore[call-overload]
    try:
        yield OpenRefine(f"http://127.0.0.1:{port}")
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)
