#include "common.h"
BEGIN
        cli
        hlt
END
