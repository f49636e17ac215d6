"""What scales the same services beside the policies that were asked for."""
