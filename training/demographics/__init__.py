"""The built-in demographics network: gender and an age distribution from one aligned face."""
