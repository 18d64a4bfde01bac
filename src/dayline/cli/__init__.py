"""The command line."""

import os

# Read when numpy is first loaded, so it has to stand before everything else. The work is spread over processes; more
# threads in one would mostly wait for their next piece, at full speed: on a busy machine that costs twenty times the
# work itself.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
