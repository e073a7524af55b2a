"""Which tax numbers a country has, what they are called there and where their rule is kept.

Columns: country | kind | module of python-stdnum or `shape:` with a pattern | other names of it.
The first row of a country is the number that a company there is known by; `VAT` among the names
marks the number that goes on an invoice.
"""

from __future__ import annotations

from cleansing.tables import rows, words

KINDS = rows(
    r"""
    AD | NRT | ad.nrt | VAT TIN
    AE | TRN | shape:100\d{12} | VAT
    AL | NIPT | al.nipt | VAT NUIS
    AM | TIN | shape:\d{8} | VAT HVHH
    AR | CUIT | ar.cuit | VAT CUIL
    AR | DNI | ar.dni |
    AT | UID | at.uid | VAT ATU
    AT | TIN | at.tin | STNR
    AU | ABN | au.abn | VAT GST
    AU | ACN | au.acn |
    AZ | VOEN | az.voen | VAT TIN
    BE | BTW | be.vat | VAT TVA KBO BCE
    BG | EIK | bg.vat | VAT BULSTAT ДДС ЕИК БУЛСТАТ
    BG | EGN | bg.egn | ЕГН
    BR | CNPJ | br.cnpj | VAT
    BR | CPF | br.cpf |
    BY | UNP | by.unp | VAT УНП INN
    CA | BN | ca.bn | VAT GST
    CH | UID | ch.uid | VAT IDE IDI
    CH | MWST | ch.vat | VAT TVA IVA
    CL | RUT | cl.rut | VAT RUN
    CN | USCC | cn.uscc | VAT
    CO | NIT | co.nit | VAT RUT
    CY | VAT | cy.vat | FPA TIC
    CZ | DIC | cz.dic | VAT DIČ
    CZ | ICO | shape:\d{8} | IČO IČ IC
    DE | USTID | de.vat | VAT USTIDNR UST-IDNR UST
    DE | IDNR | de.idnr | TIN STEUERID
    DE | STNR | de.stnr | STEUERNUMMER
    DK | CVR | dk.cvr | VAT MOMS
    DO | RNC | do.rnc | VAT
    EC | RUC | ec.ruc | VAT
    EE | KMKR | ee.kmkr | VAT
    EE | REGISTRIKOOD | ee.registrikood |
    EG | TN | eg.tn | VAT TIN
    ES | NIF | es.nif | VAT CIF NIE DNI IVA
    FI | ALV | fi.alv | VAT
    FI | YTUNNUS | fi.ytunnus | Y-TUNNUS
    FR | TVA | fr.tva | VAT
    FR | SIREN | fr.siren |
    FR | SIRET | fr.siret |
    GB | VAT | gb.vat | VRN
    GB | UTR | gb.utr | TIN
    GE | TIN | shape:\d{9}(?:\d\d)? | VAT
    GR | AFM | gr.vat | VAT ΑΦΜ TIN
    HR | OIB | hr.oib | VAT
    HU | ANUM | hu.anum | VAT ADOSZAM ADÓSZÁM
    ID | NPWP | id.npwp | VAT
    IE | VAT | ie.vat |
    IL | HP | il.hp | VAT
    IL | IDNR | il.idnr |
    IN | GSTIN | in_.gstin | VAT GST
    IN | PAN | in_.pan |
    IS | KENNITALA | is_.kennitala |
    IS | VSK | is_.vsk | VAT
    IT | IVA | it.iva | VAT P.IVA PIVA
    IT | CF | it.codicefiscale | CODICEFISCALE
    JP | CN | jp.cn | VAT
    KE | PIN | ke.pin | VAT
    KG | INN | shape:[012]\d{13} | VAT TIN ИНН
    KR | BRN | kr.brn | VAT
    KZ | BIN | checksum:kz | VAT IIN БИН ИИН
    LT | PVM | lt.pvm | VAT
    LU | TVA | lu.tva | VAT
    LV | PVN | lv.pvn | VAT
    MD | IDNO | md.idno | VAT
    ME | PIB | me.pib | VAT
    MK | EDB | mk.edb | VAT
    MT | VAT | mt.vat |
    MX | RFC | mx.rfc | VAT
    NL | BTW | nl.btw | VAT
    NL | BSN | nl.bsn |
    NO | ORGNR | no.orgnr | VAT
    NO | MVA | no.mva | VAT
    NZ | IRD | nz.ird | VAT GST
    PE | RUC | pe.ruc | VAT
    PL | NIP | pl.nip | VAT
    PL | REGON | pl.regon |
    PL | PESEL | pl.pesel |
    PT | NIF | pt.nif | VAT NIPC CONTRIBUINTE
    PY | RUC | py.ruc | VAT
    RO | CUI | ro.cf | VAT CIF CF
    RO | CNP | ro.cnp |
    RS | PIB | rs.pib | VAT ПИБ
    RU | INN | ru.inn | VAT ИНН
    RU | OGRN | ru.ogrn | ОГРН
    SE | VAT | se.vat | MOMS
    SE | ORGNR | se.orgnr |
    SG | UEN | sg.uen | VAT GST
    SI | DDV | si.ddv | VAT
    SK | DPH | sk.dph | VAT ICDPH
    SM | COE | sm.coe |
    TH | TIN | th.tin | VAT
    TJ | INN | shape:\d{9} | VAT ИНН
    TR | VKN | tr.vkn | VAT
    TR | TCKN | tr.tckimlik | TCKIMLIK
    TW | UBN | tw.ubn | VAT
    UA | EDRPOU | ua.edrpou | ЄДРПОУ ЕДРПОУ USREOU
    UA | RNOKPP | ua.rntrc | RNTRC DRFO ІПН IPN INN РНОКПП ДРФО ИНН
    UA | IPN | shape:\d{12} | VAT ІПН ПДВ
    US | EIN | us.ein | VAT TIN FEIN
    US | SSN | us.ssn |
    US | ITIN | us.itin |
    UY | RUT | uy.rut | VAT
    UZ | STIR | shape:[1-9]\d{8} | VAT INN ИНН СТИР TIN
    UZ | PINFL | shape:[1-6]\d{13} | JSHSHIR ПИНФЛ ЖШШИР
    VE | RIF | ve.rif | VAT
    VN | MST | vn.mst | VAT
    ZA | TIN | za.tin | VAT
    """
)
"""Country, kind, rule and other names of every tax number that is understood."""

VAT_PREFIXES = {
    **{
        code: code
        for code in words(
            "AT BE BG CY CZ DE DK EE ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK GB CH"
        )
    },
    "EL": "GR",
    "GR": "GR",
    "XI": "GB",
}
"""Letters in front of a VAT number and the country that they stand for."""
