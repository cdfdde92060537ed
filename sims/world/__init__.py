"""The invented world: places, people, weather and what they make of electricity; no files and no systems."""
