"""What tests stand on: real repositories, real servers."""
