"""`python -m gittrack`."""

from gittrack.cli.main import main

if __name__ == "__main__":
    main()
