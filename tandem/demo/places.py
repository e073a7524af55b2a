"""Real streets and towns of six countries, and the words that made-up companies are named with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Town:
    """A town as its own people write it, and as others do.

    Attributes:
        postcode: first digits; the demo adds the rest.
        region: ISO 3166-2.
        spellings: other ways people write it.
    """

    name: str
    postcode: str
    region: str
    spellings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Country:
    """What the demo needs to know about a country.

    Attributes:
        code: ISO 3166-1 alpha-2.
        names: ways people write the country.
        street: (as the ERP has it, ways people type it); `{}` is the street's name.
        forms: legal forms.
    """

    code: str
    names: tuple[str, ...]
    towns: tuple[Town, ...]
    streets: tuple[str, ...]
    street: tuple[str, ...]
    forms: tuple[str, ...]
    firsts: tuple[str, ...]
    seconds: tuple[str, ...]
    given: tuple[str, ...]
    family: tuple[str, ...]
    dial: str
    phone_digits: tuple[str, int]


GREECE = Country(
    "GR",
    ("Ελλάδα", "Greece", "Hellas"),
    (
        Town("Αθήνα", "105", "GR-I", ("Athens", "Athina", "ΑΘΗΝΑ")),
        Town("Θεσσαλονίκη", "546", "GR-B", ("Thessaloniki", "Salonica")),
        Town("Πάτρα", "262", "GR-G", ("Patra", "Patras")),
        Town("Ηράκλειο", "712", "GR-M", ("Heraklion", "Iraklio")),
        Town("Βόλος", "382", "GR-E", ("Volos",)),
    ),
    ("Ερμού", "Αγίου Κωνσταντίνου", "Ελευθερίου Βενιζέλου", "Παπανικολή", "Μακεδονίας",
     "Κολοκοτρώνη", "Αριστοτέλους", "Μητροπόλεως", "Καραϊσκάκη", "Σολωμού"),
    ("{}", "οδός {}", "Οδ. {}"),
    ("Α.Ε.", "ΑΕ", "Ε.Π.Ε.", "ΕΠΕ", "Ι.Κ.Ε.", "Ο.Ε."),
    ("Αιγαίο", "Όλυμπος", "Ήλιος", "Δέλτα", "Πίνδος", "Ιόνιο", "Ερμής", "Άτλας", "Νέα Εποχή",
     "Φοίνιξ", "Αργώ", "Κρητική", "Μακεδονική", "Θεσσαλική", "Αττική", "Κύκλωψ"),
    ("Τρόφιμα", "Μεταφορές", "Ενεργειακή", "Κατασκευές", "Φάρμακα", "Χημικά", "Εκδόσεις",
     "Έπιπλα", "Μεταλλουργία", "Πληροφορική", "Τουριστική", "Ναυτιλιακή", "Υφάσματα", "Αρτοποιία"),
    ("Γιώργος", "Μαρία", "Νίκος", "Ελένη", "Κώστας", "Κατερίνα", "Δημήτρης", "Σοφία", "Γιάννης", "Άννα"),
    ("Παπαδόπουλος", "Οικονόμου", "Γεωργίου", "Βασιλείου", "Νικολάου", "Καραγιάννης", "Αντωνίου",
     "Μακρής", "Δημητρίου", "Αλεξίου", "Χατζής", "Λάμπρου"),
    "+30", ("210", 7),
)  # fmt: skip

UKRAINE = Country(
    "UA",
    ("Україна", "Ukraine", "Украина"),
    (
        Town("Київ", "010", "UA-30", ("Kyiv", "Kiev", "Киев", "м. Київ")),
        Town("Львів", "790", "UA-46", ("Lviv", "Lvov", "Львов")),
        Town("Одеса", "650", "UA-51", ("Odesa", "Odessa", "Одесса")),
        Town("Харків", "610", "UA-63", ("Kharkiv", "Харьков")),
        Town("Дніпро", "490", "UA-12", ("Dnipro", "Днепр")),
    ),
    ("Хрещатик", "Шевченка", "Лесі Українки", "Франка", "Незалежності", "Соборна", "Садова",
     "Грушевського", "Київська", "Наукова"),
    ("вулиця {}", "вул. {}", "вул {}"),
    ("ТОВ", "ПрАТ", "ПП", "АТ"),
    ("Дніпро", "Карпати", "Зоря", "Світанок", "Хортиця", "Промінь", "Колос", "Явір", "Будинок",
     "Оріон", "Полісся", "Славутич", "Галичина", "Таврія", "Обрій", "Криниця"),
    ("Буд", "Транс", "Агро", "Фарм", "Метал", "Текстиль", "Енерго", "Меблі", "Хім", "Логістик",
     "Продукт", "Сервіс", "Маш", "Софт"),
    ("Олександр", "Олена", "Іван", "Наталія", "Андрій", "Оксана", "Сергій", "Ірина", "Тарас", "Юлія"),
    ("Шевченко", "Коваленко", "Бондаренко", "Ткаченко", "Кравчук", "Мельник", "Поліщук", "Савченко",
     "Лисенко", "Руденко", "Марченко", "Гончар"),
    "+380", ("44", 7),
)  # fmt: skip

POLAND = Country(
    "PL",
    ("Polska", "Poland"),
    (
        Town("Warszawa", "00-0", "PL-14", ("Warsaw", "WARSZAWA")),
        Town("Kraków", "31-0", "PL-12", ("Krakow", "Cracow")),
        Town("Wrocław", "50-0", "PL-02", ("Wroclaw",)),
        Town("Poznań", "61-7", "PL-30", ("Poznan",)),
        Town("Bydgoszcz", "85-0", "PL-04", ()),
    ),
    ("Długa", "Mickiewicza", "Kościuszki", "Polna", "Ogrodowa", "Lipowa", "Piłsudskiego",
     "Słowackiego", "Krótka", "Szkolna"),
    ("ul. {}", "ul.{}", "ulica {}", "Ul. {}"),
    ("Sp. z o.o.", "sp. z o. o.", "S.A.", "Sp. j."),
    ("Bałtyk", "Tatry", "Wisła", "Orzeł", "Polonia", "Mazowsze", "Jantar", "Zefir", "Nowa Huta",
     "Pomorze", "Skarbiec", "Kryształ", "Meteor", "Dąb", "Sokół", "Śnieżka"),
    ("Transport", "Budowa", "Żywność", "Metale", "Meble", "Farma", "Chemia", "Energia", "Druk",
     "Tekstylia", "Systemy", "Handel", "Spedycja", "Narzędzia"),
    ("Piotr", "Anna", "Krzysztof", "Katarzyna", "Andrzej", "Małgorzata", "Tomasz", "Agnieszka", "Paweł", "Ewa"),
    ("Nowak", "Kowalski", "Wiśniewski", "Wójcik", "Kamiński", "Lewandowski", "Zieliński",
     "Szymański", "Dąbrowski", "Mazur", "Krawczyk", "Grabowski"),
    "+48", ("22", 7),
)  # fmt: skip

UZBEKISTAN = Country(
    "UZ",
    ("O‘zbekiston", "Uzbekistan", "Узбекистан"),
    (
        Town("Toshkent", "1000", "UZ-TK", ("Tashkent", "Ташкент", "Toshkent sh.")),
        Town("Samarqand", "1401", "UZ-SA", ("Samarkand", "Самарканд")),
        Town("Buxoro", "2001", "UZ-BU", ("Bukhara", "Бухара")),
        Town("Namangan", "1601", "UZ-NG", ("Наманган",)),
        Town("Andijon", "1701", "UZ-AN", ("Andijan", "Андижан")),
    ),
    ("Amir Temur", "Navoiy", "Bobur", "Mustaqillik", "Ibn Sino", "Beruniy", "Sharof Rashidov",
     "Furqat", "Bunyodkor", "Shota Rustaveli"),
    ("{} ko‘chasi", "{} ko'chasi", "{} kochasi", "{} kuchasi"),
    ("MChJ", "AJ", "XK", "OOO"),
    ("Registon", "Zarafshon", "Ipak Yo‘li", "Chorsu", "Sharq", "Oltin Vodiy", "Humo", "Navro‘z",
     "Turon", "Afrosiyob", "Semurg‘", "Chinor", "Istiqlol", "Buloq", "Xorazm", "Orzu"),
    ("Savdo", "Qurilish", "Tekstil", "Agro", "Farm", "Trans", "Energo", "Mebel", "Kimyo",
     "Logistika", "Oziq-ovqat", "Servis", "Metall", "Soft"),
    ("Aziz", "Dilnoza", "Jasur", "Malika", "Botir", "Nodira", "Sherzod", "Gulnora", "Otabek", "Zulfiya"),
    ("Karimov", "Rahimov", "Yusupov", "Toshmatov", "Abdullayev", "Ergashev", "Saidov", "Usmonov",
     "Qodirov", "Ismoilov", "Nazarov", "Hamidov"),
    "+998", ("71", 7),
)  # fmt: skip

SPAIN = Country(
    "ES",
    ("España", "Spain", "Espana"),
    (
        Town("Madrid", "280", "ES-M", ("MADRID",)),
        Town("Barcelona", "080", "ES-B", ()),
        Town("Valencia", "460", "ES-V", ("València",)),
        Town("Sevilla", "410", "ES-SE", ("Seville",)),
        Town("Zaragoza", "500", "ES-Z", ("Saragossa",)),
    ),
    ("Mayor", "Alcalá", "de la Constitución", "San Juan", "Colón", "Real", "Goya",
     "de la Paz", "Velázquez", "del Mar"),
    ("Calle {}", "C/ {}", "c/{}", "Cl. {}"),
    ("S.L.", "SL", "S.A.", "S.L.U."),
    ("Levante", "Ibérica", "Sierra Nevada", "Costa Azul", "Mediterránea", "Castilla", "Galaica",
     "Ebro", "Alhambra", "Norteña", "Atlántica", "Pirineos", "Tajo", "Doñana", "Cantábrica", "Meseta"),
    ("Alimentación", "Transportes", "Construcciones", "Químicas", "Muebles", "Farmacia",
     "Energías", "Textiles", "Metales", "Sistemas", "Logística", "Conservas", "Cerámicas", "Ediciones"),
    ("José", "María", "Antonio", "Carmen", "Manuel", "Ana", "Francisco", "Laura", "Javier", "Lucía"),
    ("García", "Martínez", "López", "Sánchez", "Pérez", "Gómez", "Fernández", "Ruiz", "Díaz",
     "Moreno", "Romero", "Navarro"),
    "+34", ("91", 7),
)  # fmt: skip

BRITAIN = Country(
    "GB",
    ("United Kingdom", "UK", "Great Britain"),
    (
        Town("London", "SW1A ", "GB-LND", ("LONDON",)),
        Town("Manchester", "M1 ", "GB-MAN", ()),
        Town("Leeds", "LS1 ", "GB-LDS", ()),
        Town("Bristol", "BS1 ", "GB-BST", ()),
        Town("Glasgow", "G1 ", "GB-GLG", ()),
    ),
    ("High Street", "Station Road", "Church Lane", "Victoria Road", "Park Avenue", "Queen Street",
     "Mill Lane", "Kings Road", "Green Lane", "Bridge Street"),
    ("{}",),
    ("Ltd", "Limited", "Ltd.", "PLC", "LLP"),
    ("Northern", "Albion", "Crown", "Thames", "Highland", "Severn", "Pennine", "Beacon", "Harbour",
     "Oakwood", "Sterling", "Falcon", "Cotswold", "Granite", "Meridian", "Avon"),
    ("Foods", "Haulage", "Builders", "Chemicals", "Furniture", "Pharma", "Energy", "Textiles",
     "Metals", "Software", "Logistics", "Printing", "Tools", "Consulting"),
    ("James", "Emma", "Oliver", "Sophie", "Harry", "Grace", "Thomas", "Alice", "George", "Ruth"),
    ("Smith", "Taylor", "Brown", "Wilson", "Evans", "Walker", "Wright", "Hughes", "Green", "Cooper",
     "Turner", "Parker"),
    "+44", ("207", 7),
)  # fmt: skip

COUNTRIES = (GREECE, UKRAINE, POLAND, UZBEKISTAN, SPAIN, BRITAIN)
