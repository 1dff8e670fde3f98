"""The sample scene: rendered footage of a mall entrance, with known truth and nobody's face."""
