"""What a run is and what can happen to one; knows neither Git nor a terminal."""
