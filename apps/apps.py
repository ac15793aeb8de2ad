"""Stands in for the package `apps` where a tab is run as a file: `gradio apps/rnn.py`.

Python then looks for modules beside that file, in here, and finds this one under the name `apps`.
It puts the folder above in place of this one, and the package in its own place.
"""

import sys
from importlib import import_module
from pathlib import Path

here = Path(__file__).resolve().parent
sys.path[:] = [str(here.parent), *(path for path in sys.path if Path(path).resolve() != here)]
del sys.modules[__name__]
import_module(__name__)
