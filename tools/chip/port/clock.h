// Time since the start of this life.

#ifndef PICOPIN_CLOCK_H
#define PICOPIN_CLOCK_H

#include <stdint.h>

void clock_init(uint32_t ticks);

#endif
