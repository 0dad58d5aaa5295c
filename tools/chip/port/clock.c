// Time: counts from the start of this life, as on the chip (ports/esp8266/esp_mphal.c). The date is
// the virtual board's RTC.

#include "py/runtime.h"
#include "py/mphal.h"

#include "bus.h"
#include "clock.h"
#include "interrupts.h"
#include "operations.h"
#include "system.h"

enum { SLEEP_FROM_US = 2000, CPU_MHZ = 80 };

static uint64_t started; // microseconds of the system's clock

// `ticks`: milliseconds that time.ticks_ms() says at the start, to come near its end sooner.
void clock_init(uint32_t ticks) {
    started = system_microseconds() - (uint64_t)ticks * 1000u;
}

static uint64_t microseconds(void) {
    return system_microseconds() - started;
}

mp_uint_t mp_hal_ticks_us(void) {
    return microseconds();
}

mp_uint_t mp_hal_ticks_ms(void) {
    return microseconds() / 1000u;
}

mp_uint_t mp_hal_ticks_cpu(void) {
    return microseconds() * CPU_MHZ;
}

void mp_hal_delay_us(mp_uint_t delay) {
    mp_uint_t start = mp_hal_ticks_us();
    for (;;) {
        mp_event_handle_nowait();
        mp_uint_t passed = mp_hal_ticks_us() - start;
        if (passed >= delay) {
            return;
        }
        if (delay - passed >= SLEEP_FROM_US) {
            chip_wait((delay - passed) / 1000u);
        }
    }
}

// The port multiplies in 32 bits here, so that more than 71 minutes end early; so does this.
void mp_hal_delay_ms(mp_uint_t delay) {
    mp_hal_delay_us(delay * 1000u);
}

// Microseconds since 2000, for the port's own modtime.c.
uint64_t pyb_rtc_get_us_since_epoch(void) {
    uint32_t seconds = bus_value(OP_RTC_TIME, 0, -1, 0);
    uint32_t milliseconds = bus_value(OP_RTC_MILLIS, 0, 0, 0);
    return (uint64_t)seconds * 1000000u + milliseconds * 1000u;
}

uint64_t mp_hal_time_ns(void) {
    return pyb_rtc_get_us_since_epoch() * 1000u;
}
