"""Arithmetic keeps to one thread per process, in the processes that the command starts as well."""

from __future__ import annotations

import subprocess
import sys

STARTED_AS_THE_COMMAND_IS = """
from dayline.cli.main import run
from dayline.processes.compute_pool import ComputePool
from numpy.linalg import eigh

if __name__ == "__main__":
    import numpy as np
    pool = ComputePool(1)
    pool.run(eigh, np.eye(300))
    import psutil
    children = [c for c in psutil.Process().children() if "compute_main" in " ".join(c.cmdline())]
    print([c.environ().get("OPENBLAS_NUM_THREADS") for c in children])
    pool.close()
"""


def test_a_computing_process_of_the_command_does_not_share_its_sums_out(tmp_path):
    script = tmp_path / "command.py"
    script.write_text(STARTED_AS_THE_COMMAND_IS)
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "['1']"


def test_the_setting_stands_before_numpy_is_loaded():
    asked = "import dayline.cli, os, sys; print(os.environ['OPENBLAS_NUM_THREADS'], 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split()[1] == "False"
