"""Where is every cent? Accounts, journal entries, postings, balances, checkpoints."""
