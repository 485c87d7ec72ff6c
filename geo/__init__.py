"""Emergency resource planning on real roads."""
