# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab's own C programs, built when first needed."""

import os
import pathlib
import shutil
import subprocess
import tempfile

from . import guard

SOURCE_DIR = pathlib.Path(__file__).resolve().parent.parent
# uml-init runs before any library is in reach.
STATIC = {"uml-init"}
_built_dir = None


def _build_dir():
    global _built_dir
    if _built_dir is None:
        _built_dir = os.environ.get("TANDEM_LAB_BIN")
    if _built_dir is None:
        _built_dir = tempfile.mkdtemp(prefix="tandemlab-bin-")
        guard.watch_dir(_built_dir)
    return pathlib.Path(_built_dir)


def tool(name):
    """The path of tests/lab/NAME.c as a program."""
    program = _build_dir() / name
    if not program.exists():
        compiler = shutil.which("gcc") or shutil.which("cc") or "cc"
        command = [compiler, "-std=gnu11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra",
                   "-o", f"{program}.{os.getpid()}", str(SOURCE_DIR / f"{name}.c")]
        if name in STATIC:
            command.insert(1, "-static")
        subprocess.run(command, check=True)
        os.rename(f"{program}.{os.getpid()}", program)
    return str(program)
