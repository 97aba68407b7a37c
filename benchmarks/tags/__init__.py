"""How well tags are inferred, and the fit of the weights that infer them."""
