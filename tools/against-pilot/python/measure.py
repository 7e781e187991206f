"""Runs a command and says what it took: measure.py RESULT.json COMMAND ARGUMENT …"""

import json
import os
import sys
import time

result, command = sys.argv[1], sys.argv[2:]
began = time.monotonic()
child = os.posix_spawnp(command[0], command, os.environ)
_, status, usage = os.wait4(child, 0)
with open(result, "w") as file:
    json.dump(
        {
            "wallSeconds": time.monotonic() - began,
            "cpuSeconds": usage.ru_utime + usage.ru_stime,
            # Kilobytes on Linux, bytes on macOS.
            "peakBytes": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        },
        file,
    )
sys.exit(os.waitstatus_to_exitcode(status) & 0xFF)
