"""Kernel: how feeds write work modes, kinds of employment, levels and languages."""

from pipelines.sample.draws import Draws

WORK_MODES = {
    "onsite": ("On-site", "onsite"),
    "hybrid": ("Hybrid",),
    "remote": ("Remote", "Home office"),
}
EMPLOYMENT_TYPES = {
    "full_time": ("Full-time", "Permanent"),
    "part_time": ("Part time", "Part-time"),
    "contract": ("Contract",),
    "temporary": ("Temporary",),
    "internship": ("Internship",),
}
LEVELS = {
    "entry": ("Junior", "Entry level"),
    "mid": ("Mid", "Mid-level"),
    "senior": ("Senior", "Sr"),
    "lead": ("Lead",),
}
LANGUAGES = {
    "Arabic": "ar", "Dutch": "nl", "English": "en", "Finnish": "fi", "French": "fr", "German": "de", "Hindi": "hi",
    "Italian": "it", "Polish": "pl", "Portuguese": "pt", "Spanish": "es", "Swedish": "sv", "Turkish": "tr",
    "Ukrainian": "uk",
}  # fmt: skip


def languages_spelled(names: list[str], draws: Draws) -> list[str]:
    """The languages as one feed row writes them: mostly by name, sometimes by code."""
    return names if draws.chance(0.8) else [LANGUAGES[name] for name in names]
