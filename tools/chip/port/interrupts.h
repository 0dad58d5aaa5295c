// Interrupts of the virtual board, Ctrl-C, and sleeping until one of them or a descriptor is there.

#ifndef PICOPIN_INTERRUPTS_H
#define PICOPIN_INTERRUPTS_H

void interrupts_attach(int descriptor);

// Take what has come: soft callbacks into the scheduler, Ctrl-C, a wish for a report.
void chip_take_interrupts(void);

// Sleep until an interrupt or a polled descriptor; milliseconds, -1: without a limit.
void chip_wait(int milliseconds);

// Note that a poll waits for `events` of a descriptor: the next chip_wait() ends with them.
void interrupts_watch(int descriptor, int events);

// Wait for the answer of the hardware. Interrupts go on meanwhile, soft callbacks do not run.
void interrupts_wait_for(int descriptor);

#endif
