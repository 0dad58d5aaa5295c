# A package of pages, as picoweb's own examples have it.
