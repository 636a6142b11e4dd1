/* slirp.S: the user network, see library.h. */
#include "functions.S.h"

    LIBRARY slirp, LIBRARY_FILE
    FUNCTION slirp_add_hostfwd
    FUNCTION slirp_cleanup
    FUNCTION slirp_input
    FUNCTION slirp_new
    FUNCTION slirp_pollfds_fill
    FUNCTION slirp_pollfds_poll
    END
