// The line to the virtual board: one request, one answer (tools/board/bus.py has the format).

#ifndef PICOPIN_BUS_H
#define PICOPIN_BUS_H

#include <stddef.h>
#include <stdint.h>

struct bus_answer {
    int status;   // 0, or which exception the hardware raises
    size_t size;  // of the payload, which is to be read with bus_receive()
    int32_t value;
};

void bus_attach(int descriptor);
struct bus_answer bus_exchange(
    int operation, int unit, int32_t a, int32_t b, const void *payload, size_t size);
void bus_receive(void *buffer, size_t size);

// For C: an operation that answers a value and does not fail; a payload with it is skipped.
int32_t bus_value(int operation, int unit, int32_t a, int32_t b);

#endif
