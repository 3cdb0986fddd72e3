"""Kernel: the many words of sources for work modes, employment types, seniorities, languages, currencies, states."""

from collections.abc import Mapping
from typing import Final

from pipelines.ingest.cleaning import folded


def _by_word(table: Mapping[str, str]) -> dict[str, str]:
    return {
        word.strip(): value for value, words in table.items() for word in (value.replace("_", " "), *words.split(","))
    }


_WORK_MODES: Final = _by_word(
    {
        "remote": "fully remote,100 remote,work from home,wfh,home office,home based,telecommute,telework,virtual,"
        "distributed,anywhere,remote work,remote only,remote working,remotely,completely remote,working from home,"
        "homeoffice,teletravail,teletrabajo,remoto,a distance",
        "hybrid": "partly remote,partially remote,part remote,teilweise remote,hybrid remote,remote hybrid,hybrid work,"
        "hybrid working,teletravail partiel",
        "onsite": "on site,in office,office,in person,on location,not remote,no remote,in the office,office based,"
        "vor ort,sur place,presencial,presentiel",
    }
)
_EMPLOYMENT_TYPES: Final = _by_word(
    {
        "full_time": "fulltime,ft,f t,permanent,regular,regular full time,full time permanent,permanent full time,"
        "vollzeit,vollzeitstelle,temps plein,jornada completa,tiempo completo",
        "part_time": "parttime,pt,p t,regular part time,part time permanent,permanent part time,"
        "teilzeit,teilzeitstelle,temps partiel,mi temps,media jornada,jornada parcial,tiempo parcial",
        "contract": "contractor,freelance,freelancer,fixed term,self employed,1099,independent contractor,befristet,"
        "cdd",
        "temporary": "temp,seasonal,casual,interim,short term,saisonnier",
        "internship": "intern,trainee,apprenticeship,apprentice,working student,co op,internships,apprenticeships,"
        "praktikum,stage,practicas,ausbildung,alternance,werkstudent",
    }
)
_SENIORITIES: Final = _by_word(
    {
        "entry": "entry level,junior,jr,intern,internship,trainee,graduate,student,associate,beginner,no experience,"
        "new graduate,recent graduate,berufseinsteiger,debutant,sin experiencia,ohne erfahrung,sans experience",
        "mid": "mid level,midlevel,middle,intermediate,mid senior,mid senior level,experienced,professional,medior",
        "senior": "sr,senior level,expert,advanced",
        "lead": "principal,staff,team lead,supervisor,manager,management,head",
        "executive": "director,vp,vice president,c level,chief,senior executive,executive level,c suite",
    }
)
_STATUSES: Final = _by_word(
    {
        "open": "active,published,live,accepting applications,true",
        "closed": "inactive,filled,expired,archived,cancelled,canceled,deleted,paused,on hold,draft,unpublished,"
        "removed,withdrawn,false",
    }
)
_LANGUAGES: Final = _by_word(
    {
        "ar": "arabic,ara",
        "bg": "bulgarian,bul",
        "ca": "catalan,cat",
        "cs": "czech,ces,cze,cestina",
        "da": "danish,dan,dansk",
        "de": "german,deu,ger,deutsch,allemand,aleman,tedesco",
        "el": "greek,ell,gre",
        "en": "english,eng,ingles,anglais,englisch",
        "es": "spanish,spa,espanol,castellano,castilian,espagnol,spanisch",
        "et": "estonian,est",
        "fa": "persian,farsi,fas,per",
        "fi": "finnish,fin,suomi",
        "fr": "french,fra,fre,francais,franzosisch,frances",
        "he": "hebrew,heb,iw",
        "hi": "hindi,hin",
        "hr": "croatian,hrv",
        "hu": "hungarian,hun,magyar",
        "id": "indonesian,ind,bahasa indonesia",
        "it": "italian,ita,italiano,italien,italienisch",
        "ja": "japanese,jpn",
        "ko": "korean,kor",
        "lt": "lithuanian,lit",
        "lv": "latvian,lav",
        "ms": "malay,msa,may",
        "nl": "dutch,nld,dut,nederlands,flemish,niederlandisch,neerlandais",
        "no": "norwegian,nor,norsk,nb,nn,bokmal",
        "pl": "polish,pol,polski,polnisch",
        "pt": "portuguese,por,portugues,portugais,portugiesisch",
        "ro": "romanian,ron,rum",
        "ru": "russian,rus,russisch,russe,ruso",
        "sk": "slovak,slk",
        "sl": "slovenian,slovene,slv",
        "sr": "serbian,srp",
        "sv": "swedish,swe,svenska",
        "th": "thai,tha",
        "tl": "tagalog,filipino,fil",
        "tr": "turkish,tur,turkisch",
        "uk": "ukrainian,ukr",
        "ur": "urdu,urd",
        "vi": "vietnamese,vie",
        "zh": "chinese,zho,chi,mandarin,cantonese",
    }
)
# ISO 4217, active national currencies
_CURRENCIES: Final = frozenset(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF "
    "CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD "
    "HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD "
    "MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN "
    "PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY "
    "TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG".split()
)
_SIGNS: Final = {"€": "EUR", "£": "GBP", "US$": "USD", "U$S": "USD", "C$": "CAD", "CA$": "CAD", "A$": "AUD", "₹": "INR"}


def work_mode(text: str) -> str | None:
    """One of the work modes; None: not known.

    >>> [work_mode(text) for text in ("On-site", "WFH", "moon")]
    ['onsite', 'remote', None]
    """
    return _WORK_MODES.get(folded(text))


def employment_type(text: str) -> str | None:
    """One of the employment types; None: not known."""
    return _EMPLOYMENT_TYPES.get(folded(text))


def seniority(text: str) -> str | None:
    """One of the seniorities; None: not known."""
    return _SENIORITIES.get(folded(text))


def status(text: str) -> str | None:
    """Open or closed; None: not known."""
    return _STATUSES.get(folded(text))


def language(text: str) -> str | None:
    """ISO 639-1 code in lower case; None: not known.

    >>> [language(text) for text in ("en-US", "Deutsch", "Klingon")]
    ['en', 'de', None]
    """
    words = folded(text)
    return _LANGUAGES.get(words) or _LANGUAGES.get(words.split(" ", 1)[0])


def currency(text: str, country: str | None) -> str | None:
    """ISO 4217 code; None: not known. A bare dollar sign is read as the US dollar for the US alone.

    >>> [currency(text, "US") for text in ("eur", "£", "$", "gold")]
    ['EUR', 'GBP', 'USD', None]
    """
    code = text.strip().upper()
    if code == "$" and country == "US":
        return "USD"
    return code if code in _CURRENCIES else _SIGNS.get(code)
