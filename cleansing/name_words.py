"""Words and endings in names of persons: titles, particles, patronymics, surnames."""

from __future__ import annotations

import re

from cleansing.tables import rows, words

TITLES = words(
    """
    mec ks ksiadz bp abp siostra lek wet pastor rabin hab. dypl tow magr zasl канд докт асп викл
    mr mrs ms miss mx dr prof sir dame lord lady rev fr hon eng mgr inz hab lic arch gen col
    capt maj ing mgr mudr judr phdr rndr bc doc dipl herr frau hr fr pan pani p panna sr sra
    srta don dona d da lcdo lcda dra ilmo excmo abg arq ab κος κοσ κ κα κυριος κυρια δρ δρος
    δροσ καθ καθηγητης καθηγητησ καθηγητρια αρχιμ πατηρ κύριος пан пані панна п др д-р проф
    інж к докт доц акад господин госпожа г-н г-жа гн гжа г товарищ тов м mme mlle m monsieur
    madame maître me sig dott dottssa dottore sigra signor signora avv geom rag bay bayan av
    uzm janob xonim prof. univ dl dna domnul doamna dhr mevr mevrouw drs ir herrn magister mag
    dkfm gospodin gospođa gdin gđa г-ца инж адв акад dipl-ing dr-ing med rer nat phil iur jur
    oec pol h.c hc habil ass ao univ-prof priv-doz
    """
)
"""Folded words in front of a name that are no part of it."""

AMBIGUOUS_TITLES: dict[str, frozenset[str]] = {
    **dict.fromkeys(words("don dona da lic ab abg arq"), words("es pt")),
    **dict.fromkeys(words("me m mme mlle maitre"), words("fr")),
    **dict.fromkeys(words("av bay bayan"), words("tr")),
    **dict.fromkeys(words("ing ir drs"), words("cs sk de es nl pl it ro")),
    **dict.fromkeys(words("dame lord lady hon col gen capt maj rev fr hr"), words("")),
    **dict.fromkeys(words("med rer nat phil iur jur oec pol ass ao hc hab inz"), words("de pl")),
    **dict.fromkeys(words("тов от"), words("")),
}
"""Folded titles that are also names: without a dot they are titles in these languages only."""

TITLES_BEHIND = words("phd ph.d md mba msc m.sc ba bsc cpa esq jr sr ii iii iv llm dds csc drsc")
"""Folded words behind a name that are no part of it."""

PARTICLES = words(
    """
    de del la las los y i e da das do dos di della delle van der den von zu zum zur vom ten ter te
    le du des d' l' al el bin ibn ben af av st san santa mac mc o' dello degli dalla dall'
    """
)
"""Folded words that belong to the surname behind them."""

PATRONYMIC = re.compile(
    r"(?i)^(?:\w+(?:ович|евич|йович|івна|ївна|овна|евна|ична|инична|ьич|ыч|ильич|мич)"
    r"|\w+(?:ovich|evich|ovych|evych|yovych|ivna|yivna|ovna|evna|ichna|inichna|ilyich))$"
)
PATRONYMIC_WORDS = words(
    "o'g'li ogli oglu ogly оглы ўғли угли qizi kizi kyzy кызы қизи oʻgʻli uulu"
)
"""Words behind a father's name that make a patronymic of it (folded)."""

SURNAME = {
    "uk": re.compile(
        r"(?i)(?:енко|єнко|ко|ук|юк|чук|щук|ський|ська|цький|цька|ов|ова|єв|єва|ев|ева|ін|іна|їн|їна"
        r"|ишин|ишина|як|ак|ич|ець|ло|ба|ий|няк|дзе|швілі|ян|их|ик|ур|да|га|ха|ень|ай|ай|ода)$"
    ),
    "ru": re.compile(
        r"(?i)(?:ов|ова|ев|ева|ёв|ёва|ин|ина|ын|ына|ский|ская|цкий|цкая|ой|ых|их|енко|ко|ук|юк|ян"
        r"|швили|дзе|ич|ец|як|ман|берг|штейн|ый|ая|ая)$"
    ),
    "be": re.compile(
        r"(?i)(?:оў|ова|еў|ева|ін|іна|скі|ская|цкі|цкая|ка|ко|енка|эвіч|овіч|іч|ук|юк)$"
    ),
    "bg": re.compile(r"(?i)(?:ов|ова|ев|ева|ски|ска|ин|ина|лиев|алиев)$"),
    "pl": re.compile(
        r"(?i)(?:ski|ska|cki|cka|dzki|dzka|wicz|czyk|czak|iak|niak|owska|owski|ek|ak|uk|arz|las)$"
    ),
    "el": re.compile(
        r"(?i)(?:πουλος|πούλος|οπουλος|πουλου|πούλου|ιδης|ίδης|ιδου|ίδου|αδης|άδης|αδου|άδου|ακης|άκης"
        r"|ακη|άκη|ογλου|όγλου|ιου|ίου|ου|ού|εας|έας|ατος|άτος|ας|άς|ος)$"
    ),
    "uz": re.compile(r"(?i)(?:ov|ova|yev|yeva|ev|eva|zoda|iy|ов|ова|ев|ева|зода)$"),
    "en": re.compile(r"(?i)^(?:o['’]|mc)|(?:son|ton|ford|field|wood|man)$"),
    "es": re.compile(r"(?i)(?:[eé]z)$"),
    "cs": re.compile(r"(?i)(?:ová|ský|ská|ek|ík|ák)$"),
}
"""Endings of surnames by language."""

FAMILY_FIRST = words("hu zh ja ko vi")
"""Languages that always put the surname first."""

EITHER_ORDER = words("uk ru be bg uz kk ky tg pl el ro sr az")
"""Languages whose people write either order."""

TWO_SURNAMES = words("es pt ca gl")
"""Languages whose people have two surnames."""

LANGUAGE_OF = {
    country: language
    for language, countries in rows(
        """
        uk | UA
        ru | RU
        be | BY
        kk | KZ
        ky | KG
        tg | TJ
        bg | BG
        sr | RS ME
        mk | MK
        pl | PL
        el | GR CY
        es | ES MX AR CO CL PE EC UY PY VE BO CR GT DO
        pt | PT BR
        uz | UZ
        en | GB US IE AU CA NZ
        de | DE AT CH LI
        hu | HU
        fr | FR BE LU
        it | IT
        ro | RO MD
        cs | CZ
        sk | SK
        tr | TR
        nl | NL
        sv | SE
        da | DK
        nb | NO
        fi | FI
        et | EE
        lv | LV
        lt | LT
        hr | HR
        sl | SI
        ka | GE
        hy | AM
        az | AZ
        zh | CN TW HK
        ja | JP
        ko | KR
        vi | VN
        """
    )
    for country in countries.split()
}
"""The language that names of a country are most often written in."""

COMPOUND_SURNAMES_ZH = words("欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 东方 東方 皇甫 慕容 令狐")
NOT_A_PERSON = re.compile(
    r"(?i)@|\d|https?:|\b(?:ltd|llc|gmbh|inc|corp|company|department|dept|office|team|sales|support"
    r"|info|reception|accounting|n/?a|unknown|none|test|admin|brak|nieznany|biuro|dział|sekretariat"
    r"|отдел|бухгалтерия|офис|секретарь|відділ|бухгалтерія|офіс|невідомо|неизвестно|нет|немає|тест"
    r"|λογιστήριο|γραμματεία|τμήμα|άγνωστο|departamento|administración|contabilidad|desconocido|тов"
    r"|ооо|фоп|ип|secretary|manager|director|директор|менеджер|menedżer|kierownik|dyrektor|prezes|начальник|керівник)\b"
)
