"""`ops doctor`: checks of this machine, its AWS sign-in and the workspace."""
