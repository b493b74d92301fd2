"""How good it is: data sets, measures, and the weights that are fitted to them."""
