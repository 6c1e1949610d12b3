/* A stand-in for NVIDIA's driver library: it knows its version, or fails, as the environment says. */
#include <stdlib.h>

static int number(const char *name) {
    const char *value = getenv(name);
    return value ? atoi(value) : 0;
}

int cuDriverGetVersion(int *version) {
    *version = number("FAKE_DRIVER_VERSION");
    return number("FAKE_DRIVER_STATUS");
}
