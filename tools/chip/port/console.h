// The serial console: standard input and output of this process, and UART 0 as os.dupterm has it.

#ifndef PICOPIN_CONSOLE_H
#define PICOPIN_CONSOLE_H

void console_init(void);         // put UART 0 into dupterm's slot 1, as the port's main.c does
void console_receive(char byte); // a byte that came by another way than standard input

#endif
