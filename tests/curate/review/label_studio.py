"""Let Label Studio's own SDK judge an export: run by a Python that has it, with the export's folder."""

import json
import sys
from pathlib import Path

from label_studio_sdk.label_interface import LabelInterface

folder = Path(sys.argv[1])
interface = LabelInterface((folder / "labels.xml").read_text("utf-8"))
interface.validate()
tasks = json.loads((folder / "tasks.json").read_text("utf-8"))
for task in tasks:
    if not interface.validate_task({"data": task["data"]}):
        sys.exit(f"no task of this configuration: {task}")
    for prediction in task["predictions"]:
        if errors := interface.validate_prediction(prediction, return_errors=True):
            sys.exit(f"{errors}: {prediction}")
spoiled = tasks[0]["predictions"][0]
spoiled["result"][0]["value"] = {"choices": ["no value of this configuration"]}
if not interface.validate_prediction(spoiled, return_errors=True):
    sys.exit("the SDK notices nothing: its answers above are worth nothing")
print(f"{len(tasks)} tasks are valid")
