"""What `gittrack doctor` looks at, and repairs where that is safe."""
