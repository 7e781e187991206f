"""Imports runs of pilotjs into Weights & Biases from their events.jsonl.

    pip install wandb
    python wandb_import.py --project PROJECT RUN...        # needs a login; WANDB_MODE=offline writes to ./wandb for `wandb sync`

Each run stands under the id it was begun with, so that importing it again goes into the same one. Curves: train/loss and
train/learningRate by training steps, task/accuracy, task/forgetting, ... by tasks. A run that is still going on is imported as far as it is.
"""

import argparse
import json
from pathlib import Path

import wandb


def events_of(run: Path) -> list[dict]:
    """The events that hold: a last line that is torn is passed over, and so is what a resumed run learned anew."""
    settled: list[dict] = []
    for line in (run / "events.jsonl").read_text(encoding="utf-8").split("\n")[:-1]:
        event = json.loads(line)
        if event["kind"] == "resumed":
            settled = [each for each in settled if each.get("task", -1) < event["task"]]
        else:
            settled.append(event)
    return settled


def import_run(run: Path, project: str) -> None:
    begun, *events = events_of(run)
    with wandb.init(project=project, id=begun["id"], name=begun["name"], config=begun["config"], resume="allow") as board:
        board.define_metric("trainStep")
        board.define_metric("train/*", step_metric="trainStep")
        board.define_metric("tasks")
        board.define_metric("task/*", step_metric="tasks")
        board.define_metric("cost/*", step_metric="tasks")
        steps = 0
        for event in events:
            if event["kind"] == "step":
                board.log({"trainStep": steps, "train/loss": event["loss"], "train/learningRate": event["learningRate"]})
                steps += 1
            elif event["kind"] == "scored":
                named = {f"task/{name}": value for name, value in event["metrics"].items()}
                named |= {f"cost/{name}": value for name, value in event["cost"].items()}
                board.log({"tasks": event["task"] + 1, **named})
            elif event["kind"] == "finished":
                board.summary.update(event["metrics"])
        print(f"{run}: {steps} steps, {sum(event['kind'] == 'scored' for event in events)} tasks")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--project", default="pilotjs")
    arguments = parser.parse_args()
    for run in arguments.runs:
        import_run(run, arguments.project)
