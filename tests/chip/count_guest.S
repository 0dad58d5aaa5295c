// A program whose every instruction is known, for test_plugin.py.
//
// Marks 1, 2 and 3 stand before, between and after two loops. From mark 1 to mark 2 it executes 1 +
// 2 * 1000 + 4 instructions, from 2 to 3 a jump, 1 + 3 * 50 + 1 in the function, and 4. Then it
// closes descriptor 77, which is not open, and ends with status 5; with an argument it never ends.

#include "../../tools/chip/plugin/mark.h"

#define CLOSE 9
#define EXIT_GROUP 119

    .macro system_call number, first, second
    movi a2, \number
    movi a6, \first
    movi a3, \second
    syscall
    .endm

    .text
    .align 4
    .global _start
    .type _start, @function
_start:
    l32i a10, a1, 0 // argc
    system_call SYSTEM_CALL_MARK, 1, -70000
    movi a7, 1000
countdown:
    addi a7, a7, -1
    bnez a7, countdown
    system_call SYSTEM_CALL_MARK, 2, 0
    call0 three_each
    system_call SYSTEM_CALL_MARK, 3, 0
    bnei a10, 1, forever
    system_call CLOSE, 77, 0
    system_call EXIT_GROUP, 5, 0
forever:
    j forever
    .size _start, . - _start

    .align 4
    .type three_each, @function
three_each:
    movi a7, 50
1:
    nop
    addi a7, a7, -1
    bnez a7, 1b
    ret
    .size three_each, . - three_each
