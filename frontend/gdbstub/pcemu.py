"""GDB follows the processor's mode: source this in GDB, best after `target remote`.

GDB takes one description of the target when it connects, and a machine that boots goes from 16-bit through 32-bit to
64-bit code. With this script GDB asks for the description again wherever the machine stops in another kind of code, so
that disassembly, registers and stacks are right in each. In 16-bit code $pc and $sp are linear addresses, as GDB knows no
segments; $ip_offset and $sp_offset are what the registers hold.
"""
import gdb


class Follower:
    def __init__(self):
        self.mode = None
        self.connected = False

    def ask(self, packet):
        """What the stub answers, without GDB's words around it."""
        text = gdb.execute("maintenance packet " + packet, to_string=True)
        for line in text.splitlines():
            if line.startswith("received: "):
                return line.split(":", 1)[1].strip().strip('"')
        return ""

    def follow(self):
        """Takes the description of the present mode, if it is another one."""
        try:
            mode = self.ask("qpcemu.mode")
        except gdb.error:
            self.mode = None
            return
        if not mode or mode == self.mode:
            return
        if self.mode is None and self.ask("Qpcemu.follow:1") != "OK":
            return
        self.mode = mode
        # The first command reads the description, the second makes it count against the program's own. In between GDB
        # may look at registers that it doesn't expect, and complain.
        for command in "unset tdesc filename", "set architecture " + mode:
            try:
                gdb.execute(command, to_string=True)
            except gdb.error:
                pass

    def stopped(self, _event):
        self.follow()

    def gone(self, _event):
        self.mode = None


follower = Follower()
gdb.events.stop.connect(follower.stopped)
gdb.events.exited.connect(follower.gone)
gdb.events.before_prompt.connect(follower.follow)
follower.follow()
