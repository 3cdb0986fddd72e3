"""Distillation: teachers, texts, and the student that learns from them."""
