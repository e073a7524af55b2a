"""What the words of job titles mean, in the languages of business: ranks, fields, noise.

Columns: meanings | spellings, parted by semicolons. A trailing `*` stands for any ending (gender,
case and number), so one stem serves a whole declension; a dot is dropped, so an abbreviation is its
letters. Several meanings are what one word or phrase says at once ("CFO" is director + finance).
"""

from __future__ import annotations

from cleansing.tables import rows, words

ROLES = words(
    """
    director head mgr chief deputy vice president member owner founder partner proprietor proxy
    specialist assistant representative secretary board_secretary executive trainee junior senior
    acting worker
    """
)
"""Meanings that say the rank; all others say the field."""

ROLE_LIKENESS: dict[frozenset[str], float] = {
    frozenset(pair): likeness
    for *pair, likeness in (
        ("director", "head", 0.55),
        ("director", "chief", 0.6),
        ("director", "mgr", 0.3),
        ("head", "chief", 0.9),
        ("head", "mgr", 0.75),
        ("mgr", "specialist", 0.85),
        ("mgr", "representative", 0.4),
        ("deputy", "vice", 0.9),
        ("executive", "specialist", 0.8),
        ("executive", "mgr", 0.8),
        ("executive", "director", 0.5),
        ("executive", "representative", 0.6),
        ("specialist", "worker", 0.9),
        ("specialist", "representative", 0.6),
        ("specialist", "assistant", 0.4),
        ("specialist", "junior", 0.6),
        ("assistant", "junior", 0.8),
        ("assistant", "secretary", 0.5),
        ("assistant", "deputy", 0.3),
        ("trainee", "junior", 0.3),
        ("trainee", "assistant", 0.3),
        ("owner", "founder", 0.3),
        ("owner", "partner", 0.4),
        ("owner", "proprietor", 0.5),
    )
}
"""How near two ranks are; ranks not named here are apart."""

FIELD_LIKENESS: dict[frozenset[str], float] = {
    frozenset(pair): likeness
    for *pair, likeness in (
        ("sales", "commercial", 0.7),
        ("hr", "payroll", 0.45),
        ("payroll", "accounting", 0.3),
        ("finance", "accounting", 0.4),
        ("general", "managing", 0.8),
        ("general", "company", 0.8),
        ("procurement", "supply", 0.6),
        ("logistics", "supply", 0.5),
        ("logistics", "transport", 0.6),
        ("transport", "fleet", 0.5),
        ("warehouse", "logistics", 0.2),
        ("it", "software", 0.3),
        ("it", "systems", 0.4),
        ("service", "maintenance", 0.4),
        ("service", "customer", 0.3),
        ("support", "service", 0.4),
        ("office", "administration", 0.6),
        ("development", "business", 0.5),
        ("pr", "communication", 0.9),
        ("plant", "production", 0.4),
        ("export", "foreign_trade", 0.95),
        ("security", "infosec", 0.2),
        ("shop", "sales", 0.2),
        ("technical", "engineering", 0.4),
        ("site", "construction", 0.8),
    )
}
"""How near two fields are; fields not named here are apart."""

MEANINGS = rows(
    r"""
    director general | ceo; chief executive*; c.e.o; md ceo; group ceo; gendirect*; гендир*
        ; ген дир*; генеральн* директор*; гендиректор*; dyrektor* generaln*; dyr* gen
        ; dyr* naczeln*; dyrektor* naczeln*; director* general*; dir* gral; dir* general
        ; διευθυνων συμβουλ*; διευθυνουσα συμβουλ*; διευθ* συμβ*; δ/νων συμβουλ*; bosh direktor*
        ; bosh dir; ген директор*; geschaftsfuhrer*; generaldirektor*; pdg
        ; president directeur general; directeur general; amministratore delegato
        ; generalni reditel*; genel mudur*; главен изпълнителен директор*; изпълнителен директор*
        ; consejer* delegad*; vezerigazgato; director* ejecutiv*; исполнительн* директор*
        ; виконавч* директор*; executive director; prezes spolki; директор* компании
        ; директор* підприємства; директор* предприятия; директор* компанії; company director
        ; генер директор*
    director managing | managing director*; md; керуюч* директор*; управляющ* директор*
        ; dyrektor* zarzadzajac*; director* gerente; διευθυνων εταιρ*; boshqaruvchi direktor*
        ; м.д
    head general | general manager*; gm; gerente general*; gte gral; gte general; gen manager
        ; gen mgr; управляющ*; керуюч*; menedzer generaln*; general mgr
    director general | γενικ* διευθυντ*; γεν δ/ντ*; γεν διευθ*; γεν δντ*
    director finance | cfo; c.f.o; chief financial*; chief finance*; findir*; финдир*; финдир
    director operations | coo; c.o.o; chief operati*
    director technical | cto; c.t.o; chief technolog*; chief technical*; техдир*
        ; главн* технолог директор
    director it | cio; c.i.o; chief information officer*; айти директор*
    director marketing | cmo; chief marketing*
    director commercial | cco; chief commercial*; комдир*; director* de comercial
    director hr | chro; chief human*; chief people*; cpo hr; hrd
    director sales | chief sales*; vp sales; cso; chief revenue*; cro
    director procurement | cpo; chief procurement*
    director legal | clo; chief legal*; general counsel
    deputy director general | dce; zgd; подуправител*
    director development business | cbdo
    director product | chief product*
    infosec director | ciso
    director | director*; dir; dyrektor*; dyr; директор*; дир; διευθυντ*; διευθ; δντης; δντρια
        ; δ/ντ*; δντ*; direktor*; directeur*; directrice*; direttore*; direttric*; direktorin
        ; reditel*; mudur*; igazgato*; dtor; dtora; dra gral; директрис*; director/a; direktori
    head | head; manager*; kierownik*; kierownicz*; kier; menedzer*; manadzer*; начальник*
        ; начальниц*; нач; руководител*; рук; керівник*; керівниц*; кер; завідувач*; завідуюч*
        ; зав; заведующ*; προιστ*; υπευθυν*; υπ; υπευθ; προισταμεν*; jef*; responsabl*; resp
        ; encargad*; gerente*; gte; boshliq*; boshlig*; bosh; rahbar*; mudir*; leiter*; leiterin
        ; chef; responsabile*; capo; vedouci*; yonetici*; началник*; ръководител*; lead; leader*
        ; lider*; лідер*; лидер*; supervisor*; тимлид*; тімлід*; mngr; mgr; mng; επικεφαλ*
        ; επικεφ; μανατζερ; καταστηματαρχ*; управител*; vezeto*; sef*; sefu*; encarg; superv
        ; супервайзер*; супервізор*; начальн; нач-к; нач-ник; ст руководител*; нач отд; нач від
    mgr | менеджер*; менедж; мен; menejer*; менеджерк*
    chief | chief; glown*; gl; главн*; гл; головн*; гол; голов; principal; jefe principal
        ; bosh hisob; główny; αρχι*; naczeln*; главен; hlavni
    deputy | deputy; dep; dpty; dy; zastepc*; zast; z-ca; zca; z ca; заместител*; зам; заступник*
        ; заступниц*; заст; αναπληρ*; αναπλ; υποδιευθ*; subdirector*; subjefe*; subgerente*
        ; vicedirector*; o'rinbosar*; orinbosar*; o'rinb; urinbosar*; stellvertret*; stv; adjunt*
        ; adjoint*; vice*; wice*; вице*; віце*; zast pca; замдир*; замгендир*; замнач*
        ; замдиректор*; suplent*; zastupc*; зам-*; заст-*
    deputy director | замдир*; замдиректор*; subdirector*; υποδιευθυντ*; vicedirector*
        ; wicedyrektor*
    deputy director general | замгендир*; subdirector* general*; wicedyrektor* generaln*
    deputy head | замнач*; subjefe*; subgerente*
    deputy chief accounting | замглавбух*; замглавбуха; зам глав* бух*; заст* головн* бухг*
    chief accounting | главбух*; гл бух*; головбух*; гол бух*; главн* бухг*; головн* бухг*
        ; glown* ksieg*; gl ksieg*; bosh hisobchi*; bosh buxgalter*; chief accountan*
        ; προιστ* λογιστηρ*; αρχιλογιστ*; jef* de contabilidad; jef* contabilidad
        ; jef* administracion contab*; contable jefe; contador general; προισταμ* λογιστ*
        ; υπευθ* λογιστηρ*; υπ λογιστηρ*; διευθ* λογιστηρ*; head of accounting
        ; accounting manager; kierown* ksiegow*; kier* ksiegow*; hauptbuchhalter*
        ; главен счетоводител*; нач* бухгалтери*; керівник* бухгалтері*; δ/ντ* λογιστηρ*
        ; head accountan*
    president board | president*; prezes*; presidente*; presidenta*; προεδρ*; πρόεδρος δσ
        ; пред правлен*; председател* правлен*; голов* правлін*; boshqaruv raisi
        ; vorstandsvorsitzend*; pres; pdte; pdta; президент*; chairman of the board
        ; chairman of the management board; chairman; chairwoman; chairperson; prezydent*
        ; голов* ради директор*; председател* совета директор*; raisi; rais
        ; председател на управителния съвет; przewodniczac* zarzad*; chair of the board; prez
        ; президент* компан*
    president supervisory | chairman of the supervisory board; przewodnicz* rady nadzorcz*
        ; przewodn* rady nadz*; голов* наглядов* рад*; председател* наблюдательн* совет*
        ; президент* наблюдательн*; προεδρ* εποπτικ*; presiden* del consejo de supervision
        ; presiden* consejo de supervision; kuzatuv kengashi raisi; пред* набл* совет*
        ; supervisory board chair*; chairman supervisory board; przew* rn; przewodnicz* rn
        ; presiden* consejo supervision
    vice president board | vice president*; vice-president*; vicepresident*; wiceprezes*; vp; svp
        ; evp; вице президент*; вице-президент*; віце президент*; віце-президент*; αντιπροεδρ*
        ; vicepdte; vicepdta; vpdte; заступник голови правлін*; заст* голов* правлін*
        ; зам* председател* правлен*; vitse prezident*; зам* пред* правлен*; vitse-prezident*
        ; vice chairman; v-ce prezes*; vicepres; wice prezes*; в-презид*; vice prezes*
        ; v ce prezes*; віцепрезидент*; вицепрезидент*
    director | vp of; vice president of; svp of; evp of
    member board | member of the board; member of the management board; board member*
        ; czlonek zarzadu; czlonkini zarzadu; czl zarzadu; член* правлін*; член* правлен*
        ; μελος δ.σ; μελος δσ; μελος δ σ; μελος διοικ*; boshqaruv a'zosi; vocal del consejo
        ; consejer*; miembro del consejo*; член* рад* директор*; член* совет* директор*
        ; miembro consejo*; czl zarz; vocal; board director*; μελος διοικητ*; vorstandsmitglied*
        ; member board
    member supervisory | czlonek rady nadzorcz*; член* наглядов* рад*; член* наблюдательн* совет*
    owner | owner*; wlasciciel*; власник*; власниц*; владел*; собственник*; ιδιοκτητ*
        ; propietari*; dueno; duena; egasi; ega; inhaber*; titolare; proprietaire*; proprietar*
        ; sahibi; собственик*; хозяин*; хазяїн*; majitel*; tulajdonos*; mulkdor*; titular
        ; shareholder*; акционер*; акціонер*; udzialowiec*; учредител* собствен*; proprietor
        ; бенефіціар*; dueño; wl; właśc
    founder | founder*; co-founder*; cofounder*; zalozyciel*; засновни*; співзасновни*
        ; основател*; сооснователь*; учредител*; ιδρυτ*; συνιδρυτ*; fundador*; cofundador*
        ; asoschi*; ta'sischi*; tasischi*; grunder*; fondateur*; fondatore*; wspolzalozyciel*
        ; соучредител*; co founder*; сооснов*; tasis*
    partner | partner*; wspolnik*; wspolniczk*; партнер*; партнёр*; εταιρ*; socio; socia; sherik*
        ; associe*; socio director; gesellschafter*; hamkor*; συνεταιρ*
    owner partner | co-owner*; coowner*; wspolwlasciciel*; співвласник*; співвласниц*; совладел*
        ; συνιδιοκτητ*; copropietari*; hammulkdor*; co owner*
    proprietor | sole propriet*; sole trader*; self employed; self-employed; freelancer*
        ; freelance; jdg; dzialalnosc gospodarcz*; dg; фоп; спд; флп; ип
        ; индивидуальн* предпринимател*; индивидуальн*; фізичн* особ*; приватн* підприєм*
        ; частн* предпринимател*; предпринимател*; підприєм*; autonom*; ελευθερος επαγγελμ*
        ; ελευθ επαγγ*; ελ επαγγ*; yatt; yakka tartibdagi*; tadbirkor*; самозанят*
        ; przedsiebiorc*; osoba prowadzaca dzialalnosc*; empresari* individual; selbststandig*
        ; entrepreneur*; επιχειρηματ*; emprendedor*; чп; empresari*; ατομικη επιχειρ*
        ; trabajador* autonom*
    proxy | prokurent*; proxy; apoderad*; πληρεξουσι*; уповноважен* представник*; доверенн* лиц*
        ; authorised signator*; authorized signator*; prokurist*; vollmacht*; pelnomocnik*
        ; довірен* особ*; уповноважен* особ*; ishonchli vakil*; authorised sign*
        ; authorized sign*; νομιμος εκπροσωπ*; representante legal; procurator*; по доверенност*
        ; signatory; νομ εκπρ*; signing clerk; authorised repres*
    specialist | coordinador*; koordynator*; координатор*; coordinator*; συντονιστ*; koordinator*
        ; coord
        ; specialist*; spec; specjalist*; спеціаліст*; спец; специалист*; officer*
        ; tecnic*; tec; especialista*; ειδικ*; στελεχ*; mutaxassis*; fachmann; referent*
        ; експерт*; эксперт*; expert*; experto; experta; фахівец*; фахівч*; фахів; pracownik*
        ; employe*; сотрудник*; работник*; співробітник*; працівник*; empleado*; empleada*
        ; υπαλληλ*; xodim*; clerk*; gestor*; inspektor ds; sachbearbeiter*; associate*; staff
        ; operativ*; mutax; prac; експ; эксп; инспектор по; інспектор з; agente; agent*
    executive | exec; executive*
    assistant | assistant*; asst; asystent*; asyst; assist; помощник*; помощниц*; пом; помічник*
        ; помічниц*; ассистент*; асистент*; βοηθ*; asistente*; auxiliar*; aux; ayudante*
        ; yordamchi*; yord; assistent*; assistenz*; ast; pomocnik*
    executive_assistant | executive assistant*; personal assistant*; pa; ea; pa to*
        ; assistant to the*; asystent* zarzad*; asystent* prezes*; asystent* dyrektor*
        ; помощник* руководител*; помощник* директор*; помощник* генерал*; помощник* ген дир*
        ; помічник* керівник*; помічни* директор*; помічник* генерал*; референт*
        ; asistente de direccion; asistent* direccion; secretari* de direccion
        ; secretari* direccion; βοηθος διευθ*; βοηθος διοικ*; γραμματ* διευθ*; γραμματ* διοικ*
        ; ιδιαιτερ*; rahbar yordamchi*; direktor yordamchi*; ассистент* руководител*
        ; ассистент* директор*; асистент* керівник*; ejecutiv* asistente; секретар* руководител*
        ; секретар* директор*; asistent* ejecutiv*; assistant to ceo; assistant to director
        ; ceo assistant; sekretark* zarzad*; sekretarka prezes*; асистент* директор*
        ; асистент* генерал*; ассистент* генерал*; помощник* президент*; личн* помощник*
        ; особист* помічник*; asistent* de gerencia; asystent* dyr
    representative | representative*; rep; reps; predstavitel*; представител*; представник*
        ; przedstawiciel*; przedst; εκπροσωπ*; αντιπροσωπ*; representante*; vakil*; vertreter*
        ; предст; delegad*; agente comercial; rappresentante*; торгпред*; торгпредставник*
    sales representative | торгпред*; торгов* агент*; торгов* представ*; торг представ*
        ; торг пред*; przedst* handl*; ph; field sales*; savdo vakil*; savdo agent*
        ; comercial de ventas; viajante*; agente comercial*; agente de ventas; sales rep*
        ; sales agent*; handlowiec*; αντιπροσωπ* πωλησ*; πωλητ* εξωτερ*; торговый; обл представ*
        ; εξωτερ* πωλητ*; представ* торг*; тп; торговий представ*; vertriebsmitarbeiter*
        ; aussendienst*
    secretary | secretary; secretar*; sekretar*; sekr; секретар*; γραμματ*; γραμμ; kotib*
        ; sekretarz*; секр; secr; sec; sekretär*
    trainee | intern; interns; internship; trainee*; stazyst*; praktykant*; стажер*; стажёр*
        ; стажист*; практикант*; ασκουμ*; becari*; practicante*; en practicas; stajyor*; stajer*
        ; praktikant*; stagiair*; stagist*; μαθητευομ*; amaliyotchi*; stajor*
    junior | junior*; jr; mlodsz*; младш*; мл; молодш*; мол; kichik; νεοτερ*; джуниор*; ml
    senior | senior*; sr; starsz*; st; старш*; ст; katta; sen; ведущ*; вед; провідн*; пров
        ; wiodac*; experienced; топ; etakchi*; yetakchi*; kat; мол старш; κυρι*
    acting | acting; act; interim; p.o; po; в.о; во; и.о; ио; врио; тво; т.в.о; v.b; vb; вр.и.о
        ; исполняющ* обязанност*; виконуюч* обов*; pelniac* obowiazk*; en funciones; interino
        ; interina; vaqtincha; προσωρ*
    dept | department*; dept; dzial*; dz; отдел*; отд; відділ*; від; departament*; департамент*
        ; деп; dpto; dept de; τμημα*; τμ; управлени*; упр; управлінн*; bo'lim*; bolim*; bolimi
        ; служб*; division; unit; wydzial*; sektor*; отделен; section; групп*; груп*; grupo
        ; equipo; team*; zespol*; ομαδ*; διευθυνση*; abteilung*; servicio de; направлени*
        ; напрямк*; сектор*; підрозділ*; подразделени*; dep de; depart; напрям; dyrekcj*; otdel*
        ; отд-л*; otd
    sales | sales; sale; sell*; sprzedaz*; sprz; handlow* sprzed*; ventas; venta; vta; vtas
        ; vendedor* ventas; продаж*; прод; продажу; збут*; сбыт*; πωλησ*; πωλ; savdo; sotuv*
        ; sotish*; vertrieb*; verkauf*; vente*; vendite*; prodej*; satis*; продажби; реализаци*
    commercial | commercial*; comercial*; com; handl*; комерц*; коммерч*; ком; комм; εμπορικ*
        ; εμπ; tijorat*; kommerz*; търговск*; obchod*; ticari; ticaret*; trade; trading; торгов*
        ; торгівел*
    marketing | marketing*; mktg; mkt; mkg; маркет*; μαρκετινγκ; μαρκ; маркетолог*; marketolog*
        ; marketer*; marketingowiec*; реклам*; advertis*; рекламн*; publicidad; διαφημ*; reklam*
        ; промо; promo*; μάρκετινγκ
    finance | financ*; fin; finans*; финанс*; фин; фінанс*; фін; οικονομικ*; οικ; moliya*
        ; finanz*; finanzas; finan; fnc
    accounting | account*; accountan*; bookkeep*; book keep*; ksiegow*; ksieg; ks; contab*
        ; contad*; cont; бухгалт*; бух; бухг; λογιστ*; λογ; hisobch*; buxgalter*; hisob*
        ; buchhalt*; compta*; счетовод*; ucetni*; muhasebe*; teneduri*; teneduria*; бухоблік*
        ; бухучет*
    hr | hr; human resourc*; people; kadr; kadrow*; kadry; personaln*; personel*; zzl; rrhh
        ; rr.hh; rr hh; recursos humanos; кадр*; персонал*; hr-*; ανθρωπιν*; ανθρ; ανθρ δυν*
        ; ανθρωπιν* δυναμ*; ανθρωπινων πορων; kadrlar*; personal; ok; ок; вк; в.к; о.к
        ; инспектор* по кадр*; кадровик*; human; эйчар*; ейчар*; kadrowa; kadrowy
        ; zasobow ludzkich; zasoby ludzkie; hrbp; эйч ар; personalleiter; xodimlar*
        ; inson resurs*; hr generalist*
    hr specialist | hr business partner; hr bp; ейчар; эйчар; кадровик*; kadrowa; kadrowiec*
        ; hr generalist; hr specialist
    hr head | нач ок; нач вк; начальник ок; начальник вк; kadrlar bo'limi*
    payroll | бухгалтер* з п; бухгалтер* по з п; бухгалтер* із з п; бухгалтер* заробітн*
        ; бухгалтер* по заработн*
        ; бухгалтер* зарплат*; бухгалтер* по зарплат*; бухгалтер* з заробітн*
        ; бухгалтер* із заробітн*
        ; payroll account*; contable de nomin*; λογιστ* μισθοδ*; ksiegow* plac*
        ; ish haqi hisobch*; payroll*; plac; place; kadr i plac; kadry i place; kadry place
        ; нарахуванн* заробітн*; заробітн*; зарплат*; зарпл*; з/п; расчетчик*; розрахунк* з
        ; розрахунков*; μισθοδοσ*; μισθ; nomina*; nominas; ish haqi*; oylik*; заработн*
        ; расчет* зарплат*; lohn*; расч* груп*; рсч; listy plac; расчетн*
    recruitment | recruit*; rekrut*; рекрут*; talent*; seleccion*; headhunter*; hr recruiter
        ; подбор* персонал*; підбор* персонал*; підбір*; подбор*; προσληψ*; επιλογ* προσωπικ*
        ; ishga qabul*; sourcer*; rekruter*; talent acquisition; добор*; reclut*; επιλογης
    training | training; learning; l d; l&d; szkolen*; szkol; обучен*; навчанн*; εκπαιδευ*; εκπ
        ; formacion; тренінг*; тренинг*; trener*; o'qitish*; ta'lim*; schulung*; capacitacion
        ; тренер*; learning development; trenin*
    legal | legal*; law; lawyer*; counsel*; attorney*; prawn*; jurid*; юрид*; юрист*; юриск*; юр
        ; νομικ*; νομ; δικηγορ*; abogad*; huquq*; yurist*; yuridik*; jurist*; rechts*; adwokat*
        ; адвокат*; juri*; avvocat*; radca; avukat*; letrad*; solicitor*; prawnik*; юрк*
        ; asesor* juridic*; asesor* legal*; радник* прав*; правов*
    compliance | complianc*; комплаенс*; комплаєнс*; cumplimiento*; κανονιστικ*; συμμορφωσ*
        ; zgodnos*; muvofiqlik*; комплайенс*
    data_protection | data protection*; dpo; gdpr; rodo; iod; ochron* danych*; персональн* данн*
        ; персональн* дан*; захист* персональн*; защит* персональн*; προστασ* δεδομ*
        ; proteccion de datos; shaxsiy ma'lumot*; προστασιας δεδομενων; abi; privacy
    production head | завпроизводств*; завпроизв*; зав производств*; завідувач* виробництв*
    procurement | товаровед*; товарознав*; procure*; purchas*; buyer*; buying; zakup*; zaopatrz*
        ; закуп*; закуп; снабжен*
        ; снаб; снабженец*; постачан*; постач; προμηθ*; προμ; compra*; comprador*; xarid*
        ; einkauf*; achat*; acheteur*; acquist*; ta'minot*; sourcing; nakup*; satin alma
        ; aprovisionamient*; тмц; мтс; мтз; zaop; kupiec; закупник*; закупівельник*; снабжен
        ; ta'minotch*
    category | category; kategori*; категор*; categoria*; κατηγορ*; toifa*
    tender | tender*; przetarg*; тендер*; licitacion*; διαγωνισμ*; bid; bids; tanlov*
        ; zamowien* publiczn*; держзакуп*; госзакуп*; ausschreibung*; concursos
    supply | supply*; supply chain; lancuch* dostaw; ланцюг* постав*; цеп* постав*
        ; cadena de suministro; εφοδιαστικ* αλυσιδ*; scm; цепочк* постав*; ta'minot zanjiri
        ; поставок; suministro*; dostaw; supply chain manag*
    logistics | logist*; логіст*; логист*; εφοδιαστ*; εφοδ; distribuc*; dystrybuc*; distribut*
        ; διανομ*; διακινησ*; дистриб*; logistyk*; лог
    warehouse | warehous*; magazyn*; mag; склад*; αποθηκ*; αποθ; almacen*; alm; ombor*; lager*
        ; wh; stock*; magasin*; magazzin*; stores; sklad*; скл; bodega
    warehouse worker | storekeeper*; store keeper*; warehouseman*; stockman*; magazynier*
        ; комірник*; комірниц*; кладовщик*; кладовщиц*; αποθηκαρι*; mozo de almacen; mozo almacen
        ; almacenero*; omborchi*; lagerist*; склад* працівник*; warehouse operativ*
        ; warehouse worker*; almacener*; moz* almacen; stock clerk; mozo; кладовщ; αποθηκαριος
    warehouse head | завсклад*; завскладом; зав складом; зав скл*; warehouse supervis*
        ; omborxona mudir*; ombor mudiri; jef* de almacen; jef* almacen; завскл*
    transport | transport*; транспорт*; μεταφορ*; перевоз*; перевезен*; transporte*; trans
        ; transpo
    driver | driver*; kierowc*; kier c e; водіі*; водій*; водител*; вод; шофер*; шофёр*; οδηγ*
        ; conductor*; chofer*; haydovch*; fahrer*; chauffeur*; sofor*; transportista*; camioner*
        ; trucker*; autista; дальнобій*; дальнобойщик*; шофьор*; truck*; camion*; φορτηγ*
        ; truckdriver*; kraftfahrer*; repartidor conductor; tir
    forklift driver | forklift*; fork lift*; widlow*; wozk*; sztaplark*; навантажувач*
        ; погрузчик*; автонавантажувач*; карщик*; carretill*; κλαρκ; περονοφορ*; yuklagich*
        ; staplerfahrer*; operador de carretilla*; carretillero*; кар; reach truck*
        ; χειριστης κλαρκ; reachtruck; kara; автопогруз*; yuk ortgich*
    dispatcher | dispatch*; dyspozytor*; диспетчер*; despachador*; dispecer*; dispetcher*
        ; disponent*; δρομολογητ*; expedidor; συντονιστ* κινησ*
    forwarder | forward*; spedytor*; spedycj*; експедитор*; экспедитор*; διαμεταφορ*; transitari*
        ; ekspeditor*; spediteur*; freight*; eksped*; експед
    customs | customs*; celn*; митн*; таможен*; εκτελωνιστ*; aduan*; bojxon*; zoll*; declarant*
        ; декларант*; брокер тамож*; agent celn*; τελωνει*; agente de aduanas; брокер мит*; тамож
        ; deklarant*; мит брокер*
    fleet | fleet*; flot*; автопарк*; στολ*; flota; avtopark*; parking flot*; fuhrpark*
        ; parque movil; гараж*; garaj*; транспортн* цех*; κινησης; гаража
    courier | courier*; kurier*; курєр*; кур'єр*; курьер*; κουριερ; mensajer*; kuryer*
        ; repartidor*; delivery; rider; διανομεα*; доставщик*; kuryr; ταχυμεταφορ*; yetkazib*
        ; dostawc*
    production | producti*; produkc*; prod; виробниц*; вироб; производств*; произв; произ
        ; παραγωγ*; παρ; produccion; produktion*; ishlab chiqarish*; manufactur*; fabricac*
        ; vyrob*; uretim*; произвор; wytwarz*; пр-ва; пр-во; вир-ва; вир-во; prod-cji
        ; fabrication
    workshop | workshop*; цех*; εργαστασιακ*; taller*; sex; tsex*; wydzial* produkc*; warsztat*
        ; συνεργει*; εργαστηρ* παραγ*; sexi; майстерн*; мастерск*; werkstatt*
    foreman | kierown* zmian*; shift manager*; jef* de turno; zmianow*; foreman*; forewoman*
        ; brygadzist*; бригадир*; майстер*; майстр*; мастер*; εργοδηγ*
        ; capataz*; usta; brigadir*; mistrz*; vorarbeiter*; encargado de obra turno; shift lead*
        ; team leader produc*; αρχιεργατ*; majster*; jefe de equipo; jefe de turno; мастер участ*
        ; contramaestre*; shift superv*; нач смен*; нач зміни; начальник* смен*; начальник* змін*
        ; майстер; прораб участ
    engineer | engineer*; eng; engr; inz; inzynier*; інженер*; инженер*; инж; інж; μηχανικ*; μηχ
        ; ingenier*; ing; muhandis*; ingenieur*; ingegner*; injener*; muh
    chief engineer | chief engineer*; glown* inz*; головн* інж*; главн* инж*; гл инж*; гол інж*
        ; bosh muhandis*; ingenier* jefe; jef* ingenier*; αρχιμηχαν*; προιστ* μηχαν*
        ; head engineer*; главінж*; глав инж*; главинж*; ingeniero principal; gl inz*
        ; προιστ* τεχν*; bosh injener*; hauptingenieur*; chief eng
    design engineer | design eng*; designer eng*; konstruktor*; конструктор*
        ; инженер конструктор*; інженер конструктор*; ingenier* de diseno; μηχανικ* σχεδιασ*
        ; konstrukteur*; проектувальник*; проектировщик*; projektant*; proyectista*; cad
        ; loyihachi*; delineant*; σχεδιαστης μηχαν*; ingenier* diseno; инж-конструктор*
        ; konstruktor muhandis; σχεδιασ* προιοντ*; кресляр*; cad engineer
    process engineer | ing de procesos; ing procesos; ing de proceso; process eng*; technolog*
        ; технолог*; τεχνολογ*; ingenier* de procesos
        ; ingenier* proces*; texnolog*; verfahrens*; tecnolog*; технол; μηχαν* διεργασ*
        ; μηχαν* παραγ*; μηχαν* διαδικ*; process technolog*; inz* proces*
    energy chief | energetyk*; енергетик*; энергетик*; power engineer*; ενεργειακ*; energetik*
        ; energetic*; ingenier* energet*; υπευθ* ενεργ*; головенерг*; jef* de energia
        ; energy manag*; jef* energia
    mechanic | mechanic*; mechanik*; механік*; механик*; μηχανοτεχν*; mecanic*; mexanik*
        ; mechaniker*; τεχνιτ* μηχαν*; mecan; автомеханік*; слюсар*; слесар*
    maintenance | maintenance*; utrzymani*; ruchu; ремонт*; обслуговуванн* обладн*; συντηρησ*
        ; συντηρητ*; mantenimient*; mant; mto; ta'mir*; tamir*; instandhalt*; manten; ur
        ; обслуживани* оборуд*; ремонтн*; тех обслуж*; tex xizmat*; remontu; ремслужб*; тоир
    electrician | electrician*; elektryk*; електрик*; электрик*; ηλεκτρολογ*; electricista*
        ; elektrik*; elektriker*; електромонт*; электромонт*; elektromonter*; elect; ηλεκτρολ
        ; elektromontyor*
    welder | weld*; spawacz*; spaw; зварник*; зварювальник*; сварщик*; электросварщик*
        ; електрозварник*; газосварщик*; ηλεκτροσυγκολ*; συγκολλητ*; οξυγονοκολλητ*; soldador*
        ; payvandch*; svarshik*; schweisser*; электрогазосвар*; газоелектрозвар*; svarchik*
        ; kaynakci
    machine operator | machine operator*; machinist*; maszynist*; operator* maszyn*; oper maszyn*
        ; оператор* станк*; оператор* верстат*; χειριστ* μηχαν*; operari* de maquin*
        ; operador* de maquin*; maquinista*; dastgoh*; stanok*; станочник*; верстатник*; cnc*
        ; чпу; чпк; tokarz*; токар*; фрезеров*; frezer*; maszyn; operario maquina*
        ; operari* maquin*; operador* maquin*; maschinenbediener*; maschinenfuhrer*; χειριστ* cnc
        ; operator dastgoh; χειριστ*; оператор чпу; operator cnc; operador cnc
        ; operario de produccion; оператор линии; оператор лінії; operator lin*; operator produk*
    operator | operator*; оператор*; operador*; τηλεφωνητ*
    quality | quality*; jakos*; jak; якіст*; якост*; качеств*; кач; ποιοτ*; calidad; cal; sifat*
        ; qualit*; qc; qa; отк; втк; kj; qhse; кк; контрол* качеств*; qms; смк; kvalit*; q.a
        ; zapewnien* jak*; σδπ
    inspector | inspect*; kontroler*; контролер*; контролёр*; ελεγκτ*; nazoratch*; pruf*
        ; kontrolor*; inspektor*; інспектор*; инспектор*; επιθεωρ*; inspetor*; controlador*
        ; controller quality; tester jakosc*; kontr; контрол
    quality inspector | quality control*; контролер* втк; контролер* отк; контролёр* отк
        ; kontroler* jakosci; ποιοτικ* ελεγχ*; control de calidad; ελεγκτ* ποιοτ*
        ; контролер* якост*; контролер* качеств*; qc inspector*; inspector* de calidad
        ; sifat nazorat*; qualitatspruf*; quality insp*; инспектор* отк; kontr* jakosc*; brakarz*
        ; inspector* calidad; verificador* calidad; контр* отк; контр* втк контролер
        ; sifat nazoratchi*; tecnic* de calidad; tecnic* calidad; otk
    rnd | research; r d; r&d; rd; badan*; badawcz*; b+r; b r; i+d; i d; дослідж*; досліджен*
        ; исследован*; розробк*; разработ*; нир; нддкр; ниокр; ερευν*; investigacion*; i+d+i
        ; i d i; tadqiqot*; forschung*; recherche; r and d; έρευνας; ресерч; наук*; научн*; ε&α
    hse | hse; ehs; she; bhp; behapowiec*; охран* труд*; охорон* прац*; от; оп; от и тб; тб; т.б
        ; техник* безопасн*; технік* безпек*; ασφαλει* και υγει*; υγει* και ασφαλ*; υγεια*
        ; ασφαλειας εργασ*; prl; prevencion*; riesgos laborales; mehnat muhofaz*; arbeitssicher*
        ; health and safety*; health safety*; safety officer*; safety special*; safety eng*; h s
        ; h&s; τεχνικ* ασφαλ*; seguridad e higiene; seguridad y salud; инженер* по от
        ; інженер* з оп; інженер* з от; ds bhp; prevencion de riesgos; mehnat xavfsiz*; hsse
        ; qhse; техн безопас*
    laboratory | laborator*; laborant*; laborat*; lab; лаборант*; лаборатор*; εργαστηρ*
        ; laboratorist*; analista de laboratorio; tecnic* de laborator*; παρασκευαστ*; labor
        ; παρασκ; химлаборант*; laboratoriya*
    customer | customer*; client*; klient*; клієнт*; клиент*; кліент*; πελατ*; cliente*
        ; atencion al cliente; mijoz*; kund*; bok; cok; clientes; cust; обслуговування клієнт*
        ; abonent*; абонент*
    customer service | customer service*; customer support*; customer care*; customer success*
        ; customer experience*; obslug* klient*; bok; обслуговуванн* клієнт*; клієнтськ* сервіс*
        ; клиентск* сервис*; обслуживани* клиент*; работ* с клиент*; робот* з клієнт*
        ; по работе с клиент*; служб* поддержк* клиент*; підтримк* клієнт*; εξυπηρετ*
        ; εξυπηρετησ* πελατ*; atencion al client*; atencion client*; mijozlarga xizmat*
        ; mijozlar bilan*; kundenservice*; kundenbetreu*; servicio al cliente; клієнт* менеджер*
        ; client service*; клиентск*; клієнтськ*; atn cliente; mijozlarga; csr; поддержк* клиент*
        ; client support; customer serv*; obsl* klient*; abonent* xizmat*; kundendienst*
    call_centre | call cent*; callcent*; contact cent*; кол центр*; колл центр*; кол-центр*
        ; колл-центр*; контакт центр*; контакт-центр*; call-cent*; τηλεφωνικ* κεντρ*
        ; teleoperador*; telefonista*; τηλεφωνητ*; telemarket*; infolini*; телемаркет*; хотлайн
        ; τηλεφων* εξυπηρ*; konsultant call*; оператор call*; hotline*; телефонист*; call centr*
        ; τηλεπωλ*; callcenter*; teleagent*; кц
    key_account | key account*; kam; kluczow* klient*; ключов* клієнт*; ключев* клиент*
        ; grandes cuentas; cuentas clave; μεγαλ* πελατ*; βασικ* πελατ*; key acc*; kluczow*
        ; muhim mijoz*; yirik mijoz*; ключев*; ключов*; grosskunden*; vip клиент*; great accounts
        ; cuenta clave; σημαντικ* πελατ*; ka manager*; крупн* клиент*; великих клієнт*
        ; key client*; cuentas claves; strategiczn* klient*
    regional | region*; reg; регіон*; регион*; рег; περιφερ*; περιφ; zona; zonal; hudud*
        ; mintaqa*; terytor*; територ*; террит*; тер; area; territor*; delegado zona; oblastn*
        ; обласн*; областн*; viloyat*; mintaqaviy*; district; bolge; райони*
    branch | branch*; oddzial*; od; філі*; филиал*; υποκαταστ*; sucursal*; filial*; niederlass*
        ; delegacion; agencia; отделени*; відділенн*; представництв*; представительств*
    plant | plant; factory; zaklad*; zakl; fabryk*; завод*; фабрик*; εργοστασ*; εργ; planta
        ; fabrica; zavod*; werk*; mill; works; usine*; stabiliment*; fabrika*; korxona*
        ; works manager; szef fabryk*; комбинат*; комбінат*; pl manager; fabr
    technical | technical*; tech; techniczn*; techn; технічн*; технич*; техн; тех; τεχνικ* δ*
        ; τεχνικ*; τεχν; tecnico director; texnik*; technisch*; technique; директор техн*
        ; tecnica
    operations | operation*; operacyjn*; oper; операційн*; операцион*; λειτουργι*; λειτ
        ; operaciones; operatsion*; betrieb*; ops; oper dir; operacyj; опер
    it | it; ict; informatyk*; informatyczn*; інформ* техн*; информ* техн*; ит; іт; айти; айті
        ; it-*; ит-*; іт-*; πληροφορικ*; πληρ; μηχανογραφ*; μηχανογρ; sistemas; informatic*; tic
        ; axborot texn*; at bo'limi; edv; dsi; информатик*; інформатик*; информацион* техн*
        ; інформаційн* техн*; it dep*; informatica; asu; асу; kompyuter*; технолог* информ*
        ; σιστηματ; mis
    systems administrator | system* admin*; sysadmin*; admin* system*; сисадмін*; сисадмин*
        ; сис админ*; сис адмін*; системн* адмін*; системн* админ*; διαχειριστ* συστημ*
        ; διαχ* συστ*; administrador* de sistemas; admin* sistemas; tizim administrator*
        ; tizim ma'mur*; systemadmin*; network admin*; admin* siec*; администратор* сет*
        ; адміністратор* мереж*; it admin*; admin it; admin* redes; администратор* систем*
        ; адміністратор* систем*; sys admin*; сист адм*; administrator sieci; διαχ δικτυ*
        ; διαχειριστ* δικτυ*; sistema administrator*; sist admin*; сис адм*; linux admin*
    software | software eng*; software*; programist*; програміст*; программист*; προγραμματιστ*
        ; προγρ*
        ; programador*; dasturchi*; developer*; dev; developper*; entwickler*; coder*; розробник*
        ; разработчик*; deweloper*; programmer*; backend*; frontend*; fullstack*; full stack
        ; front end; back end; java; php; python; .net; desarrollador*; dasturiy*; кодер*; web*
        ; mobile dev*; 1c*; 1с*; ios; android; прогер*; программ
    tester | tester*; testing; тестувальник*; тестировщик*; qa eng*; qa; qa tester*; δοκιμαστ*
        ; probador*; testlovch*; test eng*; qa/qc; тестув*; тестиров*; quality assurance eng*
        ; ελεγκτ* λογισμ*; manual qa; qa automation; software test*; тестер*; sinovch*; testovch*
        ; sdet; tester de software
    devops | devops*; девопс*; sre; site reliab*; dev ops
    project | project*; projekt*; proj; проект*; проєкт*; εργο*; εργων; εργου; proyecto*; loyiha*
        ; pm; pmo; рп; progetto*; projet*; програм* проект
    project head | project manager*; pm; kierown* projekt*; руководител* проект*
        ; керівник* проект*; керівник* проєкт*; менеджер* проект*; менеджер* проєкт*; υπευθ* εργ*
        ; διαχειριστ* εργ*; διαχ* εργ*; jef* de proyecto*; director* de proyecto*
        ; loyiha menejer*; loyiha rahbar*; project lead*; scrum master*; jef* proyecto*
        ; kier* projekt*; рук проект*; gestor* de proyecto*; проджект*; пм; project coord*
        ; project mgr; koordynator projekt*; projektleiter*; проект менеджер*; кер* проект*
        ; кер* проєкт*; gestor proyect*; project-manag*; проектн* менеджер*; loyihalar*
        ; kierown* proj; coordinador* de proyecto*
    product | product; produkt*; продукт*; προιοντ*; προι; producto*; mahsulot*; товарн*
        ; po product
    product head | product manager*; product owner*; kierown* produkt*; menedzer* produkt*
        ; продакт*; продукт менеджер*; продукт-менеджер*; менеджер* продукт*; υπευθ* προιοντ*
        ; jef* de producto; mahsulot menejer*; pdm; менеджер по продукт*; menedż* produkt*
        ; product mgr; owner produkt*; responsable de producto; продуктов* менеджер*
    brand | brand*; mark marki; marki; бренд*; brendi*; marca*; μαρκας; σημα*; brend*; marke
        ; kierownik marki; бренда
    pr communication | pr; public relation*; rzecznik*; зв'язк* з громадськ*; звязк* з громадськ*
        ; связ* с общественн*; δημοσι* σχεσ*; relaciones public*; rrpp; rr.pp; rr pp; пр; піар*
        ; пиар*; jamoatchilik*; press*; прес*; communicat*; komunikac*; комунікац*; коммуникац*
        ; comunicacion*; επικοινων*; δημ σχεσ*; prasow*; relacione* public*; pr-*; aloqalar*
        ; пресс*; offentlichkeit*; kommunikation*; εκπρ τυπου; rp
    social_media | social media*; smm*; medi* spolecznosc*; соцмереж*; соцсет*; соціальн* мереж*
        ; социальн* сет*; μεσ* κοινων* δικτυ*; κοινων* μεσ*; redes sociales; community manag*
        ; ijtimoiy tarmoq*; смм*; сmm*; community; rr.ss; rrss; ijtimoiy media*; social network*
        ; κοινωνικων μεσ*; smm-*; соц сет*; соц мереж*; social
    graphic | graphic*; grafik*; графічн*; графич*; графік*; γραφιστ*; γραφ; disenador* grafic*
        ; disenad*; designer*; dizayner*; дизайнер*; projektant* grafik*; graph
        ; art director; ui; ux; σχεδιαστ* γραφ*; web design*; diseno grafic*; γραφικ*; grafiker*
    ecommerce | e commerce*; ecommerce*; e-commerce*; електронн* комерц*; електронн* торг*
        ; электронн* торг*; электронн* коммерц*; ηλεκτρονικ* εμπορ*; η-εμπορ*; e-shop*; eshop*
        ; e shop*; internet magazin*; інтернет магазин*; интернет магазин*; sklep* internet*
        ; comercio electronic*; tienda online; elektron tijorat*; elektron savdo*; online sales*
        ; online sale*; ecom*; e-com*; e com*; онлайн продаж*; інтернет-магазин*
        ; интернет-магазин*; marketplace*; маркетплейс*; sprzedaz* online; ηλεκτρ* καταστ*; ecom
        ; online shop
    controller finance | controller*; financial control*; fin control*; kontroler* finans*
        ; контролер* фінанс*; фінансов* контролер*; фінанс* контролер*; фин* контрол*
        ; финансов* контрол*; controller financier*; οικονομικ* ελεγκτ*; controlling*
        ; kontroling*; moliyaviy nazorat*; контроллер*; контролінг*; controller de gestion
        ; fin contr*; control de gestion; контроллинг*; οικ ελεγκτ*; controler fin*
        ; moliya nazorat*; finanzcontroller*
    finance analyst | financial anal*; fin anal*; analit* finans*; analityk* finans*
        ; фінанс* аналіт*; фінансов* аналіт*; фин* аналит*; финансов* аналит*; οικονομικ* αναλυτ*
        ; analista financ*; moliyaviy tahlil*; finanzanalyst*; οικ αναλ*; moliya tahlil*
        ; analista fin
    analyst | analyst*; analityk*; аналіт*; аналит*; αναλυτ*; analista*; tahlilch*; analitik*
        ; анал; analitic*; αναλ
    business | business; biznes*; бізнес*; бизнес*; επιχειρ*; επιχειρησιακ*; negocio*; bizn
        ; geschaft*; biz
    data | data; danych; дані; даних; данных; δεδομεν*; datos; ma'lumot*; bi; big data; daten*
        ; malumot*; дан; bi anal*
    audit | audit*; rewident*; аудит*; εσωτερικ* ελεγκτ*; εσωτερικ* ελεγχ*; auditor*; auditoria
        ; biegl* rewident*; ревізор*; ревизор*; revisor*; εσωτ ελεγκτ*; εσωτ ελεγχ*
        ; kontroler wewnetrzn*; внутрішн* контрол*; внутренн* контрол*; внутрішн* ауд*
        ; внутренн* ауд*; ichki nazorat*; εσ ελεγκτ*
    economist | economist*; ekonomist*; економіст*; экономист*; οικονομολ*; iqtisodch*
        ; фінансист*; финансист*; plan* econom*; ekon; екон; экон; плановик*; плановик
        ; планово економ*; volkswirt*; ikt
    treasurer | treasur*; skarbnik*; казначе*; ταμι* εταιρ*; tesorer*; xazinach*; g'aznach*
        ; gaznach*; tresorier*; ταμεια* διαχ*; treasury*; διαχειριστ* διαθεσ*; schatzmeister*
        ; skarbn
    credit | credit*; debt*; collect*; windyk*; naleznos*; дебіторськ*; дебиторск*; борг*; долг*
        ; стягнен*; взыскани*; дебиторк*; дебіторк*; πιστωτ*; εισπραξ*; cobro*; recobro*
        ; cobranza*; debitor*; qarz*; ar specialist*; impagad*; απαιτ*; inkasso*; creditos
        ; mahnwesen; accounts receivab*; дз
    office | office; biur*; офіс*; офис*; γραφει*; oficina*; ofis*; buro*; bureau; of manager
        ; ofic
    office head | office manager*; office-manag*; kierown* biur*; офіс менеджер*; офис менеджер*
        ; офіс-менеджер*; офис-менеджер*; ofis menejer*; υπευθ* γραφ*; jef* de oficina
        ; office admin*; responsable de oficina; διαχ* γραφ*; gerente de oficina
        ; koordynator* biur*; kier* biur*; завідувач* офіс*; office mgr; ofis-menejer*
        ; διευθ* γραφ*; jef* oficina; администратор* офис*; адміністратор* офіс*; кер* офіс*
        ; менеджер офис*; coordinador* de oficina; encargad* de oficina
    administration | administra*; administr*; admin; adm; адмін*; админ*; админист*; διοικητ*
        ; διοικ; administrativo*; ma'muriy*; mamuriy*; verwaltung*; idari; деловод*; делопроизв*
        ; діловод*; διεκπερ*; ish yurit*; kadry adm; канцеляр*; kancelar*; archiwist*
        ; архивариус*; архіваріус*; ish yuritu*
    administration clerk_ | діловод*; делопроизвод*; administrativ*; pracown* administr*
        ; prac* adm*; διοικητικ* υπαλλ*; auxiliar* administr*; aux* adm*; administrative clerk*
        ; admin clerk*; office clerk*; prac* biurow*; pracown* biurow*; referent*
        ; ish yurituvchi*; pisarz*; секретар делопроизв*; канцеляр*; υπαλλ* γραφ*; admin assist*
        ; administrative assist*; administrative offic*; ofis xodim*; admin offic*; διοικ* υπαλλ*
        ; sachbearbeit*; офіс* працівник*; офисн* сотруд*; kancelar*; διοικητικ* βοηθ*
        ; ofic* administr*; ofic* adm*; клерк*; specjalist* administr*; specialist* administr*
    reception | reception*; recepcj*; recepcion*; ресепш*; рецепц*; ρεσεψιον*; υποδοχ*
        ; front desk*; qabulxona*; frontdesk*; администратор* ресеп*; адміністратор* рецеп*
        ; адміністратор* ресеп*; resepshn*; portier*; rezeption*; empfang*; ρεσεψ*; rec desk
        ; qabul; recep
    infosec | information security*; infosec*; cyber*; cybersec*; bezpieczenstw* informac*
        ; bezpieczenstw* it; інформаційн* безпек*; информацион* безопасн*; кібербез*; кибербез*
        ; ασφαλει* πληροφορ*; κυβερνοασφ*; ciberseg*; seguridad de la informacion
        ; seguridad informatic*; axborot xavfsizlig*; it security*; it sec*; информ* безоп*; ибе
        ; иб; seguridad ti; kiberxavf*; інформ* безпек*; иб спец; ασφ πληροφ*; ασφαλει* συστημ*
        ; it-sicherheit*; infosec; ciber*; кб; cyberbezp*
    security | security; ochron*; охорон*; охран*; безпек*; безопасн*; ασφαλει*; φυλαξ*
        ; seguridad; xavfsizlig*; qo'riq*; сб; guard*; security guard*; vigilante*; sicherheit*
        ; охранник; sluzb* ochron*; φρουρ*; φυλακ*; вартов*
    it_support | it guy; technical support eng*; it support*; it helpdesk*; helpdesk*; help desk*
        ; service desk*
        ; support specialist*; tech* support*; technical support*; wsparci* it; wsparci* techn*
        ; wsparci* informat*; техпідтрим*; техподдерж*; технічн* підтрим*; техническ* поддерж*
        ; тех поддерж*; тех підтрим*; технической поддерж*; υποστηριξ* it; υποστηριξ* πληρ*
        ; τεχνικ* υποστηρ*; τεχν υποστ*; soporte tecnic*; soporte it; soporte informat*; soporte
        ; texnik yordam*; it yordam*; саппорт*; desktop support*; service-desk*; wsparci*
        ; підтрим* користув*; поддерж* пользов*; it-support*; it xizmat*; user support; эникей*
        ; енікей*; texnik qo'llab*; helpdesk it; tecnic* de soporte; tecnic* soporte
        ; support eng*; підтримк* іт; ит поддержк*; it-поддержк*; υποστηρ* χρηστ*; it tech*
        ; computer tech*
    erp | erp*; sap*; ерп*; consultor* erp; odoo*; консультант* 1с; консультант* 1c; dynamics*
        ; navision*; 1с консульт*; συμβουλ* erp; sap consult*; 1с-консульт*; axapta*; bas; erp-*
    consultant | consult*; konsult*; doradc*; консульт*; συμβουλ*; consultor*; maslahatchi*
        ; berater*; asesor*; advisor*; adviser*; радник*; советник*; cons; maslahat*
    service | service; serwis*; сервіс*; сервис*; σερβις; servicio*; xizmat*; techniki serwis*
        ; after sales*; aftersales*; post-venta; postventa; послепродаж*; servis*; obsl serwis*
    service engineer | service eng*; service tech*; field service*; inz* serwis*; serwisant*
        ; сервіс* інж*; сервисн* инж*; сервісн* інж*; інж* сервіс*; инж* по сервис*
        ; инженер* сервис*; μηχαν* σερβις; τεχνικ* σερβις; τεχνικ* service; servis muhandis*
        ; tecnic* de servicio; tecnic* servicio; tecnic* postventa; technik serwis*; серв инж*
        ; ingenier* de servicio*; ingenier* servicio*; сервисник*; servicetechniker*
        ; servis injener*; monter serwis*; tecnic* sat; sat; service mechanic*; xizmat muhandis*
        ; μηχαν* εξυπ*; μηχαν* τεχν* εξ*; tecnic* de campo; техник* сервис*; технік* сервіс*
        ; серв інж*
    store | store; stores; shop; sklep*; магазин*; маг; καταστημ*; καταστ; tienda*; do'kon*
        ; filialleiter*; punto de venta; salon*; do'kon; dokon*; negozio; boutique; butik*
        ; τοπικ* καταστ*; outlet; superm*; супермарк*; торгов* точк*; markt*; магаз
    store head | store manager*; shop manager*; завмаг*; зав маг*; kierown* sklep*; kier* sklep*
        ; директор* магаз*; управляющ* магаз*; керуюч* магаз*; завідувач* магаз*
        ; завідуюч* магаз*; υπευθ* καταστ*; διευθ* καταστ*; καταστηματαρχ*; encargad* de tienda
        ; encargad* tienda; jef* de tienda; gerente de tienda; responsable de tienda
        ; do'kon mudir*; do'kon rahbar*; do'kon menejer*; store mgr; dokon mudir*; encarg* tienda
        ; администратор* магаз*; адміністратор* магаз*; зав магазин*; filialleit*
        ; responsable tienda; jef* tienda; kierown* salon*; υπ καταστ*; заведующ* магаз*
        ; dokon rahbar*; управл* маг*; head of store; дир маг*; дир магаз*
    shop worker | shop assistant*; sales assistant*; salesclerk*; sales clerk*; shop clerk*
        ; sprzedawc*; sprzedawczyn*; ekspedient*; продавец*; продавц*; продавчин*; продавчиц*
        ; продавщиц*; продавец-консул*; продавець*; πωλητ*; πωλητρι*; dependient*; vendedor*
        ; sotuvch*; verkaufer*; vendeur*; vendeus*; store assistant*; продав; shop assist
        ; retail assist*; консультант* магаз*; store associate*; prod konsult*; πωλ καταστ*
        ; retail sales*; salesperson*; salesman*; saleswoman*; prodavac*; doradc* klient*
    cashier | cashier*; kasjer*; касир*; кассир*; ταμια*; cajer*; kassir*; kassierer*; caissier*
        ; kasjerk*; till oper*; каса; касса; cajero
    merchandiser | merchandis*; мерчанд*; мерченд*; merchendays*; visual merch*; мерч; reponedor*
        ; mercader*; merchandayz*; merchendis*; μερτσαντ*; мерчендайз*; promotor*
    site head | site manager*; construction manager*; kierown* budow*; kier* budow*; прораб*
        ; виконроб*; начальник* участ*; нач* участ*; начальник* дільниц*; нач* дільниц*
        ; εργοταξιαρχ*; jef* de obra; jef* obra; qurilish*; bauleiter*; encargad* de obra
        ; prorab*; construction superv*; начальник строительн*; начальник будів*; υπευθ* εργοταξ*
        ; producent budow*; производител* работ; виконавец* роб*; construction site*
        ; site superv*; encargad* obra; qurilish boshlig*; нач стро*; нач буд*; chef de chantier
        ; site foreman*; site agent*
    construction | construct*; budow*; будівн*; будівел*; строител*; κατασκευ*; construccion*
        ; obra*; qurilish*; bau*; cantier*; стр-ва; буд-ва; εργοταξ*
    architect | architekt*; architect*; архіт*; архит*; αρχιτεκτ*; arquitect*; arxitektor*
        ; me'mor*; архітект; memor*
    facility head | facilit*; facility manag*; завгосп*; завхоз*; зав хоз*; зав госп*
        ; завідувач* господ*; заведующ* хозяйств*; начальник* ахо; нач* ахо; начальник* ахч
        ; нач ахч; ахо; ахч; ахв; административ* хозяйств*; адміністративно господ*
        ; kierown* administracji obiekt*; kierown* obiekt*; administrator* obiekt*
        ; υπευθ* εγκαταστ*; εγκαταστ*; jef* de servicios generales; servicios generales
        ; responsable de instalac*; instalaciones; xo'jalik mudir*; xojalik mud*; gospodarcz*
        ; administracj* obiekt*; хозчаст*; начальник* хоз*; нач хоз*; zavxoz*; зав господ*; хоз
        ; xo'jalik*; building manag*; property manag*; διαχ* εγκατ*; konserwator kier
        ; διαχ* κτιρ*; kier* admin* obiekt*; conserj* jefe; hausmeister leit*
        ; kierown* administrac*; xojalik*
    security head | head of security; security manager*; chief of security; chief security*
        ; начальник* служб* безпек*; начальник* служб* безопасн*; нач* сб; начальник сб
        ; нач охран*; начальник* охран*; начальник* охорон*; нач охор*; kierown* ochron*
        ; szef ochron*; kier* ochron*; υπευθ* ασφαλ*; υπευθ* φυλ*; jef* de seguridad
        ; jef* seguridad; director* de seguridad; xavfsizlik* boshlig*; xavfsizlik* bo'lim*
        ; szef bezpieczen*; нач служб* безоп*; нач служб* безп*; προιστ* ασφαλ*
        ; leiter sicherheit*; керівник* служб* безпек*; кер* охорон*; xavfsizlik xizmati*
        ; qo'riqlash boshl*; encargad* de seguridad; responsable de seguridad; υπ ασφαλ*
        ; рук* служб* безоп*; security chief
    agronomist | agronom*; агроном*; γεωπον*; ingenier* agronom*; agronomo; agrotech*
        ; perito agric*; agr
    pharmacist | pharmac*; farmac*; фармац*; провізор*; провизор*; φαρμακοπ*; dorixonach*
        ; farmatsevt*; boticari*; apothek*; aptek*; аптекар*; magister farmac*
    translator | translat*; interpret*; tlumacz*; перекладач*; переводчик*; μεταφραστ*; διερμην*
        ; traductor*; tarjimon*; ubersetz*; dolmetsch*; толмач; traduc; переводч*
    export | export*; eksport*; експорт*; экспорт*; εξαγωγ*; exportacion*; эксп-т; exportac*
        ; wywoz*
    foreign_trade | foreign trade*; foreign economic*; зед; зєд; вэд; вед діяльн*
        ; зовнішньоеконом*; внешнеэконом*; comercio exterior; comex; handl* zagraniczn*
        ; tashqi iqtisod*; tif; import export; импорт экспорт; импорт*; імпорт*; import*
        ; διεθν* εμπορ*; tashqi savdo*; tashqi*; зовн* торг*; внешн* торг*; внешнеторг*
    development | develop*; rozwoj*; розвит*; развит*; αναπτυξ*; desarroll*; rivojlan*
        ; entwicklung*; розв; bd; bdm; bizdev*; biz dev*; business dev*; развития; разв
    development business | business dev*; bizdev*; biz dev*; bd; rozwoj* biznes*; розвит* бізнес*
        ; развит* бизнес*; επιχειρηματικ* αναπτ*; desarrollo de negocio*; desarroll* negocio*
        ; biznesni rivoj*; geschaftsentw*; nuevos negocios; new business; dev business
        ; biznes rivoj*; αναπτ* επιχειρ*; επιχ* αναπτ*; αναπτ* εργ*; rozw* bizn*
    development business head | bdm; business dev* manager
    general | general*; generaln*; генеральн*; ген; γενικ*; γεν; gral; gen; bosh umum; umumiy
        ; naczeln*
    group_ | group; holding*; corporate; холдинг*; групп комп*; grupa
    internal_ | internal*; wewnetrzn*; внутрішн*; внутренн*; εσωτερικ*; εσωτ; interno; interna
        ; ichki*; wewn
    ignore_ | in house*; inhouse*; of; the; and; for; at; in; to; a; an; de; del; la; las; el
        ; los; y; en; al; i; w; z
        ; ze; na; do; ds; d.s; spraw; sprawach; o; по; з; із; зі; с; со; в; у; та; и; й; для; на
        ; και; του; της; των; τησ; με; va; bo'yicha; boyicha; ва; pani; pan; mr; mrs; ms; per
        ; für; fur; d/s; di; da; du; des; und; oraz; lub; or; і; или; або; ή; η; ο; στο; στη; σε
        ; το; τις; cross; international*; міжнародн*; международн*; miedzynarodow*
        ; internacional*; διεθν*; global*; country; krajow*; национ*; націон*; local*; emea; cee
        ; cis; снг; снд; xalqaro*; cluster; по-; ρ; nacional*; national*
    """
)
"""Meanings and their spellings, most of them stems."""

WHOLE_TITLES = rows(
    """
    director general | gerente; gte; boss; chief; szef; dyrektor; директор; direktor; rahbar
        ; director
        ; διευθυντής; διευθύντρια; руководитель; керівник; руководитель компании; director/a; шеф
    sales specialist | comercial; handlowiec; торговый; sales; ventas; sprzedaż; продажи; savdo
    specialist administration clerk_ | administrativo; administrativa; διοικητικός; admin
    secretary | sekretariat; γραμματεία; секретариат
    """
)
"""Meanings of titles that are one word and nothing else."""

KIN = words(
    """
    wife husband friend brother sister son daughter mother father жена муж подруга брат сестра
    сын дочь дружина чоловік син дочка mąż małżonka brat siostra syn córka przyjaciel znajomy esposa
    esposo marido amigo amiga hermano hermana hijo hija σύζυγος φίλος φίλη αδελφός κόρη xotini
    """
)
"""Words that say whose relation a person is, which is no position."""

NOT_STATED = words(
    """
    не нет no nie not n a b d dotyczy applicable
    pendiente none unknown n/a na tbd brak niepodano nieznane вказано указано данных даних данные
    неизвестно невідомо άγνωστο αγνωστο άγνωστος xxx test asdf тест yoq yo'q noma'lum нема немає нет
    нету ninguno ninguna desconocido sin nd κανένα δοκιμή прочерк null nil
    """
)
"""Words that people type when they do not know the title."""
