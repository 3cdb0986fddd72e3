"""A job whose driver's clock jumps when a file appears, or is wrong from the start.

    python -m tests.chaos.shifted_clock DAYS PATTERN MODULE [ARGUMENT …]

PATTERN: of the file that the clock waits for; empty: from the start.
"""

import glob
import runpy
import sys
import threading
import time

import time_machine

DAY_S = 24 * 3600


def jump(days: float, pattern: str) -> None:
    while pattern and not glob.glob(pattern):
        time.sleep(0.01)
    time_machine.travel(time.time() + days * DAY_S, tick=True).start()


if __name__ == "__main__":
    days, pattern, module, *rest = sys.argv[1:]
    if pattern:
        threading.Thread(target=jump, args=(float(days), pattern), daemon=True).start()
    else:
        jump(float(days), pattern)
    sys.argv = [module, *rest]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
