"""Official names of cities that GeoNames lists under their English name.

Countries with an alphabet of their own take the official name from the alternates in that
alphabet; the table holds what cannot be told so: Latin-script countries, and cities whose
English name is far from the official one.
"""

from __future__ import annotations

import re

_GREEK = re.compile(r"[\u0386-\u03ce .'’-]+")
_RUSSIAN = re.compile(r"(?!.*(?:ъ(?![еёюя])|[сц]ьк|Къа))[А-ЯЁа-яё .'’-]+")
_UKRAINIAN = re.compile(r"(?!.*[бвгджзклмнпрстфхцчшщ]ї)(?!.*[ыэёъЫЭЁЪ])[А-ЯҐЄІЇа-яґєії .'’ʼ-]+")
_BULGARIAN = re.compile(
    r"(?!.*ъ$)[АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЬЮЯабвгдежзийклмнопрстуфхцчшщъьюя .'’-]+"
)
_MACEDONIAN = re.compile(r"[АБВГДЃЕЖЗЅИЈКЛЉМНЊОПРСТЌУФХЦЧЏШабвгдѓежзѕијклљмнњопрстќуфхцчџш .'’-]+")

ALPHABETS: dict[str, re.Pattern[str]] = {
    "GR": _GREEK,
    "CY": _GREEK,
    "UA": _UKRAINIAN,
    "RU": _RUSSIAN,
    "BY": _RUSSIAN,
    "KZ": _RUSSIAN,
    "KG": _RUSSIAN,
    "BG": _BULGARIAN,
    "MK": _MACEDONIAN,
    "AM": re.compile(r"[\u0531-\u0556][\u0531-\u0587 .'’-]+"),
    "GE": re.compile(r"[\u10d0-\u10ff .'’-]+"),
    "IL": re.compile(r"[\u05d0-\u05ea .'’\"-]+"),
}
"""Letters of official city names, for the countries whose names are not kept in Latin letters."""

_NAMES: dict[str, str] = {
    "AT": "Vienna=Wien",
    "AM": "Yerevan=Երևան",
    "AZ": "Baku=Bakı; Ganja=Gəncə; Sumqayit=Sumqayıt",
    "BE": "Brussels=Bruxelles; Antwerp=Antwerpen; Ghent=Gent; Bruges=Brugge; Louvain=Leuven",
    "BG": "Sofia=София; Burgas=Бургас; Ruse=Русе",
    "BY": (
        "Homyel'=Гомель; Hrodna=Гродно; Vitebsk=Витебск; Mahilyow=Могилёв; Barysaw=Борисов; "
        "Maladziečna=Молодечно; Mazyr=Мозырь; Rechytsa=Речица; Horad Zhodzina=Жодино"
    ),
    "CH": "Geneve=Genève; Geneva=Genève; Zurich=Zürich; Lucerne=Luzern; Basel=Basel; Berne=Bern",
    "CZ": "Prague=Praha; Pilsen=Plzeň",
    "DE": (
        "Munich=München; Nuremberg=Nürnberg; Cologne=Köln; Hanover=Hannover; "
        "Brunswick=Braunschweig; Freiburg=Freiburg im Breisgau; Mülheim=Mülheim an der Ruhr; "
        "Heilbronn=Heilbronn"
    ),
    "DK": "Copenhagen=København; Århus=Aarhus",
    "ES": (
        "Seville=Sevilla; Gasteiz / Vitoria=Vitoria-Gasteiz; Palma=Palma; "
        "Donostia / San Sebastián=Donostia-San Sebastián; Castelló de la Plana=Castelló de la "
        "Plana; "
        "La Laguna=San Cristóbal de La Laguna; Alicante=Alicante; Elche=Elche; Pamplona=Pamplona; "
        "Gijón=Gijón; Cadiz=Cádiz; San Sebastián=Donostia-San Sebastián"
    ),
    "FI": "Helsinki=Helsinki",
    "GE": "Tbilisi=თბილისი; Batumi=ბათუმი; Kutaisi=ქუთაისი",
    "GR": (
        "Athens=Αθήνα; Thessaloníki=Θεσσαλονίκη; Piraeus=Πειραιάς; Irákleion=Ηράκλειο; "
        "Corfu=Κέρκυρα; Khalándrion=Χαλάνδρι; Ródos=Ρόδος; Petroúpolis=Πετρούπολη; "
        "Pátra=Πάτρα; Lárisa=Λάρισα; Volos=Βόλος; Chalkída=Χαλκίδα; Sparta=Σπάρτη; "
        "Corinth=Κόρινθος; Halandri=Χαλάνδρι; Ermoupolis=Ερμούπολη; Réthymno=Ρέθυμνο"
    ),
    "HU": "Budapest=Budapest",
    "IT": (
        "Rome=Roma; Milan=Milano; Naples=Napoli; Turin=Torino; Genoa=Genova; Florence=Firenze; "
        "Padua=Padova; Venice=Venezia; Mantua=Mantova; Syracuse=Siracusa; "
        "Reggio Calabria=Reggio di Calabria"
    ),
    "KZ": (
        "Astana=Астана; Almaty=Алматы; Shymkent=Шымкент; Aktobe=Актобе; Karagandy=Караганда; "
        "Kyzylorda=Кызылорда; Oral=Уральск; Ust-Kamenogorsk=Усть-Каменогорск; Semey=Семей; "
        "Kostanay=Костанай; Petropavl=Петропавловск; Kokshetau=Кокшетау; Aktau=Актау; "
        "Taldykorgan=Талдыкорган; Zhezqazghan=Жезказган; Turkistan=Туркестан; Balqash=Балхаш; "
        "Taraz=Тараз; Pavlodar=Павлодар; Atyrau=Атырау; Konayev=Конаев; Talghar=Талгар"
    ),
    "LT": "Vilnius=Vilnius",
    "LU": "Luxembourg=Luxembourg",
    "LV": "Riga=Rīga; Jelgava=Jelgava; Daugavpils=Daugavpils",
    "MD": "Chisinau=Chișinău; Chişinău=Chișinău; Bălţi=Bălți",
    "NL": "The Hague=Den Haag; s-Hertogenbosch='s-Hertogenbosch",
    "PL": "Warsaw=Warszawa; Bielsko-Biala=Bielsko-Biała; Jastrzębie Zdrój=Jastrzębie-Zdrój",
    "PT": "Lisbon=Lisboa",
    "RO": "Bucharest=București; Bucureşti=București; Iaşi=Iași; Ploieşti=Ploiești; Braşov=Brașov; "
    "Constanţa=Constanța; Galaţi=Galați; Timişoara=Timișoara; Piteşti=Pitești",
    "RS": "Belgrade=Beograd; Nis=Niš; Niš=Niš",
    "RU": "Moscow=Москва; Saint Petersburg=Санкт-Петербург; Nizhniy Novgorod=Нижний Новгород; "
    "Rostov-na-Donu=Ростов-на-Дону; Rostov-on-Don=Ростов-на-Дону; Orël=Орёл",
    "SE": "Gothenburg=Göteborg; Göteborg=Göteborg",
    "TR": "Istanbul=İstanbul; Izmir=İzmir; İzmir=İzmir",
    "UA": "Kyiv=Київ; Kropyvnytskyy=Кропивницький; Kamyanske=Кам'янське; Dnipro=Дніпро; "
    "Luhansk=Луганськ",
    "US": "New York City=New York",
    "UZ": (
        "Tashkent=Toshkent; Samarkand=Samarqand; Bukhara=Buxoro; Fergana=Farg'ona; Khiva=Xiva; "
        "Kokand=Qo'qon; Qo‘qon=Qo'qon; Marg‘ilon=Marg'ilon; Tirmiz=Termiz; Qŭnghirot=Qo'ng'irot; "
        "Kattaqo’rg’on Shahri=Kattaqo'rg'on; Xo‘jayli Shahri=Xo'jayli; Yangiyŭl=Yangiyo'l; "
        "Oltinko‘l=Oltinko'l; Tŭytepa=To'ytepa; G’ijduvon Shahri=G'ijduvon; Guliston=Guliston; "
        "Uchqŭrghon Shahri=Uchqo'rg'on; Novyy Turtkul’=To'rtko'l; Manghit=Mang'it; "
        "Chilanzar=Chilonzor"
    ),
    "XK": "Pristina=Prishtinë",
}

ENDONYMS: dict[tuple[str, str], str] = {
    (country, pair.split("=")[0].strip()): pair.split("=")[1].strip()
    for country, names in _NAMES.items()
    for pair in names.split(";")
}
"""(alpha-2, GeoNames name) → official name."""

_SHORT: dict[str, str] = {
    "AR": "CABA=Buenos Aires; Bs As=Buenos Aires; Capital Federal=Buenos Aires",
    "BR": "BH=Belo Horizonte; SP=São Paulo; Rio=Rio de Janeiro",
    "BY": "Мн=Minsk; г Минск=Minsk",
    "CZ": "Hradec=Hradec Králové; Č Budějovice=České Budějovice",
    "DE": "Ffm=Frankfurt am Main; Frankfurt/M=Frankfurt am Main; Frankfurt a M=Frankfurt am Main; "
    "Frankfurt=Frankfurt am Main",
    "ES": "Barna=Barcelona; Bcn=Barcelona; Sta Cruz de Tenerife=Santa Cruz de Tenerife; "
    "Las Palmas=Las Palmas de Gran Canaria; Hospitalet=L'Hospitalet de Llobregat; "
    "San Sebastian=San Sebastián; S Sebastián=San Sebastián",
    "GB": "Ldn=London; Brum=Birmingham; B'ham=Birmingham; M'cr=Manchester; Newcastle=Newcastle",
    "GR": "Θεσ/νίκη=Thessaloníki; Θεσ/κη=Thessaloníki; Θεσσ/νίκη=Thessaloníki; "
    "Θεσνίκη=Thessaloníki; "
    "Thess/niki=Thessaloníki; Salonica=Thessaloníki; Saloniki=Thessaloníki; "
    "Αλεξ/πολη=Alexandroupoli; "
    "Ηράκλειο Κρήτης=Irákleion; Heraklion=Irákleion",
    "HU": "Bp=Budapest",
    "IT": "Reggio Emilia=Reggio nell'Emilia",
    "KZ": "Алма-Ата=Almaty; Нур-Султан=Astana; Целиноград=Astana",
    "NL": "s-Gravenhage=The Hague; A'dam=Amsterdam; R'dam=Rotterdam; Den Bosch='s-Hertogenbosch",
    "PL": "W-wa=Warsaw; Wwa=Warsaw; Wa-wa=Warsaw; Krk=Kraków; Gorzów Wlkp=Gorzów Wielkopolski; "
    "Ostrów Wlkp=Ostrów Wielkopolski; Środa Wlkp=Środa Wielkopolska; Bielsko=Bielsko-Biala; "
    "Piotrków Tryb=Piotrków Trybunalski; Konstantynów=Konstantynów Łódzki",
    "RO": "Buc=Bucharest; Cluj=Cluj-Napoca; Tg Mureș=Târgu Mureş; Tîrgu Mureș=Târgu Mureş; "
    "Drobeta=Drobeta-Turnu Severin",
    "RU": "СПб=Saint Petersburg; С-Петербург=Saint Petersburg; С Петербург=Saint Petersburg; "
    "Питер=Saint Petersburg; Spb=Saint Petersburg; Мск=Moscow; Msk=Moscow; "
    "Н Новгород=Nizhniy Novgorod; Екб=Yekaterinburg; Ростов-н/Д=Rostov-on-Don; Ленинград=Saint "
    "Petersburg; "
    "Ростов-на-Дону=Rostov-on-Don; Наб Челны=Naberezhnyye Chelny",
    "TR": "Ist=Istanbul; İst=Istanbul; Antep=Gaziantep; Urfa=Şanlıurfa; Maraş=Kahramanmaraş",
    "UA": "Дніпропетровськ=Dnipro; Днепр=Dnipro; Кіровоград=Kropyvnytskyy; "
    "Ів-Франківськ=Ivano-Frankivsk; "
    "І-Франківськ=Ivano-Frankivsk; Ів Франківськ=Ivano-Frankivsk; Франик=Ivano-Frankivsk; "
    "Б Церква=Bila Tserkva; Днєпр=Dnipro; Кам'янець=Kamianets-Podilskyi",
    "US": "NYC=New York City; N Y C=New York City; LA=Los Angeles; SF=San Francisco; "
    "Philly=Philadelphia; Washington DC=Washington",
    "UZ": "Тош=Tashkent; Tosh=Tashkent; Qoqon=Qo‘qon; Termez=Tirmiz; Termiz=Tirmiz; Термез=Tirmiz; "
    "Жиззах=Jizzax; Навоий=Navoiy; Кўқон=Qo‘qon",
}

SHORT_NAMES: dict[str, dict[str, str]] = {
    country: dict(pair.strip().split("=") for pair in names.split(";"))
    for country, names in _SHORT.items()
}
"""alpha-2 → short or former name as people type it → GeoNames name."""
