"""Trains, evaluates and exports the models. Needs the `train` extra (torch); the program itself never imports it."""
