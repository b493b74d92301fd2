"""Many readers at once against a real ``pullquote ui``: ``python -m pullquote.eval.load``. Needs the dependency group ``dev``."""
