"""Projects in containers: `docker_env` of MLproject, by docker or podman, whichever is there."""
