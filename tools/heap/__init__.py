"""`make heap`: what the firmware takes of the heap, and the gate that tests/memory holds it to."""
