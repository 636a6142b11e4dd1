"""GDB with pcemu.py: the same machine, and each place shown in its own architecture."""
import gdb


def do(command):
    try:
        return gdb.execute(command, to_string=True)
    except gdb.error as error:
        return "error: %s" % error


def say(name, text):
    gdb.write("== %s: %s\n" % (name, " | ".join(" ".join(l.replace("=>", "").split()) for l in text.splitlines() if l)))


def place(name, where=None):
    if where:
        do("delete")
        do("break " + where)
        do("continue")
    say(name, do("x/2i $pc") + do("show architecture"))


place("reset")
place("start", "*0x7c00")
place("real", "real_call")
say("stack", do("x/2xh $sp"))
place("segment", "*0x9000")
say("offset", do("info registers eip ip_offset cs cs_base"))
do("stepi")
place("stepi")
place("protected", "protected")
place("long", "inner")
say("registers", do("info registers rsp cr3 efer"))
do("kill")
