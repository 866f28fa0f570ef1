"""What every figure needs."""
