"""Reads a TensorBoard event file with TensorBoard's own reader, and compares it with the run's events.jsonl.

    python check_tensorboard.py RUN [FOLDER WITH THE EVENT FILE]
"""

import json
import sys
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

run = Path(sys.argv[1])
board = EventAccumulator(sys.argv[2] if len(sys.argv) > 2 else str(run / "tensorboard"), size_guidance={"scalars": 0})
board.Reload()
events = [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]
if any(event["kind"] == "resumed" for event in events):
    sys.exit("take a run that was never interrupted: what a resumed one repeats is left out of the file")

wanted = {}
steps = 0
for event in events:
    if event["kind"] == "step":
        values, step = {"loss": event["loss"], "learningRate": event["learningRate"]}, steps
        steps += 1
        groups = [("train", values)]
    elif event["kind"] == "scored":
        step = event["task"] + 1
        groups = [("task", event["metrics"]), ("cost", event["cost"])]
    else:
        continue
    for group, values in groups:
        for name, value in values.items():
            if value is not None:
                wanted.setdefault(f"{group}/{name}", []).append((step, value, event["at"] / 1000))

tags = set(board.Tags()["scalars"])
assert tags == set(wanted), f"tags differ: {tags ^ set(wanted)}"
numbers = 0
for tag, points in wanted.items():
    found = board.Scalars(tag)
    assert len(found) == len(points), f"{tag}: {len(found)} points, wanted {len(points)}"
    for point, (step, value, wall) in zip(found, points):
        assert point.step == step and abs(point.wall_time - wall) < 1e-3, f"{tag}: {point}"
        assert abs(point.value - value) <= 1e-6 * max(1, abs(value)), f"{tag}: {point.value} for {value}"
        numbers += 1
assert "config/text_summary" in board.Tags()["tensors"] or "config" in board.Tags()["tensors"], board.Tags()
print(f"{len(wanted)} curves, {numbers} numbers: as in events.jsonl")
