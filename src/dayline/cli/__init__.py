"""The command line."""

import os

# Read when numpy is first loaded, so it must come before everything else. The work is distributed over processes; more
# threads in one would mostly busy-wait, which on a loaded machine costs twenty times the work itself.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
