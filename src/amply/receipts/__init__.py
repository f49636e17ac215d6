"""Receipts, one mail for each donation that was charged."""
