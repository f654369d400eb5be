"""Setup: brings a machine to where plain `pulumi up` works (`make setup`). Standard library only."""
