"""What stands in for Stripe on loopback, so that every payment can be walked offline?"""
