"""How a formula is computed: by floats, arrays, tensors, or as symbols."""
