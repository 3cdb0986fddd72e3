"""Kernel: names of countries (ISO 3166-1 alpha-2) and of the states of the US, folded."""

from typing import Final

COUNTRY_CODES: Final = frozenset(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW".split()
)

_COUNTRIES = """
AE united arab emirates,uae,are
AR argentina,arg
AT austria,aut,osterreich
AU australia,aus
BD bangladesh,bgd
BE belgium,bel,belgie,belgique
BG bulgaria,bgr
BO bolivia,bol
BR brazil,bra,brasil
BY belarus,blr
CA canada,can
CH switzerland,che,schweiz,suisse,svizzera
CI cote d ivoire,ivory coast
CL chile,chl
CM cameroon
CN china,chn,peoples republic of china,mainland china
CO colombia,col
CR costa rica,cri
CY cyprus,cyp
CZ czechia,czech republic,cze
DE germany,deu,ger,deutschland
DK denmark,dnk,danmark
DO dominican republic
DZ algeria,dza
EC ecuador,ecu
EE estonia,est
EG egypt,egy
ES spain,esp,espana
ET ethiopia
FI finland,fin,suomi
FR france,fra
GB united kingdom,uk,u k,gbr,great britain,britain,england,scotland,wales,northern ireland
GE georgia
GH ghana,gha
GR greece,grc,hellas
GT guatemala,gtm
HK hong kong,hkg,hong kong sar
HN honduras
HR croatia,hrv
HU hungary,hun
ID indonesia,idn
IE ireland,irl,republic of ireland
IL israel,isr
IN india,ind
IQ iraq
IR iran
IS iceland,isl
IT italy,ita,italia
JM jamaica
JO jordan
JP japan,jpn
KE kenya,ken
KH cambodia
KR south korea,korea,republic of korea,kor
KW kuwait
KZ kazakhstan,kaz
LB lebanon
LK sri lanka,lka
LT lithuania,ltu
LU luxembourg,lux
LV latvia,lva
MA morocco,mar
MD moldova
MK north macedonia
MM myanmar
MT malta,mlt
MU mauritius
MX mexico,mex
MY malaysia,mys
NG nigeria,nga
NI nicaragua
NL netherlands,the netherlands,nld,holland,nederland
NO norway,nor,norge
NP nepal
NZ new zealand,nzl
OM oman
PA panama,pan
PE peru,per
PH philippines,phl,the philippines
PK pakistan,pak
PL poland,pol,polska
PR puerto rico
PT portugal,prt
PY paraguay
QA qatar,qat
RO romania,rou
RS serbia,srb
RU russia,rus,russian federation
RW rwanda
SA saudi arabia,ksa,sau
SE sweden,swe,sverige
SG singapore,sgp
SI slovenia,svn
SK slovakia,svk
SN senegal
SV el salvador
TH thailand,tha
TN tunisia,tun
TR turkey,turkiye,tur
TW taiwan,twn
TZ tanzania
UA ukraine,ukr
UG uganda
US united states,united states of america,usa,u s,u s a,the united states,america
UY uruguay,ury
UZ uzbekistan
VE venezuela
VN vietnam,vnm,viet nam
ZA south africa,zaf
ZM zambia
ZW zimbabwe
"""

_STATES = """
AL alabama
AK alaska
AZ arizona
AR arkansas
CA california
CO colorado
CT connecticut
DE delaware
DC district of columbia,d c,washington d c,washington dc
FL florida
GA georgia
HI hawaii
ID idaho
IL illinois
IN indiana
IA iowa
KS kansas
KY kentucky
LA louisiana
ME maine
MD maryland
MA massachusetts
MI michigan
MN minnesota
MS mississippi
MO missouri
MT montana
NE nebraska
NV nevada
NH new hampshire
NJ new jersey
NM new mexico
NY new york
NC north carolina
ND north dakota
OH ohio
OK oklahoma
OR oregon
PA pennsylvania
RI rhode island
SC south carolina
SD south dakota
TN tennessee
TX texas
UT utah
VT vermont
VA virginia
WA washington
WV west virginia
WI wisconsin
WY wyoming
PR puerto rico
GU guam
VI us virgin islands,virgin islands
AS american samoa
MP northern mariana islands
"""


def _by_name(table: str) -> dict[str, str]:
    lines = (line.split(" ", 1) for line in table.strip().splitlines())
    return {name: code for code, names in lines for name in names.split(",")}


COUNTRY_NAMES: Final = _by_name(_COUNTRIES)
STATE_NAMES: Final = _by_name(_STATES)
STATE_CODES: Final = frozenset(STATE_NAMES.values())
