"""Articles in: read, split into sentences, embedded, stored and found again."""
