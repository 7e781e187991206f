"""Asks an MLflow server for a run with MLflow's own client, and compares it with the run's events.jsonl.

    python check_mlflow.py RUN http://localhost:5000 [EXPERIMENT]
"""

import json
import sys
from pathlib import Path

from mlflow.tracking import MlflowClient

run = Path(sys.argv[1])
client = MlflowClient(sys.argv[2])
experiment = client.get_experiment_by_name(sys.argv[3] if len(sys.argv) > 3 else "pilotjs")
events = [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]
begun = events[0]
found = client.search_runs([experiment.experiment_id], f"tags.`pilotjs.id` = '{begun['id']}'")
assert len(found) == 1, f"{len(found)} runs with this id: each stands once"
(own,) = found
assert own.info.status == "FINISHED", own.info.status
assert own.data.params["method"] == begun["config"]["method"]
assert own.data.params["seed"] == str(begun["config"]["seed"])

scored = [event for event in events if event["kind"] == "scored"]
for name in scored[-1]["metrics"]:
    history = sorted(client.get_metric_history(own.info.run_id, f"task/{name}"), key=lambda metric: metric.step)
    wanted = [(event["task"] + 1, event["metrics"][name]) for event in scored if event["metrics"].get(name) is not None]
    assert [(metric.step, metric.value) for metric in history] == wanted, name
losses = client.get_metric_history(own.info.run_id, "train/loss")
assert len(losses) == sum(event["kind"] == "step" and event["loss"] is not None for event in events)
print(f"{len(own.data.params)} parameters, {len(scored)} tasks, {len(losses)} losses: as in events.jsonl")
