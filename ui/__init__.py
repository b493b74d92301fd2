"""How people meet it: the terminal."""
