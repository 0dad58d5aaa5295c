# What is frozen: asyncio and the port's own start, as on a board, and the Python that plays the
# chip's peripherals, whose bytecode and names so lie outside the heap, as the chip's C does.

include("$(MPY_DIR)/extmod/asyncio")
freeze("$(ESP8266)/modules")
freeze("$(STUBS)")
