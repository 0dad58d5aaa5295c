// Names that no C source of this build mentions, but the port's own do.
// *FORMAT-OFF*
Q(/lib)
Q(/)
