"""Git itself: the one door to its command, and objects written without it."""
