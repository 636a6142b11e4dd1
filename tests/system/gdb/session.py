"""What GDB does in one session: sourced by the real GDB, at pcemu's stub or at QEMU's. Prints one line a step."""
import re

import gdb


def do(command):
    try:
        return gdb.execute(command, to_string=True)
    except gdb.error as error:
        return "error: %s" % error


def say(name, text):
    gdb.write("== %s: %s\n" % (name, " | ".join(line.strip() for line in str(text).splitlines() if line.strip())))


def value(expression):
    try:
        return int(gdb.parse_and_eval(expression)) & 0xffffffffffffffff
    except gdb.error as error:
        return "error: %s" % error


def registers(*names):
    return " ".join("%s=%s" % (n, value("$" + n) if isinstance(value("$" + n), str) else "%x" % value("$" + n))
                    for n in names)


def go(command="continue"):
    """Where the machine stands then."""
    text = do(command)
    if text.startswith("error"):
        return text
    return "%s pc=%x" % (do("info symbol $pc").split(" in section")[0].strip(), value("$pc"))


def code(where, count=2):
    return " ; ".join(" ".join(l.replace("=>", "").split(":", 1)[-1].split()) for l in do("x/%di %s" % (count, where)).splitlines())


COUNTER = "*(int*)&counter"

do("set pagination off")
do("set confirm off")
say("reset", registers("cs", "pc"))
do("break *0x7c00")
say("first", go())
say("where", registers("cs", "pc", "cr0"))
do("break real_call")
say("real", go())
say("bytes", do("x/4xb $pc"))
say("registers", registers("rbx"))
do("delete")
do("break *0x9000")
say("segment", go())
say("linear", registers("cs", "cs_base"))
do("delete")
do("break protected")
say("protected", go())
say("control", registers("cr0", "cs", "ss"))
do("delete")
do("break protected_call")
say("call32", go())
do("delete")
do("break long_mode")
say("long", go())
say("control64", registers("cr0", "cr4", "efer", "cs"))
say("code64", code("$pc", 3))
do("delete")
do("watch " + COUNTER)
say("watch", go())
say("counter", value(COUNTER))
say("backtrace", "; ".join(re.sub(r"^#(\d+)\s+(0x[0-9a-f]+ in )?", r"\1 ", l)
                           for l in do("backtrace 4").splitlines() if l.startswith("#")))
say("again", go())
say("counter", value(COUNTER))
do("delete")
do("rwatch " + COUNTER)
do("delete")
say("stepi", go("stepi"))
say("finish", go("finish"))
do("set var $rax = 0x1122334455667788")
say("rax", registers("rax"))
do("set var %s = 77" % COUNTER)
say("counter", value(COUNTER))
say("until", go("until *finished"))
say("flags", do("print $eflags"))
say("st0", do("print $st0"))
say("threads", re.sub(r"\s+", " ", do("info threads")))
say("monitor", do("monitor info status"))
say("physical", do("maintenance packet Qqemu.PhyMemMode:1"))
say("ended", do("kill"))
