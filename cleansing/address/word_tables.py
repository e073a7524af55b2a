"""The words themselves, by language, and the languages by country.

Words are written as `cleansing.text.fold` gives them; `_` stands for a blank inside a word
("пр-т" folds to `пр т`).
"""

from __future__ import annotations

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "street_before": "avenue_of_the rue",
        "street_after": "street st str road rd avenue ave av lane ln drive dr boulevard blvd way "
        "court ct place pl square sq terrace ter close crescent cres highway hwy parkway pkwy "
        "parade row walk hill gardens grove mews alley circle cir trail trl drove quay wharf "
        "embankment plaza esplanade view rise vale yard bypass motorway arcade gate broadway "
        "freeway expressway turnpike path loop strand side causeway shlyakh shliakh shlyah "
        "prospekt "
        "prospect prosp bulvar bulvard ulitsa ulica naberezhnaya",
        "number_before": "no № number building bldg_no house bld bldg",
        "unit_before": "apt apartment flat unit suite ste room rm office floor fl level lot block "
        "blk studio shop door ap off tower",
        "unit_after": "floor fl flr",
        "unit_rest": "business_center business_centre",
        "city_before": "city_of town_of municipality_of",
        "region_before": "county co state_of province_of region_of",
        "region_after": "region oblast province county state voivodeship governorate prefecture",
        "district_after": "district municipality township suburb",
        "noise": "attn attention c_o att fao tel phone mob mobile fax email e_mail care_of vat ref",
        "company": "ltd llc inc gmbh plc corp corporation co_ltd company limited llp group holding "
        "bank hotel embassy museum library hospital office post_office university restaurant bar",
    },
    "el": {
        "street_before": "οδος λεωφορος λεωφ λ πλατεια πλ παραλια παραδρομος οδ στοα ακτη "
        "leoforos leof odos plateia plat",
        "number_before": "αρ αριθμος αρ_ no αριθ",
        "unit_before": "οροφος διαμερισμα διαμ γραφειο γρ κτιριο κτ isogeio",
        "unit_after": "οροφος ορ οροφοσ οροφου orofos",
        "unit_alone": "ισογειο ημιοροφος υπογειο",
        "city_before": "δημος",
        "region_before": "νομος περιφερεια ν nomos π_ε",
        "noise": "υποψη υποψιν τηλ τηλεφωνο κινητο κιν φαξ αφμ υπ_οψιν προς κυριο δ_υ ypopsi",
        "company": "αε α_ε επε ε_π_ε οε ο_ε ικε ι_κ_ε εταιρεια αφοι εε",
        "postcode": "τ\\.?\\s?κ\\.?|tk|t\\.k\\.",
    },
    "uk": {
        "street_before": "вул вулиця просп проспект пр пр_т пл площа пров провулок бульв бульвар "
        "б_р бул шосе наб набережна узвіз майдан тупик проїзд пр_д алея мкр мікрорайон м_н ж_м "
        "vul vulytsia vulytsya prosp prospekt bulv bulvar prov provulok ploshcha pl пр_кт просп_т "
        "вулица в_ця вулі житловий_масив",
        "street_after": "вулиця проспект шлях шосе бульвар площа узвіз провулок тракт набережна "
        "проїзд алея",
        "number_before": "буд будинок б № дом д bud budynok",
        "unit_before": "кв квартира оф офіс кім кімната каб кабінет приміщення прим корп корпус "
        "під їзд підїзд пов поверх секція літера літ кв_ра kv of ofis bud_korp прим_ня",
        "unit_after": "поверх пов підїзд секція",
        "unit_rest": "бц тц трц бізнес_центр тоц",
        "city_before": "м місто смт с село сел селище пгт г город m misto смт_",
        "city_after": "місто",
        "region_before": "обл область",
        "region_after": "обл область oblast obl області",
        "district_after": "р_н район раион р_ну raion тг отг тергромада",
        "noise": "відділення нова_пошта nova_poshta отделение новая_почта увага до_уваги для тел "
        "моб телефон факс конт контакт отримувач єдрпоу кому "
        "e_mail пошта директору",
        "company": "тов тзов пп фоп ат прат пат ооо зат приватне товариство ті_ов",
        "postcode": "індекс|пошт(?:овий)?\\.? індекс|index",
    },
    "ru": {
        "street_before": "ул улица просп проспект пр пр_т пр_кт пл площадь пер переулок бул "
        "бульвар "
        "б_р бульв ш шоссе наб набережная тракт туп тупик проезд пр_д аллея мкр микрорайон мкрн "
        "кв_л квартал массив м_в линия ул_ца ul ulitsa prosp prospekt pr pereulok per "
        "проспект_ промзона м_р_н",
        "street_after": "ул улица пр проспект пр_т просп шоссе ш бульвар б_р бул площадь пл наб "
        "набережная пер переулок тракт проезд линия аллея вал тупик кольцо",
        "number_before": "д дом № зд здание вл влад владение зу уч участок d dom стр_ие",
        "unit_before": "кв квартира оф офис ком комната каб кабинет пом помещение корп корпус к "
        "стр строение под подъезд эт этаж лит литера литер блок секция kv of ofis pom korp",
        "unit_after": "этаж эт подъезд",
        "unit_rest": "бц тц трц тоц бизнес_центр",
        "city_before": "г гор город пгт с село пос поселок п ст_ца станица д_ деревня дер г_о "
        "городской_округ рп аул g gor gorod",
        "region_before": "респ республика край",
        "region_after": "обл область области край края республика республики oblast obl ао округ "
        "автономный_округ kray",
        "district_after": "р_н район раион района муниципальный сельсовет м_о",
        "noise": "отделение новая_почта вниманию для тел моб телефон факс конт контакт "
        "получатель инн кпп кому "
        "лично_в_руки e_mail почта директору лично",
        "company": "ооо оао зао ао пао ип тоо чп фгуп общество мчж",
        "postcode": "индекс|почт(?:овый)?\\.? индекс|index",
    },
    "pl": {
        "street_before": "ul ulica al aleja aleje pl plac os osiedle rondo skwer bulwar bulwary "
        "szosa trakt droga wybrzeze zaulek pasaz ulicy most",
        "street_after": "ulica",
        "number_before": "nr numer dom d",
        "unit_before": "bud budynek m lok lokal mieszkanie miesz pok pokoj pietro p kl klatka "
        "biuro hala box "
        "pom pomieszczenie lok_nr skrytka",
        "unit_after": "pietro p pietr",
        "unit_alone": "parter",
        "city_before": "miasto m_st gm gmina wies",
        "region_before": "woj wojewodztwo",
        "region_after": "wojewodztwo woj",
        "district_before": "pow powiat gmina gm dzielnica dz",
        "noise": "do_rak tel tel_kom kom fax dla nip regon kontakt sz_p attn recepcja",
        "company": "sp_z_o_o sp sa s_a spolka sp_j sp_k s_c phu ppuh fhu zaklad firma p_h_u z_o_o",
        "postcode": "kod(?: pocztowy)?|k\\.\\s?p\\.",
    },
    "uz": {
        "street_before": "",
        "street_after": "kochasi koch kocha kuchasi кўчаси кучаси кўч shoh_kochasi prospekti "
        "shohkochasi shoh shossesi xiyoboni mavze mavzesi dahasi daha даҳаси мавзе мавзеси "
        "kvartal mahallasi mfy maydoni tor_kochasi yoli guzari ulitsa massivi massiv маҳалласи",
        "number_before": "uy уй dom № d uy_raqami raqam",
        "number_after": "uy уй dom",
        "unit_before": "xonadon xona kv kvartira xon хонадон хона ofis office kvartira_ bino",
        "unit_after": "xonadon xona kvartira хонадон хона qavat қават podyezd ofis korpus",
        "city_after": "shahri shahar sh ш шаҳри шахри шаҳар шахар г qishlogi qishloq shaxri "
        "shaharchasi",
        "city_before": "г gorod g",
        "region_after": "viloyati viloyat vil вилояти вил вилоят respublikasi республикаси",
        "district_after": "tumani tuman тумани т_ни тум tum t_ni rayoni rayon",
        "noise": "tel mob telefon faks etibor etiboriga kontakt inn stir rahbar",
        "company": "mchj мчж xk qk aj oaj ooo ip mas_uliyati",
        "postcode": "indeks|индекс|pochta indeksi",
    },
    "es": {
        "street_before": "c calle cl c_ avda avd av avenida ave pza plaza pl plza pº po paseo pso "
        "ps rda ronda ctra carretera cra crta trav travesia tv camino cno cmno via gran_via rambla "
        "rbla urb urbanizacion pol poligono poligono_industrial pol_ind p_i parque glorieta gta "
        "cuesta bda barrio carrer avinguda passeig placa pg rua praza kalea autovia pasaje psje "
        "callejon bulevar paraje carrera cr cll calz calzada prolongacion rd jr jiron "
        "pasatge camí cami estrada kaia autopista muelle",
        "street_after": "kalea etorbidea plaza hiribidea",
        "number_before": "nº no num numero n № nro n_ nave parcela",
        "unit_before": "piso planta pta puerta esc escalera bloque bl blq portal local of oficina "
        "int interior dpto depto apto letra nave bajo entlo pral despacho atico ático edif "
        "edificio pis porta",
        "unit_after": "planta piso pta",
        "unit_alone": "bajo bajos bjo bxos izda izq izquierda dcha derecha dch entlo entresuelo "
        "pral principal atico ático sobreatico baix baixos",
        "city_before": "ciudad_de",
        "region_before": "prov provincia provincia_de provincia_del departamento_de",
        "region_after": "provincia",
        "noise": "att atn atencion a_la_atencion a_la_att a_a tel telf tfno tlf telefono movil "
        "fax cif nif d_a at_ contacto",
        "company": "sl s_l sa s_a slu s_l_u sau sll scp c_b sociedad",
        "postcode": "c\\.?\\s?p\\.?|cod(?:igo)?\\.? postal",
    },
    "de": {
        "street_before": "strasse str am an_der im in_der zum zur auf_der unter_den an_den platz",
        "street_after": "strasse str gasse weg platz allee damm ring ufer chaussee steig pfad "
        "markt graben stieg promenade brucke",
        "street_suffix": "strasse str gasse weg platz allee damm ring ufer chaussee steig stieg "
        "markt graben hof berg kai twiete steg wall pfad brucke zeile landstr",
        "number_before": "nr hausnr no hausnummer",
        "unit_before": "whg wohnung zimmer zi top stiege stg tur etage apartment haus gebaude geb "
        "aufgang block",
        "unit_after": "og stock etage obergeschoss ug stg dg",
        "unit_alone": "eg erdgeschoss hinterhaus hh vorderhaus dg dachgeschoss",
        "noise": "z_hd zu_handen z_h tel telefon fax mobil zhd abt abteilung hd ansprechpartner",
        "company": "gmbh ag kg ohg ug e_v ek gbr kgaa mbh e_k se firma fa",
        "postcode": "plz",
    },
    "fr": {
        "street_before": "rue r av ave avenue bd bld boulevard blvd pl place chemin ch che allee "
        "all allees impasse imp quai q cours route rte square sq passage pass sentier villa cite "
        "faubourg fg fbg residence res hameau lieu_dit zone zi za zac esplanade rond_point "
        "promenade "
        "autoroute montee ruelle galerie voie",
        "street_after": "",
        "number_before": "n nº no numero №",
        "number_after": "bis ter quater",
        "unit_before": "apt appt appartement bat batiment esc escalier etage porte bureau bte "
        "boite "
        "immeuble imm lot",
        "unit_after": "etage et etg",
        "unit_alone": "rdc rez_de_chaussee",
        "noise": "tel telephone fax port portable a_l_attention a_l_attention_de attn att siret "
        "tva "
        "a_l_att al_attention",
        "company": "sarl s_a_r_l sas sasu sa s_a eurl sci snc societe ste ets",
        "postcode": "cp|code postal",
    },
    "it": {
        "street_before": "via v viale v_le vle piazza p_zza pza pzza p_za corso c_so largo l_go "
        "vicolo vic strada str piazzale p_le ple lungomare contrada c_da cda borgo lungotevere "
        "salita galleria calle fondamenta campo localita loc traversa viale_ rione frazione fraz",
        "number_before": "n nº no num numero civ civico nr №",
        "number_after": "bis ter",
        "unit_before": "int interno scala sc piano p palazzina pal edificio ed lotto",
        "unit_after": "piano p",
        "region_before": "prov provincia provincia_di",
        "noise": "tel telefono cell fax p_iva alla_c_a c_a att_ne attn alla_cortese_attenzione att "
        "c_att all_attenzione",
        "company": "srl s_r_l spa s_p_a snc sas s_n_c s_a_s ditta srls",
        "postcode": "cap",
    },
    "nl": {
        "street_before": "laan_van plein",
        "street_after": "straat weg laan plein kade gracht voorhout dijk singel dreef",
        "street_suffix": "straat weg laan plein kade gracht dijk singel dreef pad hof markt dam "
        "steeg baan wal plantsoen park str burgwal",
        "number_after": "bis",
        "number_before": "nr no",
        "unit_before": "bus app verdieping etage kamer unit hs",
        "unit_after": "etage verdieping hoog",
        "noise": "t_a_v tav tel telefoon fax mob ter_attentie_van",
        "company": "bv b_v nv n_v vof cv stichting",
    },
    "pt": {
        "street_before": "rua r avenida av praca pca pc largo lgo travessa tv estrada est rodovia "
        "rod alameda al beco calcada largo_do ladeira praceta",
        "number_before": "nº no n numero № num",
        "unit_before": "quadra qd apto ap apt andar sala bloco bl lote conj conjunto esq dto "
        "casa loja fracao",
        "unit_after": "andar esq dto",
        "noise": "a_c ao_cuidado tel telef telefone fax cnpj nif att aos_cuidados",
        "company": "lda ltda s_a sa eireli unipessoal",
        "postcode": "cep|c\\.?p\\.?",
    },
    "ro": {
        "street_before": "str strada bd bdul b_dul blvd bulevardul bulevard bul b_dul_ calea cal "
        "sos soseaua splaiul spl aleea al piata p_ta pta intrarea intr drumul prelungirea",
        "number_before": "nr numarul no",
        "unit_before": "bl bloc sc scara et etaj ap apartament apt camera birou corp cam",
        "unit_after": "etaj",
        "unit_alone": "parter",
        "city_before": "mun municipiul oras orasul com comuna sat satul loc localitatea",
        "region_before": "jud judetul judet",
        "district_before": "sector sectorul sect cartier cart",
        "noise": "tel telefon mobil fax in_atentia in_atentie att cui pt pentru",
        "company": "srl s_r_l sa s_a sc_ pfa",
        "postcode": "cod(?: po[sș]tal)?|c\\.p\\.",
    },
    "bg": {
        "street_before": "ул улица бул булевард пл площад жк ж_к кв квартал ul ulitsa bul bulevard "
        "шосе зona алея",
        "street_after": "",
        "number_before": "№ номер no бр",
        "unit_before": "бл блок вх вход ет етаж ап апартамент офис оф стая bl vh et ap магазин",
        "unit_after": "етаж ет",
        "city_before": "гр град с село gr",
        "region_before": "обл област oblast",
        "region_after": "област",
        "district_before": "общ община район р_н",
        "noise": "тел моб на_вниманието вниманието факс еик за до_г_н gsm",
        "company": "оод еоод ад еад ет_ ltd",
        "postcode": "п\\.?к\\.?|пощ(?:енски)? код",
    },
    "cs": {
        "street_before": "ul ulice nam namesti tr trida nabr nabrezi namestie ulica",
        "street_after": "nam namesti ulice trida nabrezi ul tr cesta namestie ulica",
        "number_before": "c_p cp c č_p cislo",
        "unit_before": "byt patro dvere kancelar budova poschodi poschodie vchod",
        "unit_after": "patro np poschodi poschodie p",
        "city_before": "mesto obec",
        "region_after": "kraj",
        "region_before": "okr okres kraj",
        "noise": "tel telefon mobil fax k_rukam ic dic pro ico",
        "company": "s_r_o sro a_s as spol spol_s_r_o v_o_s",
        "postcode": "ps[cč]",
    },
    "hu": {
        "street_before": "",
        "street_after": "utca u ut utja ter tere korut krt rakpart rkp setany sor koz fasor "
        "sugarut lejto part dulo hid ucta",
        "number_before": "szam sz",
        "number_after": "sz szam",
        "unit_before": "emelet em ajto lepcsohaz lph fsz iroda",
        "unit_after": "emelet em ajto a",
        "unit_alone": "fsz foldszint fszt",
        "region_after": "megye",
        "noise": "tel telefon mobil fax reszere adoszam kp",
        "company": "kft bt zrt nyrt rt kkt ev",
        "postcode": "irsz|ir\\.?sz\\.?",
    },
    "tr": {
        "street_before": "",
        "street_after": "caddesi cad cd sokak sokagi sok sk bulvari blv bulv bul yolu meydani "
        "mahallesi mah mh cadde cikmazi sitesi osb",
        "number_before": "no n numara nr",
        "unit_before": "daire d kat k blok ofis da ic_kapi_no kapi",
        "unit_after": "kat blok daire",
        "region_after": "ili il",
        "district_after": "ilcesi",
        "noise": "tel telefon gsm faks dikkatine sn vkn cep",
        "company": "ltd_sti a_s as sti ltd san tic ticaret sanayi",
        "postcode": "pk|p\\.k\\.|posta kodu",
    },
    "sv": {
        "street_before": "",
        "street_after": "gata gatan vag vagen gate vej gade alle plads veien gaten plan torg "
        "allen vei torget plass",
        "street_suffix": "gatan vagen gata vag gade vej alle plads gata gate veien vegen gaten "
        "katu "
        "tie kuja polku torget torg plass plan backen grand stigen parken gotu gota garde",
        "number_before": "nr no",
        "unit_before": "lgh vaning leil leilighet etasje sal as asunto",
        "unit_after": "tr sal etg tv th mf trappor",
        "noise": "att tel telefon mobil fax v c_o",
        "company": "ab as aps a_s oy oyj hb asa oue",
    },
    "sh": {
        "street_before": "ulica ul trg bulevar bul avenija setaliste put cesta улица булевар трг "
        "ул",
        "street_after": "ulica trg put cesta ulice",
        "number_before": "br broj бр",
        "unit_before": "stan sprat kat ulaz lok poslovni",
        "unit_after": "sprat kat",
        "noise": "tel telefon mob fax za n_r",
        "company": "d_o_o doo d_d a_d dooel",
    },
    "lt": {
        "street_before": "",
        "street_after": "g gatve pr prospektas al aleja pl plentas iela bulvaris prospekts tn tee "
        "mnt maantee puiestee pst gatve laukums skg a kuja",
        "unit_before": "but dz dzivoklis krt korter kab",
        "noise": "tel telefonas mob faks",
        "company": "uab ab sia as ou mb vsi",
    },
    "hy": {
        "street_before": "փողոց",
        "street_after": "փողոց փ պողոտա պող խճուղի poghota p poghoc",
        "number_before": "շենք տուն",
        "unit_before": "բն բնակարան apt",
        "noise": "հեռ",
    },
    "ka": {
        "street_before": "",
        "street_after": "ქუჩა ქ გამზირი გამზ",
        "unit_before": "ბინა ბ",
        "noise": "ტელ",
    },
    "az": {
        "street_before": "",
        "street_after": "kuc kucasi kuca prospekti pr xiyabani",
        "unit_before": "m manzil",
        "number_before": "ev bina",
        "noise": "tel mob",
    },
    "ar": {
        "street_before": "شارع طريق نهج جادة jalan jln lorong",
        "street_after": "magu lam",
        "noise": "هاتف",
    },
}

_COUNTRIES = """
GR=el CY=el UA=uk+ru RU=ru BY=ru+uk KZ=ru KG=ru+uz UZ=uz+ru TJ=ru+uz TM=ru+uz PL=pl
ES=es MX=es AR=es CL=es CO=es PE=es VE=es EC=es UY=es PY=es BO=es CR=es CU=es DO=es
GT=es HN=es NI=es PA=es PR=es SV=es GQ=es AD=es DE=de AT=de CH=de+fr+it LI=de LU=fr+de
FR=fr BE=nl+fr MC=fr IT=it SM=it VA=it NL=nl AW=nl CW=nl SR=nl PT=pt BR=pt AO=pt MZ=pt
CV=pt GW=pt ST=pt TL=pt RO=ro MD=ro+ru BG=bg CZ=cs SK=cs HU=hu TR=tr SE=sv DK=sv NO=sv
FI=sv IS=sv FO=sv GL=sv AX=sv HR=sh RS=sh BA=sh SI=sh ME=sh MK=sh+bg XK=sh LT=lt
LV=lt+ru EE=lt+ru AM=hy+ru GE=ka+ru AZ=az+ru AE=ar JO=ar PS=ar EG=ar SA=ar TN=fr+ar
MA=fr+ar DZ=fr+ar LB=ar+fr QA=ar KW=ar OM=ar BH=ar IQ=ar YE=ar SY=ar LY=ar SD=ar
MR=fr+ar MY=ar ID=ar BN=ar MV=ar CI=fr SN=fr ML=fr BF=fr NE=fr TD=fr GN=fr BJ=fr TG=fr
CM=fr GA=fr CG=fr CD=fr CF=fr DJ=fr KM=fr MG=fr HT=fr NC=fr PF=fr GF=fr GP=fr MQ=fr
RE=fr YT=fr PM=fr WF=fr VU=fr BI=fr RW=fr CA=fr MF=fr BL=fr
"""

SPOKEN: dict[str, list[str]] = {
    country: languages.split("+")
    for country, languages in (pair.split("=") for pair in _COUNTRIES.split())
}
"""alpha-2 → languages of its addresses, English apart."""

_NUMBER_FIRST = """
AG AU BB BF BJ BM BS BW BZ CA CD CF CG CI CM DJ DM DZ FJ FR GA GB GD GF GG GH GI GN GP
GY HK HT IE IL IM IN JE JM KE KM KN KY LC LK LS LU MA MC MG ML MQ MT MU MW NA NC NE NG
NZ PF PG PH PK PM RE SB SC SG SN SZ TD TG TH TN TT TZ UG US VC VG VI VN YT ZA ZM ZW
"""

NUMBER_FIRST = frozenset(_NUMBER_FIRST.split())
"""Countries that write the house number in front of the street."""
