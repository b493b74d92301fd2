"""The chat in the browser: pages, their server, and what stands between them and the network."""
