#!/usr/bin/env python3
"""one_processor.py COMMAND ...: the command, on one of the processors that are free to it.

For simulations under the sanitizers: actors are threads there, of which one runs at a time, and on one
processor they take turns in a third of the time. (PROCESSOR_AFFINITY of ctest does nothing where ctest
is linked with the system's libuv, as Debian's is.)"""
import os
import sys

free = sorted(os.sched_getaffinity(0))
os.sched_setaffinity(0, {free[os.getpid() % len(free)]})
os.execvp(sys.argv[1], sys.argv[1:])
