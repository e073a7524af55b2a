"""Common given names by language: they tell which word of a name is which.

A name that is missing here is no error; the order then follows the language's custom, and where a
language has two customs the name is refused.
"""

from __future__ import annotations

from cleansing.tables import words
from cleansing.text import fold, latin

_BY_LANGUAGE = {
    "uk": """
        Олександр Олександра Олена Ольга Оксана Олег Олексій Андрій Анна Ганна Антон Артем
        Богдан Богдана Борис Вадим Валентин Валентина Валерій Валерія Василь Василина Віктор
        Вікторія Віталій Віра Владислав Володимир Галина Григорій Дарина Дар'я Денис Дмитро
        Діана Євген Євгенія Єлизавета Жанна Зоя Іван Іванна Ігор Ілля Інна Ірина Карина
        Катерина Кирило Костянтин Лариса Лев Леонід Леся Лідія Любов Людмила Максим
        Маргарита Марина Марія Мар'яна Микита Микола Мирослав Мирослава Михайло Назар
        Наталія Наталя Надія Ніна Остап Павло Петро Поліна Роман Руслан Руслана Світлана
        Святослав Сергій Софія Соломія Станіслав Степан Тамара Тарас Тетяна Тимофій Федір
        Юлія Юрій Яна Ярослав Ярослава Яків Матвій Данило Злата Орест Ростислав
        """,
    "ru": """
        Александр Александра Алексей Алёна Алина Алла Анастасия Анатолий Андрей Анна Антон
        Антонина Арсений Артём Борис Вадим Валентин Валентина Валерий Валерия Василий Вера
        Вероника Виктор Виктория Виталий Владимир Владислав Вячеслав Галина Геннадий Георгий
        Глеб Григорий Дарья Денис Дмитрий Диана Евгений Евгения Екатерина Елена Елизавета
        Жанна Зинаида Зоя Иван Игорь Илья Инна Ирина Карина Кирилл Константин Ксения Лариса
        Лев Леонид Лидия Любовь Людмила Максим Маргарита Марина Мария Марат Михаил Надежда
        Наталья Наталия Никита Николай Нина Оксана Олег Ольга Павел Пётр Полина Раиса Роман
        Руслан Светлана Святослав Семён Сергей София Станислав Степан Тамара Татьяна Тимофей
        Тимур Фёдор Филипп Эдуард Юлия Юрий Яков Яна Ярослав Рустам Айгуль Алишер Бахтиёр
        Дильшод Гульнара Эльвира Ринат Ильдар
        """,
    "be": """
        Аляксандр Алена Андрэй Сяргей Мікалай Уладзімір Дзмітрый Наталля Вольга Святлана
        Іван
        """,
    "bg": """
        Иван Георги Димитър Петър Николай Христо Стоян Тодор Васил Йордан Александър Мария
        Елена Ивана Десислава Гергана Радка Цветан Красимир Пламен Валентин Стефан Борис
        Мартин Виктория Габриела Надежда Росица Даниела Ралица Боян Калоян Огнян Светослав
        Борислав Любомир
        """,
    "sr": """
        Никола Милан Марко Јелена Драган Зоран Милица Иван Ана Марија Стефан Душан Немања
        Весна
        """,
    "pl": """
        Adam Agata Agnieszka Aleksander Aleksandra Alicja Andrzej Aneta Anna Antoni
        Arkadiusz Artur Barbara Bartosz Bartłomiej Beata Bogdan Bogusław Bożena Cezary
        Damian Daniel Danuta Dariusz Dawid Dominik Dorota Edyta Elżbieta Emilia Ewa Ewelina
        Filip Franciszek Gabriela Grażyna Grzegorz Halina Hanna Henryk Ilona Iwona Izabela
        Jacek Jadwiga Jakub Jan Janina Janusz Jarosław Jerzy Joanna Jolanta Józef Julia
        Justyna Kamil Karol Karolina Katarzyna Kazimierz Kinga Krystyna Krystian Krzysztof
        Lech Leszek Łukasz Maciej Magdalena Małgorzata Marcin Marek Maria Mariola Mariusz
        Marta Mateusz Michał Mieczysław Mirosław Monika Natalia Norbert Oliwia Olga Patrycja
        Patryk Paulina Paweł Piotr Przemysław Radosław Rafał Renata Robert Roman Ryszard
        Sebastian Sławomir Stanisław Stefan Sylwia Szymon Tadeusz Teresa Tomasz Urszula
        Wanda Weronika Wiesław Wiktor Witold Władysław Wojciech Zbigniew Zdzisław Zofia
        Zuzanna Zygmunt Stanisława
        """,
    "el": """
        Γεώργιος Γιώργος Γεωργία Ιωάννης Γιάννης Ιωάννα Κωνσταντίνος Κώστας Κωνσταντίνα
        Δημήτριος Δημήτρης Δήμητρα Νικόλαος Νίκος Νίκη Παναγιώτης Πάνος Παναγιώτα Βασίλειος
        Βασίλης Βασιλική Χρήστος Χριστίνα Αθανάσιος Θανάσης Αθανασία Ευάγγελος Βαγγέλης
        Ευαγγελία Μιχαήλ Μιχάλης Σπυρίδων Σπύρος Σπυριδούλα Αντώνιος Αντώνης Αντωνία
        Αναστάσιος Τάσος Αναστασία Θεόδωρος Θοδωρής Θεοδώρα Ανδρέας Χαράλαμπος Μπάμπης
        Αλέξανδρος Αλέξης Αλεξάνδρα Εμμανουήλ Μανώλης Ηλίας Σταύρος Σταυρούλα Πέτρος
        Στέφανος Στεφανία Ελευθέριος Λευτέρης Ελευθερία Απόστολος Αγγελική Άγγελος Μαρία
        Ελένη Αικατερίνη Κατερίνα Σοφία Ειρήνη Φωτεινή Φώτης Όλγα Άννα Παρασκευή Εύη Ζωή
        Χρυσούλα Δέσποινα Ευφροσύνη Κυριακή Κυριάκος Λάμπρος Μάριος Μαργαρίτα Γρηγόριος
        Ιάκωβος Ραφαήλ Στυλιανός Στέλιος Σωτήριος Σωτήρης Σωτηρία Φίλιππος Νεκτάριος
        Λεωνίδας Giorgos George Yannis Giannis Ioannis Nikos Kostas Dimitris Dimitrios Eleni
        Katerina Vasilis
        """,
    "es": """
        José María Juan Antonio Francisco Manuel Jesús Javier Carlos Miguel Ángel Rafael
        David Daniel Pedro Alejandro Fernando Luis Alberto Sergio Jorge Pablo Ramón Vicente
        Enrique Andrés Diego Joaquín Santiago Álvaro Víctor Eduardo Ignacio Iñaki Jaime Raúl
        Roberto Rubén Ricardo Salvador Tomás Agustín Alfonso Alfredo Felipe Gabriel Gonzalo
        Guillermo Hugo Iván Julio Julián Marcos Mario Martín Nicolás Óscar Carmen Ana Isabel
        Dolores Pilar Teresa Rosa Cristina Laura Marta Lucía Elena Mercedes Josefa Paula
        Sara Raquel Antonia Rosario Beatriz Juana Concepción Silvia Patricia Encarnación
        Montserrat Nuria Margarita Inmaculada Sonia Mónica Rocío Alicia Susana Yolanda Sofía
        Irene Julia Victoria Eva Inés Esther Amparo Lorena Gloria Natalia Begoña Verónica
        Nieves Belén Itziar Jordi Josep Marc Xavier Montse Mireia Aitor Jon Mikel Consuelo
        Luisa Ainhoa
        """,
    "uz": """
        Aziz Aziza Alisher Anvar Akmal Akbar Abdulla Abdullo Bahodir Baxtiyor Bobur Bekzod
        Botir Dilshod Dilnoza Dilfuza Dilorom Davron Doniyor Elyor Farrux Farhod Feruza
        Gulnora Gulchehra Islom Ilhom Jahongir Jasur Javohir Kamola Kamol Laziz Lola Madina
        Malika Mansur Muhammad Murod Nodira Nodir Nigora Nargiza Nilufar Odil Oybek Otabek
        Ozoda Ravshan Rustam Sardor Sherzod Shahnoza Shavkat Sevara Sanjar Saida Temur Timur
        Ulugʻbek Umid Umida Xurshid Yulduz Zafar Zulfiya Zarina Zebo Ziyoda Hasan Husan
        Rahim Rahima Karim Salim Jamshid Mirzo Gulnoza
        """,
    "en": """
        James John Robert Michael William David Richard Joseph Thomas Charles Christopher
        Daniel Matthew Anthony Mark Donald Steven Paul Andrew Joshua Kenneth Kevin Brian
        George Edward Ronald Timothy Jason Jeffrey Ryan Jacob Gary Nicholas Eric Jonathan
        Stephen Larry Justin Scott Brandon Benjamin Samuel Gregory Frank Alexander Raymond
        Patrick Jack Dennis Jerry Peter Henry Simon Ian Graham Colin Neil Stuart Oliver
        Harry Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Nancy
        Lisa Margaret Betty Sandra Ashley Kimberly Emily Donna Michelle Carol Amanda Melissa
        Deborah Stephanie Rebecca Laura Sharon Cynthia Kathleen Amy Angela Shirley Anna Ruth
        Brenda Pamela Nicole Katherine Samantha Christine Emma Catherine Victoria Rachel
        Helen Claire Alice Jane Kate Lucy Charlotte Olivia Sophie Grace Hannah
        """,
    "de": """
        Peter Michael Thomas Andreas Wolfgang Klaus Jürgen Günter Stefan Christian Uwe
        Werner Horst Frank Dieter Manfred Gerhard Hans Bernd Torsten Matthias Helmut Walter
        Heinz Martin Jörg Rolf Jens Sven Alexander Jan Rainer Holger Karl Dirk Joachim Ralf
        Karsten Herbert Markus Sebastian Florian Tobias Lukas Felix Maximilian Johannes
        Jonas Philipp Ursula Karin Helga Sabine Ingrid Renate Monika Susanne Gisela Petra
        Birgit Andrea Anna Brigitte Claudia Erika Christa Elke Stefanie Gertrud Elisabeth
        Maria Angelika Heike Gabriele Katharina Ilse Nicole Anja Christine Barbara Julia
        Katrin Silke Martina Ulrike Anke Lena Laura Sandra Sophie Hannah Jutta Ute
        """,
    "hu": """
        László István József János Zoltán Sándor Gábor Ferenc Attila Péter Tamás Zsolt Tibor
        András Csaba Imre Lajos György Balázs Gyula Mihály Károly Róbert Béla Dávid Dániel
        Ádám Krisztián Miklós Norbert Bence Máté Gergely Mária Erzsébet Katalin Ilona Éva
        Anna Zsuzsanna Margit Judit Ágnes Andrea Julianna Erika Krisztina Irén Eszter
        Magdolna Mónika Edit Gabriella Szilvia Anita Viktória Márta Anikó Tímea Rozália
        Beáta Réka Dóra Nikolett Zsófia Hajnalka Ildikó
        """,
    "fr": """
        Jean Pierre Michel André Philippe René Louis Alain Jacques Bernard Marcel Daniel
        Roger Robert Paul Claude Christian Henri Nicolas Patrick Laurent François Guillaume
        Julien Sébastien Olivier Marie Jeanne Françoise Monique Catherine Nathalie Isabelle
        Jacqueline Anne Sylvie Martine Madeleine Nicole Suzanne Hélène Christine Camille
        Sophie Céline Élodie Chloé Thierry Antoine
        """,
    "it": """
        Giuseppe Giovanni Antonio Mario Luigi Francesco Angelo Vincenzo Pietro Salvatore
        Carlo Franco Domenico Bruno Paolo Michele Giorgio Marco Andrea Luca Alessandro
        Matteo Stefano Roberto Maria Anna Giuseppina Rosa Angela Giovanna Teresa Lucia
        Carmela Caterina Francesca Paola Laura Giulia Chiara Federica Sara Elena Silvia
        Valentina Alessandra
        """,
    "ro": """
        Ion Ioan Andrei Alexandru Gheorghe Vasile Constantin Mihai Nicolae Florin Adrian
        Marian Ștefan Cristian Gabriel Bogdan Radu Vlad Dan Maria Elena Ana Ioana Mihaela
        Andreea Cristina Alexandra Daniela Gabriela Florentina Alina Simona Raluca Monica
        Diana Carmen
        """,
    "cs": """
        Jiří Jan Petr Josef Pavel Martin Tomáš Jaroslav Miroslav Zdeněk Václav František
        Michal Milan Karel Jakub Lukáš David Vladimír Ladislav Ondřej Stanislav Marek Roman
        Marie Jana Eva Hana Anna Věra Lenka Alena Kateřina Petra Lucie Jaroslava Ludmila
        Helena Jitka Martina Zdeňka Veronika Tereza Ivana Zuzana Michaela Jozef Ján Peter
        Štefan Mária Katarína
        """,
    "tr": """
        Mehmet Mustafa Ahmet Ali Hüseyin Hasan İbrahim İsmail Osman Yusuf Murat Ömer Ramazan
        Halil Süleyman Emre Burak Can Cem Serkan Fatma Ayşe Emine Hatice Zeynep Elif Meryem
        Zehra Sultan Hülya Özlem Esra Merve Büşra Selin Deniz Gül Kemal Orhan Kaan Barış
        """,
    "ka": """
        გიორგი დავით ნინო მარიამ ანა თამარ ლევან ირაკლი Giorgi Davit Nino Mariam Tamar Levan
        """,
    "pt": """
        João Pedro Tiago Paulo Rui Nuno Luís Inês Sofia Beatriz Catarina Joana Rita Filipe
        Duarte
        """,
    "nl": """
        Jan Pieter Willem Kees Johan Hendrik Sander Bas Joost Sanne Anouk Femke Marieke
        Annelies
        """,
    "sv": """
        Lars Anders Karl Johan Erik Per Nils Björn Gunnar Anna Eva Karin Kristina Ingrid
        Astrid
        """,
}

GIVEN: dict[str, frozenset[str]] = {
    language: frozenset(fold(name) for name in words(names))
    for language, names in _BY_LANGUAGE.items()
}
"""Language → folded given names."""

EVERYWHERE: frozenset[str] = frozenset(latin(name) for names in GIVEN.values() for name in names)
"""All given names in Latin letters, for texts whose language has no list."""
