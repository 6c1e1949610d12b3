"""What Python finds in place of the package when it is started in the package's own folder, as by a script in it.

There inspect.py hides the standard library's module of that name too, without which hardly anything can be imported;
it comes here for its one line.
"""

import os
import sys

name, suffix = os.path.splitext(os.path.basename(sys.argv[0]))
advice = f"run: python -m mrnn_np.{name}" if suffix == ".py" else "start it in another folder"
print(f"error: in its own folder the package hides modules that Python needs; {advice}", file=sys.stderr)
raise SystemExit(2)
