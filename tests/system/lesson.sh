#!/bin/sh
# The lesson of docs/lesson: from the reset vector to 64-bit code. Its output is lesson.txt, to the letter.
. "$(dirname "$0")/library.sh"
lesson=$(cd "$(dirname "$0")/../../docs/lesson" && pwd)

lesson_is_as_written() {
    (cd "$SECTORS" && timeout 60 "$PCEMU" -display none -snapshot -batch -x "$lesson/lesson.dbg" lesson.img 2>/dev/null </dev/null) |
        diff "$lesson/lesson.txt" -
}

check 'the lesson says what it has always said' lesson_is_as_written
finish
