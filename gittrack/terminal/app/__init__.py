"""`gittrack ui`: the runs on a whole screen. The only room that imports Textual."""
