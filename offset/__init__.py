"""The contribution platform: what is it made of? One room a noun; see docs/house.md."""
