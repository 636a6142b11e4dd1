"""Backwards: a counter is followed back through all modes to where it was 0, and changed on the way forwards."""
import gdb

COUNTER = "*(int*)&counter"


def do(command):
    try:
        return gdb.execute(command, to_string=True)
    except gdb.error as error:
        return "error: %s" % error


def say(name, text):
    gdb.write("== %s: %s\n" % (name, text))


def place(name, command):
    text = do(command)
    where = do("info symbol $pc").split(" in section")[0].strip()
    say(name, "%s pc=%x counter=%s" % (where, int(gdb.parse_and_eval("$pc")), gdb.parse_and_eval(COUNTER)))


do("set confirm off")
do("break long_mode")
do("continue")
do("delete")
do("watch " + COUNTER)
do("continue")
place("watch", "continue")
do("stepi")
place("forwards", "stepi")
place("reverse-stepi", "reverse-stepi")
for _ in range(4):
    place("reverse-continue", "reverse-continue")
do("delete")
do("break *0x7c00")
place("to a breakpoint", "reverse-continue")
do("delete")
place("beginning", "reverse-continue")
do("break inner")
place("and on", "continue")
say("registers", "rdi=%s" % gdb.parse_and_eval("$rdi"))
do("set var %s = 50" % COUNTER)
say("changed", "counter=%s" % gdb.parse_and_eval(COUNTER))
do("delete")
do("watch " + COUNTER)
place("from there on", "continue")
do("kill")
