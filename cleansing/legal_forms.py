"""Legal forms of companies: how each is abbreviated, where it exists and how people spell it.

Columns: form | countries (ISO alpha-2) | `<` when it may stand in front of the name | spellings,
parted by semicolons; a line may go on below. Case, dots, blanks and diacritics do not matter.
"""

from __future__ import annotations

from cleansing.tables import rows

FORMS = rows(
    r"""
    ТОВ | UA | < | Товариство з обмеженою відповідальністю; ТзОВ
        ; Т-во з обмеженою відповідальністю; TOV
    ТДВ | UA | < | Товариство з додатковою відповідальністю
    АТ | UA | < | Акціонерне товариство
    ПрАТ | UA | < | Приватне акціонерне товариство
    ПАТ | UA | < | Публічне акціонерне товариство
    ВАТ | UA | < | Відкрите акціонерне товариство
    ЗАТ | UA | < | Закрите акціонерне товариство
    ФОП | UA | < | Фізична особа-підприємець; Фізична особа підприємець; СПД; СПД ФО; ФО-П; ФЛП; FOP
    ПП | UA | < | Приватне підприємство
    ДП | UA | < | Державне підприємство
    КП | UA | < | Комунальне підприємство
    КНП | UA | < | Комунальне некомерційне підприємство
    МП | UA | < | Мале підприємство
    СП | UA RU BY UZ | < | Спільне підприємство; Совместное предприятие
    ФГ | UA | < | Фермерське господарство; СФГ; Селянське фермерське господарство
    СТОВ | UA | < | Сільськогосподарське товариство з обмеженою відповідальністю
    ОСББ | UA | < | Об'єднання співвласників багатоквартирного будинку
    ГО | UA | < | Громадська організація
    БФ | UA RU | < | Благодійний фонд; Благотворительный фонд
    ІП | UA | < | Іноземне підприємство
    ДУ | UA | < | Державна установа
    ООО | RU BY UZ KG TJ TM AM AZ GE MD KZ | < | Общество с ограниченной ответственностью; OOO
    АО | RU BY KZ UZ KG TJ | < | Акционерное общество
    ПАО | RU | < | Публичное акционерное общество
    НАО | RU | < | Непубличное акционерное общество
    ОАО | RU BY UZ KG TJ | < | Открытое акционерное общество
    ЗАО | RU BY UZ KG TJ AM | < | Закрытое акционерное общество
    ИП | RU BY KZ UZ KG TJ | < | Индивидуальный предприниматель
    ЧП | RU UA BY UZ | < | Частное предприятие
    ГУП | RU UZ | < | Государственное унитарное предприятие
    ФГУП | RU | < | Федеральное государственное унитарное предприятие
    МУП | RU | < | Муниципальное унитарное предприятие
    УП | BY | < | Унитарное предприятие
    ЧУП | BY | < | Частное унитарное предприятие; ЧТУП; ЧПУП; УЧП
    РУП | BY | < | Республиканское унитарное предприятие
    ОДО | BY | < | Общество с дополнительной ответственностью
    СООО | BY | < | Совместное общество с ограниченной ответственностью
    ИООО | BY UZ | < | Иностранное общество с ограниченной ответственностью
    ТАА | BY | < | Таварыства з абмежаванай адказнасцю
    ААТ | BY | < | Адкрытае акцыянернае таварыства
    НКО | RU | < | Некоммерческая организация
    АНО | RU | < | Автономная некоммерческая организация
    КФХ | RU | < | Крестьянское фермерское хозяйство
    ТОО | KZ | < | Товарищество с ограниченной ответственностью
    ЖШС | KZ KG | < | Жауапкершілігі шектеулі серіктестік; Жауапкершілігі шектеулі серіктестігі; ЖШҚ
    АҚ | KZ | < | Акционерлік қоғам; Акционерлік қоғамы
    ОсОО | KG | < | Общество с ограниченной ответственностью
    ҶДММ | TJ | < | Ҷамъияти дорои масъулияташ маҳдуд
    MChJ | UZ | < | Mas'uliyati cheklangan jamiyat; Mas'uliyati cheklangan jamiyati; MCHJ; МЧЖ
        ; Масъулияти чекланган жамият; Масъулияти чекланган жамияти
    MChJ QK | UZ | < | MCHJ qo'shma korxona; QK MChJ; МЧЖ ҚК; ҚК МЧЖ; qo'shma korxona MChJ
    AJ | UZ | < | Aksiyadorlik jamiyati; АЖ; Aksiyadorlik jamiyat
    QMJ | UZ | < | Qo'shimcha mas'uliyatli jamiyat
    XK | UZ | < | Xususiy korxona; ХК
    QK | UZ | < | Qo'shma korxona; ҚК
    OK | UZ | < | Oilaviy korxona; ОК
    YaTT | UZ | < | Yakka tartibdagi tadbirkor; YATT; ЯТТ
    DUK | UZ | < | Davlat unitar korxonasi; ДУК
    FX | UZ | < | Fermer xo'jaligi; ФХ
    Α.Ε. | GR CY | | Ανώνυμη Εταιρεία; Ανώνυμος Εταιρεία; Ανώνυμη Εταιρία; A.E.; Α.Ε.Ε.
        ; Ανώνυμη Εμπορική Εταιρεία
    Α.Β.Ε.Ε. | GR | | Ανώνυμη Βιομηχανική και Εμπορική Εταιρεία; ABEE
        ; Ανώνυμη Βιομηχανική Εμπορική Εταιρεία; Α.Β.&Ε.Ε.
    Α.Ε.Β.Ε. | GR | | AEBE
    Α.Τ.Ε. | GR | | Ανώνυμη Τεχνική Εταιρεία; ATE
    Α.Ε.Τ.Ε. | GR |
    Α.Ξ.Ε. | GR | | Ανώνυμη Ξενοδοχειακή Εταιρεία
    Ε.Π.Ε. | GR CY | | Εταιρεία Περιορισμένης Ευθύνης; Εταιρία Περιορισμένης Ευθύνης; E.P.E.; EΠE
    Μονοπρόσωπη Ε.Π.Ε. | GR | | Μ.Ε.Π.Ε.; Μον. Ε.Π.Ε.; Μονοπρόσωπη ΕΠΕ
        ; Μονοπρόσωπη Εταιρεία Περιορισμένης Ευθύνης
    Ι.Κ.Ε. | GR | | Ιδιωτική Κεφαλαιουχική Εταιρεία; I.K.E.
    Μονοπρόσωπη Ι.Κ.Ε. | GR | | Μ.Ι.Κ.Ε.; Μον. Ι.Κ.Ε.; Μονοπρόσωπη Ιδιωτική Κεφαλαιουχική Εταιρεία
    Μονοπρόσωπη Α.Ε. | GR | | Μον. Α.Ε.; Μ.Α.Ε.; Μονοπρόσωπη Ανώνυμη Εταιρεία
    Ο.Ε. | GR | | Ομόρρυθμη Εταιρεία; Ομόρρυθμος Εταιρεία; Ομόρρυθμη Εταιρία; O.E.
    Ε.Ε. | GR | | Ετερόρρυθμη Εταιρεία; Ετερόρρυθμος Εταιρεία; Ετερόρρυθμη Εταιρία; E.E.
    Α.Μ.Κ.Ε. | GR | | Αστική Μη Κερδοσκοπική Εταιρεία
    Κοιν.Σ.Επ. | GR | | Κοινωνική Συνεταιριστική Επιχείρηση; ΚΟΙΝΣΕΠ
    Λτδ | GR CY | | Λίμιτεδ
    Sp. z o.o. | PL | < | Spółka z ograniczoną odpowiedzialnością; Spółka z o.o.; Sp. z o. o.
        ; Spzoo; Spółka z ogr. odp.; Sp. z ogr. odp.; Sp.z.o.o.; SP Z OO; Sp. zo.o.; Sp. z.oo
    Sp. z o.o. sp.k. | PL | | Spółka z o.o. sp.k.
        ; Spółka z ograniczoną odpowiedzialnością spółka komandytowa
        ; Sp. z o.o. spółka komandytowa; Spółka z o.o. spółka komandytowa
        ; Spółka z ograniczoną odpowiedzialnością sp.k.; Sp. z o.o. S.K.; Sp. z o.o. sp. kom.
    Sp. z o.o. S.K.A. | PL | | Spółka z o.o. S.K.A.
        ; Spółka z ograniczoną odpowiedzialnością spółka komandytowo-akcyjna
    Sp.k. | PL | | Spółka komandytowa; Sp. kom.
    Sp.j. | PL | | Spółka jawna; Sp. jawna
    S.K.A. | PL | | Spółka komandytowo-akcyjna
    S.A. sp.k. | PL | | Spółka akcyjna spółka komandytowa
    P.S.A. | PL | | Prosta spółka akcyjna
    s.c. | PL | | Spółka cywilna; Sp. c.; Sp. cywilna
    Sp.p. | PL | | Spółka partnerska
    S.A. | ES FR PL GR BE LU CH PT RO AR MX CL PE CO BR UY EC CR PA MA | < | Spółka akcyjna
        ; Sp. akc.; Sociedad Anónima; Société Anonyme; Sociedade Anónima; Societate pe acțiuni; SA
    S.L. | ES | | Sociedad Limitada; Sociedad de Responsabilidad Limitada
    S.L.U. | ES | | Sociedad Limitada Unipersonal; S.L. Unipersonal; S.L. (U)
    S.L.L. | ES | | Sociedad Limitada Laboral; S.L. Laboral
    S.L.P. | ES | | Sociedad Limitada Profesional; S.L. Profesional
    S.L.N.E. | ES | | Sociedad Limitada Nueva Empresa
    S.A.U. | ES AR | | Sociedad Anónima Unipersonal; S.A. Unipersonal
    S.A.L. | ES LB | | Sociedad Anónima Laboral
    S.Coop. | ES | | Sociedad Cooperativa; S. Coop.; Soc. Coop.; Coop. V.; S. Coop. And.; S.C.C.L.
        ; Sdad. Coop.
    C.B. | ES | | Comunidad de Bienes
    S.C. | ES MX | | Sociedad Civil
    S.A.T. | ES | | Sociedad Agraria de Transformación
    A.I.E. | ES | | Agrupación de Interés Económico
    U.T.E. | ES | < | Unión Temporal de Empresas
    S.A. de C.V. | MX | | Sociedad Anónima de Capital Variable; SA de CV; S.A.B. de C.V.
    S. de R.L. de C.V. | MX | | S de RL de CV
    S. de R.L. | MX HN | | S de RL
    S.A.S. | FR CO AR IT | | Société par actions simplifiée; Sociedad por Acciones Simplificada
        ; Società in accomandita semplice
    S.A.S.U. | FR | | Société par actions simplifiée unipersonnelle
    S.A.R.L. | FR LU CH MA TN | | Société à responsabilité limitée; SARL; S.à r.l.; Sàrl
    E.U.R.L. | FR | | Entreprise unipersonnelle à responsabilité limitée
    S.C.I. | FR | < | Société civile immobilière
    S.N.C. | FR IT BE RO | | Societate în nume colectiv; Société en nom collectif
        ; Società in nome collettivo
    S.C.S. | FR LU BE RO | | Societate în comandită simplă; Société en commandite simple
    S.C.A. | FR LU ES | | Société en commandite par actions
    G.I.E. | FR | < | Groupement d'intérêt économique
    GmbH | DE AT CH LI | | Gesellschaft mit beschränkter Haftung; Ges.m.b.H.; GesmbH; G.m.b.H.
        ; Gesellschaft m.b.H.; mbH
    gGmbH | DE | | gemeinnützige GmbH; gemeinnützige Gesellschaft mit beschränkter Haftung
    GmbH & Co. KG | DE AT | | GmbH und Co. KG; GmbH & Co KG; GmbH & Co. Kommanditgesellschaft
        ; GmbH & Cie. KG; Gesellschaft mit beschränkter Haftung & Co. KG
    GmbH & Co. OHG | DE | | GmbH & Co OHG
    GmbH & Co. KGaA | DE | | GmbH & Co KGaA
    AG & Co. KG | DE | | AG & Co KG
    AG & Co. KGaA | DE | | AG & Co KGaA
    UG & Co. KG | DE | | UG (haftungsbeschränkt) & Co. KG
    SE & Co. KGaA | DE | | SE & Co KGaA
    SE & Co. KG | DE | |
    UG (haftungsbeschränkt) | DE | | UG; Unternehmergesellschaft
        ; Unternehmergesellschaft (haftungsbeschränkt)
    AG | DE AT CH LI | | Aktiengesellschaft
    KGaA | DE | | Kommanditgesellschaft auf Aktien
    KG | DE AT | | Kommanditgesellschaft
    OHG | DE | | offene Handelsgesellschaft; oHG
    OG | AT | | Offene Gesellschaft
    GbR | DE | | Gesellschaft bürgerlichen Rechts
    PartG mbB | DE | | Partnerschaftsgesellschaft mbB; PartGmbB; Partnerschaft mbB
    e.K. | DE | | eingetragener Kaufmann; eingetragene Kauffrau; e.Kfm.; e.Kfr.
    e.U. | AT | | eingetragenes Einzelunternehmen; eingetragener Unternehmer
    e.V. | DE | | eingetragener Verein
    eG | DE | | eingetragene Genossenschaft
    B.V. | NL BE | | Besloten Vennootschap; BV; Besloten Vennootschap met beperkte aansprakelijkheid
    N.V. | NL BE CW | | Naamloze Vennootschap
    V.O.F. | NL BE | | Vennootschap onder firma
    C.V. | NL BE ID | | Commanditaire Vennootschap
    B.V.B.A. | BE | | Besloten Vennootschap met beperkte aansprakelijkheid
    S.P.R.L. | BE | | Société privée à responsabilité limitée
    S.R.L. | IT RO BE AR MD PE BO | | Società a responsabilità limitata
        ; Societate cu răspundere limitată; Srl; S.r.l.; Sociedad de Responsabilidad Limitada
    S.R.L.S. | IT | | Società a responsabilità limitata semplificata
    S.R.L.U. | IT | | S.r.l. unipersonale; S.r.l. a socio unico
    S.p.A. | IT DZ CL | | Società per azioni; Sociedad por Acciones
    S.A.P.A. | IT | | Società in accomandita per azioni
    S.S. | IT | < | Società semplice; Soc. semplice
    Soc. Coop. | IT | | Società Cooperativa; S.c.a r.l.; Scarl; Soc. Coop. a r.l.
    Lda. | PT AO MZ | | Limitada; Sociedade por quotas; Lda
    Unipessoal Lda. | PT | | Unipessoal Limitada; Sociedade Unipessoal por quotas; Unip. Lda
    Ltda. | BR CL CO | | Limitada; Ltda; Ltda ME; Ltda EPP
    EIRELI | BR | |
    MEI | BR | |
    S/A | BR | | Sociedade Anônima
    Ltd | GB IE CY IN IL CN HK MT NG KE ZA NZ TH UZ GE BD | | Limited; Ltd.; Ltd. liability co.
        ; Co. Ltd; Co., Ltd.; Company Limited; Co. Limited; ЛТД
    Pvt. Ltd. | IN PK BD LK | | Private Limited; Pvt Ltd; Pvt. Limited; (P) Ltd
    Pte. Ltd. | SG | | Pte Ltd; Private Limited
    Pty Ltd | AU ZA BW NA | | Proprietary Limited; Pty. Ltd.; (Pty) Ltd; Pty Limited
    Sdn. Bhd. | MY BN | | Sendirian Berhad; Sdn Bhd
    Bhd. | MY | | Berhad
    PLC | GB IE CY MT | | Public Limited Company; P.L.C.
    LLP | GB US IN SG | | Limited Liability Partnership; L.L.P.
    CIC | GB | | Community Interest Company
    CLG | IE | | Company Limited by Guarantee
    DAC | IE | | Designated Activity Company
    Inc. | US CA PH | | Incorporated; Inc
    Corp. | US CA PH | | Corporation; Corp
    LLC | US AE SA QA KW OM EG UA RU UZ GE AM AZ | | Limited Liability Company; L.L.C.
        ; Ltd. Liability Company
    L.P. | US CA GB | | Limited Partnership
    PLLC | US | | Professional Limited Liability Company; P.L.L.C.
    P.C. | US | | Professional Corporation
    P.A. | US | | Professional Association
    N.A. | US | | National Association
    FZE | AE | | FZ-E; Free Zone Establishment
    FZCO | AE | | FZ-CO
    FZ-LLC | AE | | FZ LLC; FZLLC
    W.L.L. | BH QA KW | | With Limited Liability
    ULC | CA | | Unlimited Liability Company
    Ltée | CA | | Limitée
    A/S | DK | | Aktieselskab; A/S
    ApS | DK | | Anpartsselskab
    I/S | DK | | Interessentskab
    K/S | DK | | Kommanditselskab
    P/S | DK | | Partnerselskab
    IVS | DK | | Iværksætterselskab
    AB | SE FI LT | < | Akcinė bendrovė; Aktiebolag; AB (publ); Aktiebolaget; AB publ
    HB | SE | | Handelsbolag
    KB | SE | | Kommanditbolag
    Ek. för. | SE | | Ekonomisk förening
    AS | NO EE LV | < | Aksjeselskap; Aktsiaselts; Akciju sabiedrība
    ASA | NO | | Allmennaksjeselskap
    ANS | NO | | Ansvarlig selskap
    ENK | NO | | Enkeltpersonforetak
    Oy | FI | | Osakeyhtiö
    Oyj | FI | | Julkinen osakeyhtiö
    Oy Ab | FI | | Oy AB
    Ky | FI | | Kommandiittiyhtiö
    Tmi | FI | < | Toiminimi; T:mi
    ehf. | IS | | Einkahlutafélag
    hf. | IS | | Hlutafélag
    OÜ | EE | < | Osaühing; OU
    MTÜ | EE | < | Mittetulundusühing
    FIE | EE | < | Füüsilisest isikust ettevõtja
    TÜ | EE | < | Täisühing
    SIA | LV | < | Sabiedrība ar ierobežotu atbildību
    IK | LV | < | Individuālais komersants
    UAB | LT | < | Uždaroji akcinė bendrovė
    MB | LT | < | Mažoji bendrija
    VšĮ | LT | < | Viešoji įstaiga; VSI
    IĮ | LT | < | Individuali įmonė
    s.r.o. | CZ SK | | spol. s r.o.; společnost s ručením omezeným
        ; spoločnosť s ručením obmedzeným; spol. s.r.o.; s. r. o.; spol.s r.o.
    a.s. | CZ SK | | akciová společnost; akciová spoločnosť; akc. spol.
    k.s. | CZ SK | | komanditní společnost; komanditná spoločnosť; kom. spol.
    v.o.s. | CZ SK | | veřejná obchodní společnost; verejná obchodná spoločnosť; veř. obch. spol.
    z.s. | CZ | | zapsaný spolek
    o.p.s. | CZ | | obecně prospěšná společnost
    družstvo | CZ SK | |
    š.p. | SK | | štátny podnik
    s.p. | CZ SI | | státní podnik; samostojni podjetnik
    n.o. | SK | | nezisková organizácia
    Kft. | HU | | Korlátolt felelősségű társaság; Kft
    Zrt. | HU | | Zártkörűen működő részvénytársaság; Zrt
    Nyrt. | HU | | Nyilvánosan működő részvénytársaság; Nyrt
    Rt. | HU | | Részvénytársaság
    Bt. | HU | | Betéti társaság; Bt
    Kkt. | HU | | Közkereseti társaság
    E.V. | HU | | egyéni vállalkozó
    ЕООД | BG | | Еднолично дружество с ограничена отговорност; EOOD
    ООД | BG | | Дружество с ограничена отговорност; OOD
    ЕАД | BG | | Еднолично акционерно дружество; EAD
    АД | BG RS MK ME | | Акционерно дружество; Акционарско друштво; AD
    ЕТ | BG | < | Едноличен търговец; ET
    СД | BG | < | Събирателно дружество
    КД | BG | < | Командитно дружество
    ДЗЗД | BG | < | Дружество по Закона за задълженията и договорите
    АДСИЦ | BG | |
    д.о.о. | RS ME BA MK | | Друштво са ограниченом одговорношћу; доо
    д.о.о.е.л. | MK | | ДООЕЛ; DOOEL; Друштво со ограничена одговорност од едно лице
    а.д. | RS ME | | Акционарско друштво
    с.з.р. | RS | | сзр; SZR
    d.o.o. | HR SI RS BA ME | | društvo s ograničenom odgovornošću; družba z omejeno odgovornostjo
        ; doo
    j.d.o.o. | HR | | jednostavno društvo s ograničenom odgovornošću
    d.d. | HR SI BA | | dioničko društvo; delniška družba
    d.n.o. | SI | | družba z neomejeno odgovornostjo
    k.d. | HR SI | | komanditno društvo; komanditna družba
    obrt | HR | < | obrtnik
    P.F.A. | RO | < | Persoană fizică autorizată
    I.I. | RO | < | Întreprindere individuală
    R.A. | RO | < | Regie autonomă
    Î.I. | MD | < | Întreprindere individuală
    Î.C.S. | MD | < | Întreprindere cu capital străin; ICS
    A.Ş. | TR | | Anonim Şirketi; Anonim Şti.; A.S.; Aş
    Ltd. Şti. | TR | | Limited Şirketi; Ltd Sti; Ltd. Şirketi; Limited Şti.
    Koll. Şti. | TR | | Kollektif Şirketi
    შპს | GE | < | შეზღუდული პასუხისმგებლობის საზოგადოება
    სს | GE | < | სააქციო საზოგადოება
    ՍՊԸ | AM | | Սահմանափակ պատասխանատվությամբ ընկերություն
    ՓԲԸ | AM | | Փակ բաժնետիրական ընկերություն
    MMC | AZ | | Məhdud Məsuliyyətli Cəmiyyət; Məhdud Məsuliyyətli Cəmiyyəti
    ASC | AZ | | Açıq Səhmdar Cəmiyyəti
    QSC | AZ | | Qapalı Səhmdar Cəmiyyəti
    Sh.p.k. | AL XK | | Shoqëri me përgjegjësi të kufizuar; SHPK
    Sh.A. | AL XK | | Shoqëri aksionare; SHA
    בע"מ | IL | | בעמ; בע״מ
    株式会社 | JP | < | (株); ㈱
    有限会社 | JP | < | (有); ㈲
    合同会社 | JP | < |
    K.K. | JP | | Kabushiki Kaisha
    有限公司 | CN HK TW | | 有限责任公司; 股份有限公司
    주식회사 | KR | < | (주); ㈜
    PT | ID | < | Perseroan Terbatas
    Tbk | ID | | Terbuka
    TNHH | VN | < | Công ty TNHH; Công ty trách nhiệm hữu hạn
    SE | DE FR AT NL CZ PL | | Societas Europaea
    SCE | DE IT | | Societas Cooperativa Europaea
    EEIG | GB IE BE | | EWIV; GEIE; European Economic Interest Grouping
    """
)
"""Form, countries, position and spellings of every legal form that is understood."""
