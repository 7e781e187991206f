"""Records a case of every method that no golden record has: unseen_cases.py CHECKOUT DIR [CASE …]"""

import json
import os
import subprocess
import sys

TASKS = dict(init_cls=4, increment=3, batch_size=8)
TWO = dict(TASKS, epochs=2)
STAGED = dict(TWO, init_epoch=2, memory_size=21)
TUNED = dict(TASKS, tuned_epoch=2)

# Case, seed, PILOT's config, what is changed of it: tasks of 4, 3 and 3 classes, batches that do not divide them, higher rates.
CASES = [
    ("simplecil", 31, "simplecil", TASKS),
    ("finetune", 32, "finetune", dict(TWO, init_epoch=2, init_lr=0.01, lrate=0.005)),
    ("aper_adapter", 33, "aper_aperpter", dict(TUNED, ffn_num=6, init_lr=0.05)),
    ("aper_ssf", 34, "aper_ssf", dict(TUNED, init_lr=0.05)),
    ("aper_vpt", 35, "aper_vpt_deep", dict(TUNED, prompt_token_num=3, init_lr=0.05)),
    ("aper_finetune", 36, "aper_finetune", dict(TUNED, init_lr=0.01)),
    ("l2p", 37, "l2p", dict(TUNED, init_lr=0.01)),
    ("dualprompt", 38, "dualprompt", dict(TUNED, init_lr=0.01)),
    ("coda", 39, "coda_prompt", dict(TUNED, init_lr=0.01, prompt_param=[12, 4, 0.5])),
    # Without Adam, which makes steps of rounding noise where a gradient is none.
    ("coda_sgd", 39, "coda_prompt", dict(TUNED, optimizer="sgd", init_lr=0.05, prompt_param=[12, 4, 0.5])),
    ("ranpac", 40, "ranpac", dict(TUNED, ffn_num=6, M=48, init_lr=0.05)),
    ("fecam", 41, "fecam", dict(TUNED, ffn_num=6, init_lr=0.05)),
    ("ease", 42, "ease", dict(TASKS, init_epochs=2, later_epochs=2, ffn_num=6, init_lr=0.1, later_lr=0.2)),
    ("lae", 43, "lae", dict(TUNED, num_freeze_epochs=1, ema_decay=0.8, pet_length=4, init_lr=0.01)),
    ("slca", 44, "slca", dict(TWO, ca_epochs=2, milestones=[1], bcb_lrscale=0.1)),
    ("slca_other", 144, "slca", dict(TWO, ca_epochs=2, milestones=[1], bcb_lrscale=0.1)),
    ("cofima", 45, "cofima", dict(TWO, ca_epochs=2, milestones=[1], bcb_lrscale=0.1, wt_lambda=0.7)),
    ("mos", 46, "mos", dict(TUNED, crct_epochs=2, ffn_num=6, init_lr=0.1, ca_lr=0.02, adapter_momentum=0.3)),
    ("duct", 47, "duct", dict(TWO)),
    ("icarl", 48, "icarl", dict(STAGED, init_lr=0.02, lrate=0.01)),
    ("der", 49, "der", dict(STAGED, init_lr=0.02, lrate=0.01)),
    ("foster", 50, "foster", dict(TASKS, init_epochs=2, boosting_epochs=2, compression_epochs=2, memory_per_class=3, lr=0.003)),
    ("memo", 51, "memo", dict(STAGED, init_lr=0.02, lrate=0.01, train_base=True)),
    ("coil", 52, "coil", dict(TWO, memory_size=21, lrate=0.01, sinkhorn=0.7)),
    ("dgr", 53, "dgr", dict(STAGED, init_lr=0.01, lrate=0.005)),
]

here = os.path.dirname(os.path.abspath(__file__))
checkout, out, wanted = sys.argv[1], sys.argv[2], sys.argv[3:]
failed = []
for case, seed, config, changes in CASES:
    if wanted and case not in wanted:
        continue
    file = os.path.join(checkout, "exps", f"{config}.json")
    command = [sys.executable, os.path.join(here, "record.py"), checkout, out, case, str(seed), file, json.dumps(changes)]
    if subprocess.run(command, env={**os.environ, "TQDM_DISABLE": "1"}).returncode != 0:
        failed.append(case)
sys.exit(f"not recorded: {', '.join(failed)}" if failed else 0)
