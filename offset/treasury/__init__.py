"""What left, what arrived, and does the bank agree? Payouts, statements, disbursements."""
