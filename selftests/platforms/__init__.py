"""Billing platforms to be judged in the tests, each as foreign to the reference as it can be."""
