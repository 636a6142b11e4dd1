#!/usr/bin/env python3
"""nesting.py BUILD [--compile SOURCE COMPILER...]: no handler nests.

A handler passes on to the next one in its last call, which a compiler makes a jump, unless a local's address has got
out or must live on. A call there works as well, and nests with every instruction until a guest's loop has used up the
host's stack. So the machine code is looked at: what passes on, by a jump through a micro-op or to something that does, is
never called but by the run loop. --compile looks at every compiler and optimisation level, not at BUILD's own."""
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

LOOPS = {'cpu_run', 'run_probed'}
# A micro-op's handler is its first member; the next micro-op is 32 bytes on.
THROUGH_UOP = re.compile(r'\*(0x20)?\(%r\w+\)$')
THROUGH_REGISTER = re.compile(r'\*%(r\w+)$')
LOADED = re.compile(r'\smov\s+((?:0x20)?\(%r\w+\)),%(r\w+)$')
NEAR = 8  # instructions between the load of the handler's address and the jump
HANDLER = re.compile(r'^(x|r|f|op)_')
ASKS_THE_BOARD = {'x_hlt', 'x_pause', 'x_mov_from_cr', 'x_mov_to_cr'}  # by the callbacks of struct cpu
ASKS_A_PROBE = {'tell_insn'}  # whose callback stands where a micro-op's next handler would
FUNCTION = re.compile(r'^[0-9a-f]+ <(\S+)>:$')
TRANSFER = re.compile(r'^\s+[0-9a-f]+:\s+(call|jmp)q?\s+(.*?)\s*$')
RELOCATION = re.compile(r'R_X86_64_(?:PLT32|PC32)\s+(\w[\w.]*)')
TARGET = re.compile(r'<([^+>]+)>')


def transfers(objects):
    """(file, function) -> [(call or jmp, operand, target's name)]"""
    found = defaultdict(list)
    for path in objects:
        text = subprocess.run(['objdump', '-dr', '--no-show-raw-insn', path], capture_output=True, text=True, check=True)
        name, number, loaded = None, 0, {}
        for line in text.stdout.splitlines():
            number += 1
            if match := FUNCTION.match(line):
                name, loaded = match[1].split('.')[0], {}
                found[path, name]
            elif match := LOADED.search(line):
                loaded[match[2]] = number, match[1]
            elif match := TRANSFER.match(line):
                operand, target = match[2], TARGET.search(match[2])
                register = THROUGH_REGISTER.match(operand)
                if register and number - loaded.get(register[1], (-NEAR - 1,))[0] <= NEAR:
                    operand = '*' + loaded[register[1]][1]
                found[path, name].append([match[1], operand, target and target[1].split('.')[0]])
            elif (match := RELOCATION.search(line)) and name and found[path, name]:
                found[path, name][-1][2] = match[1].split('.')[0]
    return found


def passing(found):
    """The functions that pass on to another instruction, and those that end in one of them."""
    on = {key for key, list_ in found.items() if key[1] not in LOOPS and any(
        kind == 'jmp' and THROUGH_UOP.match(operand) for kind, operand, _ in list_)}
    while True:
        more = {key for key, list_ in found.items() if key not in on and key[1] not in LOOPS and any(
            kind == 'jmp' and (key[0], target) in on and target != key[1] for kind, _, target in list_)}
        if not more:
            return on
        on |= more


def nesting(objects):
    found = transfers(objects)
    on = passing(found)
    bad = set()
    for (path, name), list_ in found.items():
        for kind, operand, target in list_:
            if kind != 'call' or name in LOOPS:
                continue
            if (THROUGH_UOP.match(operand) and name not in ASKS_A_PROBE) or (path, target) in on:
                bad.add(f'{Path(path).name}: {name}: call {operand}')
            elif THROUGH_REGISTER.match(operand) and HANDLER.match(name) and name not in ASKS_THE_BOARD:
                bad.add(f'{Path(path).name}: {name}: call {operand}')
    return len(on), bad


def look(title, objects):
    count, bad = nesting(objects)
    if count < 100:
        bad.add(f'{count} functions pass on: too few to be true')
    for line in sorted(bad):
        print(line)
    print(f'{title}: {count} functions pass on, {len(bad)} nest', flush=True)
    return not bad


def compile_and_look(source, compilers):
    good = True
    for compiler in compilers:
        for level in '1', '2', '3', 's':
            with tempfile.TemporaryDirectory() as build:
                subprocess.run(['meson', 'setup', f'-Doptimization={level}', build, source], check=True,
                               env={**os.environ, 'CC': compiler}, stdout=subprocess.DEVNULL)
                subprocess.run(['ninja', '-C', build, 'cpu/libcpu.a'], check=True, stdout=subprocess.DEVNULL)
                good &= look(f'{compiler} -O{level}', sorted(map(str, Path(build, 'cpu/libcpu.a.p').glob('*.o'))))
    return good


def main():
    build = Path(sys.argv[1])
    if len(sys.argv) > 3 and sys.argv[2] == '--compile':
        return 0 if compile_and_look(sys.argv[3], sys.argv[4:] or ['gcc', 'clang']) else 1
    objects = sorted(map(str, (build / 'cpu/libcpu.a.p').glob('*.o')))
    if not objects:
        print(f'{build} has no objects of cpu/')
        return 1
    if not passing(transfers(objects[:1] + [o for o in objects if 'ops_move' in o])):
        print('handlers return to the run loop in this build')
        return 77
    return 0 if look(build.name, objects) else 1


if __name__ == '__main__':
    sys.exit(main())
