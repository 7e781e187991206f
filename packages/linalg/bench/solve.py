"""What numpy and scipy (LAPACK) take for the rows of solve.mjs, in float32: python solve.py SIZES EIGEN_SIZES"""
import json
import sys
import time

import numpy as np

try:
    from scipy.linalg import cho_factor, cho_solve
except ImportError:
    cho_factor = None


def timed(n, what, run):
    clock, cpu = [], []
    for _ in range(4):
        start, before = time.perf_counter(), time.process_time()
        run()
        clock.append(round((time.perf_counter() - start) * 1000))
        cpu.append(round((time.process_time() - before) * 1000))
    print(json.dumps({'n': n, 'what': what, 'first': clock[0], 'ms': min(clock[1:]), 'cpuMs': min(cpu[1:])}))


def spd(n):
    r = np.random.default_rng(7).standard_normal((n, n), dtype=np.float32)
    return r @ r.T / n + np.eye(n, dtype=np.float32)


for n in [int(size) for size in sys.argv[1].split(',') if size]:
    a = spd(n)
    b = np.random.default_rng(8).standard_normal((n, 100), dtype=np.float32)
    timed(n, 'numpy: matrix product', lambda: a @ a)
    timed(n, 'numpy: solve (LU), 100 columns', lambda: np.linalg.solve(a, b))
    timed(n, 'numpy: cholesky', lambda: np.linalg.cholesky(a))
    if cho_factor:
        timed(n, 'scipy: SPD solve, 100 columns', lambda: cho_solve(cho_factor(a), b))
for n in [int(size) for size in sys.argv[2].split(',') if size]:
    a = spd(n)
    timed(n, 'numpy: eigh', lambda: np.linalg.eigh(a))
