"""`python -m dayline` is the command `dayline`."""

from dayline.cli.main import run

if __name__ == "__main__":
    run()
