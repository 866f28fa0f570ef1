"""`python -m gittrack`."""

from gittrack.cli.entry import main

if __name__ == "__main__":
    main()
