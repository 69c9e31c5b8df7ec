"""The entry point of the command ``partload`` and of ``python -m partload``.

Ctrl-C may arrive while Python still imports the command line. This module therefore imports nothing at its top, so that
almost all of the start lies inside ``main``, which answers Ctrl-C in one line.
"""


def main() -> None:
    """Run the command line and end the process with its exit status."""
    try:
        from partload.cli import run_process

        run_process()
    except KeyboardInterrupt:
        import os

        os.write(2, b"partload: interrupted\n")
        os._exit(130)


if __name__ == "__main__":
    main()
