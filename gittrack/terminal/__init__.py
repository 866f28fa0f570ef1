"""Values on a terminal, through Rich; the only room that draws."""
