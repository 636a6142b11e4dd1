#!/usr/bin/env python3
"""ci.py: the example of docs/ci as its users run it: the steps of github-actions.yml, but for those that need a network,
with the kernel as it is, and with a mistake in it. PCEMU is the emulator; the first argument is docs/ci."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

sys.dont_write_bytecode = True
from monitor_client import Checks

NETWORK = "Install pcemu"  # the step that is left out


def steps(path):
    """Name, condition and shell lines of each step: the part of YAML that the file uses."""
    found, block = [], None
    with open(path, encoding="utf-8") as f:
        for line in f.read().splitlines():
            start = re.match(r"      - (\w+): (.*)", line)
            word = re.match(r"        (\w+): (.*)", line)
            if start:
                found.append({start[1]: start[2]})
                block = None
            elif word and found:
                block = found[-1].setdefault(word[1], []) if word[2] == "|" else None
                if block is None:
                    found[-1][word[1]] = [word[2]]
            elif block is not None and line.startswith("          "):
                block.append(line.strip())
    return [(s["name"], s.get("if", [""])[0], "\n".join(s["run"])) for s in found if "run" in s]


def workflow(directory, environment):
    """Runs the steps as a runner does; which failed, and all that was printed."""
    failed, printed = [], ""
    for name, condition, script in steps(os.path.join(directory, "github-actions.yml")):
        if name == NETWORK or (condition == "failure()") != bool(failed):
            continue
        done = subprocess.run(["bash", "-e", "-c", script], cwd=directory, env=environment, timeout=300,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        printed += f"--- {name}\n{done.stdout}"
        if done.returncode:
            failed.append(name)
    return failed, printed


def report(directory):
    """Tests and failures of the report, by their names."""
    root = xml.etree.ElementTree.parse(os.path.join(directory, "report.xml")).getroot()
    return {case.get("name"): case.find("failure") is not None for case in root.iter("testcase")}


def main():
    check = Checks()
    with tempfile.TemporaryDirectory() as temporary:
        directory, programs = os.path.join(temporary, "project"), os.path.join(temporary, "bin")
        shutil.copytree(sys.argv[1], directory)
        os.mkdir(programs)
        os.symlink(os.environ["PCEMU"], os.path.join(programs, "pcemu"))
        environment = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MAKELEVEL")}
        environment["PATH"] = programs + ":" + environment["PATH"]
        check("the workflow has its steps", [s[0] for s in steps(os.path.join(directory, "github-actions.yml"))] ==
              [NETWORK, "Build", "Test", "Trace"])
        failed, printed = workflow(directory, environment)
        check("all steps succeed", failed == [], printed)
        check("each test is reported", "# 5 passed, 0 failed" in printed and list(report(directory).values()) == [False] * 5,
              printed)
        kernel = os.path.join(directory, "kernel.S")
        with open(kernel, encoding="utf-8") as f:
            source = f.read()
        with open(kernel, "w", encoding="utf-8") as f:
            f.write(source.replace("mull    %ecx", "addl    %ecx, %eax"))
        failed, printed = workflow(directory, environment)
        check("a mistake is found", failed == ["Test"], printed)
        check("... by its test", report(directory) == {"boots": False, "screen": False, "quits": False, "self-test": True,
                                                        "small": False}, printed)
        check("... which shows what was sent", "test: 6 times 7: FAILED" in printed, printed)
        check("... and a trace is kept", "exec" in printed.split("--- Trace")[-1], printed)
    return check.failed != 0


sys.exit(main())
