"""How do rooms store and read? Types, Base, and the one place that commits."""
