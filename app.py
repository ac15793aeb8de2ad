"""What a Space starts."""

from apps.__main__ import main

main(["--no-browser"])
