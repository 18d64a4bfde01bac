"""What every request passes before and after its route: ids, sizes, keys, rates, errors, repeats."""
