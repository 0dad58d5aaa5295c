"""Host tools of Picopin: the build, the checks, the virtual board, the flasher."""
