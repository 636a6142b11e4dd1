/* forms.h: fills the tables of an exec_group from handlers named name_<width> and name_<kind>_<width>. */
#define FORM_WIDTHS(name)                                                                                              \
    {                                                                                                                  \
        name##_8, name##_16, name##_32, name##_64                                                                      \
    }
#define FORM_WIDTHS_V(name)                                                                                            \
    {                                                                                                                  \
        NULL, name##_16, name##_32, name##_64                                                                          \
    }
/* Widths that instructions outside 64-bit mode have. */
#define FORM_WIDTHS_LEGACY(name)                                                                                       \
    {                                                                                                                  \
        name##_8, name##_16, name##_32, NULL                                                                           \
    }
#define FORM_KINDS(name)                                                                                               \
    {                                                                                                                  \
        FORM_WIDTHS(name##_bd64), FORM_WIDTHS(name##_bis64), FORM_WIDTHS(name##_bd32), FORM_WIDTHS(name##_bis32),      \
            FORM_WIDTHS_LEGACY(name##_seg16), FORM_WIDTHS_LEGACY(name##_seg32), FORM_WIDTHS(name##_seg64),             \
            FORM_WIDTHS(name##_gen)                                                                                    \
    }
#define FORM_KINDS_V(name)                                                                                             \
    {                                                                                                                  \
        FORM_WIDTHS_V(name##_bd64), FORM_WIDTHS_V(name##_bis64), FORM_WIDTHS_V(name##_bd32),                           \
            FORM_WIDTHS_V(name##_bis32), FORM_WIDTHS_V(name##_gen)                                                     \
    }
