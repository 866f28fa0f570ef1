/* A stand-in for the driver's library: two devices, the second of which tells little. */
#include <string.h>

typedef struct { unsigned long long total, free, used; } memory_t;
typedef struct { unsigned int gpu, memory; } rates_t;

static int open_count;
static long devices[2] = {0, 1};

#define NOT_SUPPORTED 3
#define UNINITIALIZED 1

int nvmlInit_v2(void) { open_count++; return 0; }
int nvmlInitWithFlags(unsigned int flags) { (void)flags; open_count++; return 0; }
int nvmlShutdown(void) { if (!open_count) return UNINITIALIZED; open_count--; return 0; }
int nvmlDeviceGetCount_v2(unsigned int *n) { if (!open_count) return UNINITIALIZED; *n = 3; return 0; }

int nvmlSystemGetDriverVersion(char *text, unsigned int n) { strncpy(text, "550.54.15", n); return 0; }

int nvmlDeviceGetHandleByIndex_v2(unsigned int i, void **handle) {
    if (i > 1) return 15; /* GPU is lost */
    *handle = &devices[i];
    return 0;
}

int nvmlDeviceGetName(void *handle, char *text, unsigned int n) {
    strncpy(text, *(long *)handle ? "Tesla Old" : "NVIDIA H100 80GB HBM3", n);
    return 0;
}

int nvmlDeviceGetMemoryInfo(void *handle, memory_t *memory) {
    if (*(long *)handle) return NOT_SUPPORTED;
    memory->total = 85899345920ULL;
    memory->used = 5000000000ULL; /* more than 32 bits */
    memory->free = memory->total - memory->used;
    return 0;
}

int nvmlDeviceGetUtilizationRates(void *handle, rates_t *rates) {
    if (*(long *)handle) return NOT_SUPPORTED;
    rates->gpu = 87;
    rates->memory = 40;
    return 0;
}

int nvmlDeviceGetPowerUsage(void *handle, unsigned int *milliwatts) {
    if (*(long *)handle) return NOT_SUPPORTED;
    *milliwatts = 312500;
    return 0;
}

int nvmlDeviceGetTemperature(void *handle, int sensor, unsigned int *degrees) {
    *degrees = sensor ? 0 : 55 + *(long *)handle;
    return 0;
}
