"""`python -m amply.embedded.stripe --port N`."""

from amply.embedded.listening import listen, port_from_command_line
from amply.embedded.stripe.process import serve


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    listener = listen("stripe", port_from_command_line("stripe"))
    print(f"embedded stripe: listening on 127.0.0.1:{listener.getsockname()[1]}", flush=True)  # noqa: T201
    serve(listener)


if __name__ == "__main__":
    main()
