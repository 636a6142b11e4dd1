#!/usr/bin/env python3
"""font.py DRAWINGS OUT.c: the fonts of the VGA BIOS, 256 characters of 8 by 16, 14 and 8 dots, out of font.txt.

The font of 14 lines is that of 16 without its first and last. That of 8 lines keeps of each part of a character (what is
over small letters, their height, below the line) those rows by which the rest is represented best. Frames and blocks are
drawn anew for each height."""
import itertools
import sys

WIDTH = 8
SOURCE = 16
CAPITALS = range(2, 12)
SMALL = range(5, 12)
ACCENTED_CAPITAL = 8  # rows that a capital has left under an accent

ACCENTS = {
    "acute": "....#. ...#..", "grave": "..#... ...#..", "circumflex": "..##.. .#..#.", "tilde": ".##..# #..##.",
    "diaeresis": ".#..#. .#..#.", "ring": "..##.. .#..#. ..##..", "cedilla": "...#.. ....#. ..##..",
}


def dots(row):
    """A row of a drawing as a byte, the leftmost dot highest."""
    assert len(row) in (6, WIDTH) and not set(row) - set(".#o"), row
    stroke = 0xC0 if len(row) == 6 else 0x80
    byte = 0
    for x, c in enumerate(row):
        byte |= stroke >> x if c == "#" else 0x80 >> x if c == "o" else 0
    return byte


def rows_of(text):
    rows = []
    for token in text:
        row, _, n = token.partition("*")
        rows += [dots(row)] * int(n or 1)
    return rows


# ---- fewer rows ----

def distance(a, b):
    return bin(a ^ b).count("1")


def loss(rows, kept):
    """How badly the rows that are left out are represented by their nearest neighbours that are kept."""
    total = 0
    for i, row in enumerate(rows):
        if i not in kept:
            near = [max((k for k in kept if k < i), default=None), min((k for k in kept if k > i), default=None)]
            total += 4 * min(distance(row, rows[k]) for k in near if k is not None)
            total += 1 if i in (0, len(rows) - 1) and row else 0
    return total


def reduce(rows, n):
    """Those n rows that say most; of equals, the ones most evenly spread."""
    def uneven(kept):
        return sum((k - (j + 0.5) * len(rows) / n + 0.5) ** 2 for j, k in enumerate(kept))
    best = min(itertools.combinations(range(len(rows)), n), key=lambda kept: (loss(rows, kept), uneven(kept)))
    return [rows[k] for k in best]


def to_8(code, glyph, capital):
    """Rows 0 and 1 over small letters, 2 to 6 their height, 7 below the line."""
    below = next((row for row in reversed(glyph[12:15]) if row), 0)
    if capital:
        return reduce([glyph[y] for y in CAPITALS], 7) + [below]
    if code in COMPOSED and code not in ACCENTED and any(glyph[1:4]):  # an accent of one row, and air
        return reduce([row for row in glyph[1:4] if row], 1) + [0] + reduce(glyph[5:12], 5) + [below]
    accent = glyph[0:4] if code in ACCENTED else glyph[1:5]
    height = glyph[4:12] if code in ACCENTED else [glyph[y] for y in SMALL]
    return reduce(accent, 2) + reduce(height, 5) + [below]


ACCENTED = set()  # capitals with something on top


def accented(code, glyphs, base, accent):
    letter, mark = list(glyphs[base]), rows_of(ACCENTS[accent].split())
    if accent == "cedilla":
        letter[12:15] = mark
    elif not any(letter[y] for y in range(2, 5)) or base == 0x69:  # a small letter; the dot of an i goes
        letter[0:5] = [0] * 5
        letter[4 - len(mark):4] = mark
    else:
        ACCENTED.add(code)
        letter = [0] * 4 + reduce([letter[y] for y in CAPITALS], ACCENTED_CAPITAL) + letter[12:]
        letter[3 - len(mark):3] = mark
    return letter


def read(path):
    glyphs, inverted = {0x00: [0] * SOURCE, 0x20: [0] * SOURCE, 0xFF: [0] * SOURCE}, {}
    for line in open(path, encoding="ascii"):
        words = line.split()
        if not words or words[0] == "#":
            continue
        code = int(words[0], 16)
        assert code not in glyphs, line
        if words[1] == "=":
            glyphs[code] = accented(code, glyphs, int(words[2], 16), words[4])
        elif words[1] == "~":
            inverted[code] = int(words[2], 16)
        else:
            first, rows = int(words[1]), rows_of(words[2:])
            assert first + len(rows) <= SOURCE, line
            glyphs[code] = [0] * first + rows + [0] * (SOURCE - first - len(rows))
    return glyphs, inverted


# ---- frames: arms up, right, down, left; 1 a single line, 2 a double one ----

FRAMES = """1010 1011 1012 2021 0021 0012 2022 2020 0022 2002 2001 1002 0011 1100 1101 0111 1110 0101 1111 1210 2120 2200
            0220 2202 0222 2220 0202 2222 1202 2101 0212 0121 2100 1200 0210 0120 2121 1212 1001 0110""".split()
FRAMES_AT = 0xB3


def arm(own, left, right, opposite, single, near, far):
    """How far the two lines of an arm reach, seen from its edge with the sides `left` and `right` of it. `near` and `far`
    are the places of a double line across, `single` that of a single one."""
    def reach(side, other):
        if side == 2:
            return near
        if side == 1 or other == 1:
            return single
        return far if other == 2 else single
    if own == 2:
        return reach(left, right), reach(right, left)
    if opposite:
        return single, single
    both = near if left == 2 and right == 2 else far if 2 in (left, right) else single
    return both, both


def frame(arms, height):
    up, right, down, left = (int(a) for a in arms)
    middle = (height - 1) // 2
    rows, columns = {1: (middle, middle), 2: (middle - 1, middle + 1)}, {1: ((3, 4),) * 2, 2: ((1, 2), (5, 6))}
    dot = [[False] * WIDTH for _ in range(height)]

    def vertical(style, side, edge, reach):
        for y in range(min(edge, reach), max(edge, reach) + 1):
            for x in columns[style][side]:
                dot[y][x] = True

    def horizontal(style, side, edge, reach):
        for x in range(min(edge, reach), max(edge, reach) + 1):
            dot[rows[style][side]][x] = True

    for own, opposite, edge, near, far in ((up, down, 0, *rows[2]), (down, up, height - 1, *rows[2][::-1])):
        for side, reach in enumerate(arm(own, left, right, opposite, middle, near, far)):
            if own:
                vertical(own, side, edge, reach)
    for own, opposite, edge, single, near, far in ((left, right, 0, 4, 2, 6), (right, left, 7, 3, 5, 1)):
        for side, reach in enumerate(arm(own, up, down, opposite, single, near, far)):
            if own:
                horizontal(own, side, edge, reach)
    return [sum(0x80 >> x for x in range(WIDTH) if line[x]) for line in dot]


def block(code, height):
    half = height // 2
    patterns = {
        0xB0: [0x22, 0x88] * half, 0xB1: [0x55, 0xAA] * half, 0xB2: [0xDD, 0x77] * half,
        0xDB: [0xFF] * height, 0xDC: [0] * half + [0xFF] * half, 0xDD: [0xF0] * height, 0xDE: [0x0F] * height,
        0xDF: [0xFF] * half + [0] * half,
    }
    return patterns.get(code)


def is_capital(code, glyph):
    """What is as high as a capital and no small letter: it may be squeezed as one."""
    return bool(glyph[2] or glyph[3]) and not 0x61 <= code <= 0x7A and code not in COMPOSED


COMPOSED = {*range(0x81, 0x80 + 16), 0x90, *range(0x93, 0x9B), *range(0xA0, 0xA6)}


def at_height(code, glyphs, inverted, height):
    if code in inverted:
        return [row ^ 0xFF for row in at_height(inverted[code], glyphs, inverted, height)]
    if FRAMES_AT <= code < FRAMES_AT + len(FRAMES):
        return frame(FRAMES[code - FRAMES_AT], height)
    made = block(code, height)
    if made:
        return made
    glyph = glyphs[code]
    return glyph if height == 16 else glyph[1:15] if height == 14 else to_8(code, glyph, is_capital(code, glyph))


def main():
    drawings, out = sys.argv[1:]
    glyphs, inverted = read(drawings)
    with open(out, "w", encoding="ascii") as c:
        c.write('#include "vgabios.h"\n')
        for height in (16, 14, 8):
            c.write(f"\nROM_DATA ROM u8 font_8x{height}[256 * {height}] = {{\n")
            for code in range(256):
                c.write("    " + " ".join(f"0x{row:02x}," for row in at_height(code, glyphs, inverted, height)) + "\n")
            c.write("};\n")
        c.write("\n/* No character is wider than eight dots: there are none for cells of nine. */\n"
                "ROM_DATA ROM u8 font_no_alternates[1] = { 0 };\n")


if __name__ == "__main__":
    main()
