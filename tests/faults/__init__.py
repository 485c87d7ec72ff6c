"""Bad inputs by the thousand: what the product must survive, made anew from a seed on each run."""
