"""What grows with a store: articles without end, and what asking, filtering and deleting costs among them."""
