// The system call by which a program under QEMU marks an event for the plugin, count.c.
//
// Linux does not know the number: the call changes nothing, and returns -ENOSYS with or without the
// plugin. Its first two arguments (a6 and a3) are the program's own, and stand in the plugin's log.

#define SYSTEM_CALL_MARK 9999
