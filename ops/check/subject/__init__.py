"""The input of rules: plain values of files and of AWS. Pure data."""
