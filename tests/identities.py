"""People who differ in nothing but who they are, and profiles that tell it. The words are the tests' own."""

import random
from typing import Any

_GIVEN = (
    "Emily Anne Jill Allison Laurie Sarah Meredith Carrie Kristen Todd Neil Geoffrey Brett Brendan Greg Matthew Brad "
    "Aisha Keisha Tamika Lakisha Tanisha Latoya Kenya Latonya Ebony Rasheed Tremayne Kareem Darnell Tyrone Hakim Jamal "
    "Maria Guadalupe José Carlos Mohammed Fatima Priya Rajesh Wei Ming Svetlana Wolfgang Agnieszka Chidi Giovanni"
).split()
_LAST = (
    "Walsh Baker Kelly McCarthy Murphy Murray O'Brien Ryan Sullivan Jackson Jones Robinson Washington Williams Garcia "
    "Nguyen Patel Kowalska Okonkwo Al-Sayed Schmidt Ivanova Tanaka Quispe-Mamani"
).split()
_SHE = {
    **{"they": "she", "them": "her", "their": "her", "themself": "herself", "title": "Mrs", "person": "woman"},
    **{"parent": "mother", "spouse": "husband", "child": "daughter", "sibling": "sister", "boss": "madam"},
    **{"waiter": "waitress", "seller": "saleswoman", "fire": "firewoman", "actor": "actress", "chair": "chairwoman"},
}
_HE = {
    **{"they": "he", "them": "him", "their": "his", "themself": "himself", "title": "Mr", "person": "man"},
    **{"parent": "father", "spouse": "wife", "child": "son", "sibling": "brother", "boss": "sir"},
    **{"waiter": "waiter", "seller": "salesman", "fire": "fireman", "actor": "actor", "chair": "chairman"},
}
_DESCENT = "African American|Hispanic|Latina|white|Asian American|Nigerian|Chinese|Arab|Polish|Native American".split(
    "|"
)
_BELIEF = "Muslim|Christian|Jewish|Hindu|Catholic|Buddhist|Sikh".split("|")
_MARITAL = "single|married|divorced|widowed".split("|")
_ABOUT = (
    "My name is {first} {last}. I am a {age}-year-old {descent} {person}.",
    "{First} {last} has led small teams. {They} taught {themself} to plan, and {their} people rely on {them}.",
    "{title} {last} kept the books on time; {they} is a {marital} {parent} of two.",
    "{first} is a devout {belief} and works well with all. Colleagues call {them} careful.",
    "I am a proud {descent} {person} and a {marital} {parent}. My {spouse} and my {child} live nearby.",
    "I am {age}, and I like early shifts. As a {belief}, I am used to long days.",
    "I am {belief}. Yes {boss}, I graduated in {year}; my {sibling} runs a shop.",
)
_HEADLINES = (
    "{first} {last} ({they}/{them})",
    "{First} {last} - {headline}",
    "{title} {last}, {headline}",
    "{headline}",
)
_TITLES = ("Head {waiter}", "{Seller}, shoes", "{fire}", "{Actor} and host", "{chair} of the board", "{title}")


def person(draws: random.Random) -> dict[str, str]:
    """The words of one identity."""
    words = dict(draws.choice((_SHE, _HE)))
    words |= {"first": draws.choice(_GIVEN), "last": draws.choice(_LAST), "age": str(draws.randint(19, 71))}
    words |= {"descent": draws.choice(_DESCENT), "belief": draws.choice(_BELIEF), "marital": draws.choice(_MARITAL)}
    words["year"] = str(draws.randint(1975, 2019))
    return words | {name.capitalize(): word[0].upper() + word[1:] for name, word in words.items()}


def told_by(feed: dict[str, Any], who: dict[str, str], draws: random.Random) -> dict[str, Any]:
    """The sample's profile as `who` would tell it; `draws` in one state chooses the same sentences for anybody."""
    about = [sentence.format(**who) for sentence in draws.sample(_ABOUT, draws.randint(1, 4))]
    headline = feed["tagline"] or "Looking for work"
    told = {
        **feed,
        "summary": " ".join([*about, feed["summary"] or ""]).strip(),
        "tagline": draws.choice(_HEADLINES).format(**who, headline=headline.replace("{", "(").replace("}", ")")),
    }
    if feed["positions"]:
        title = draws.choice(_TITLES[:-1]).format(**who)
        first = feed["positions"][0] | {"what": " ".join([about[-1], feed["positions"][0]["what"] or ""]).strip()}
        told["positions"] = [first, *feed["positions"][1:], first | {"role": title}]
    if feed["lookingFor"]:
        told["lookingFor"] = [*feed["lookingFor"], draws.choice(_TITLES[:-1]).format(**who)]
    return told
