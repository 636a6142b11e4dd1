/* ncurses.S: the debugger's full screen, see library.h. */
#include "functions.S.h"

    LIBRARY ncurses, LIBRARY_FILE
    FUNCTION cbreak
    FUNCTION delscreen
    FUNCTION delwin
    FUNCTION endwin
    FUNCTION has_colors
    FUNCTION init_pair
    FUNCTION newterm
    FUNCTION newwin
    FUNCTION noecho
    FUNCTION nonl
    FUNCTION start_color
    FUNCTION use_default_colors
    FUNCTION waddnstr
    FUNCTION wattrset
    FUNCTION werase
    FUNCTION wmove
    FUNCTION wrefresh
    END
