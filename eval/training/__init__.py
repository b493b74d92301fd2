"""The recipe of the support model: data, training, export. Needs the dependency group ``train``."""
