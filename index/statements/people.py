"""What words tell of people: first names, forms of address, offices, and which of them are a woman's or a man's.

The lists are short on purpose: they hold what is common in English-language news. A word that is not there
tells nothing, and nothing is decided by it.
"""

from __future__ import annotations

from typing import Literal

Gender = Literal["f", "m"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MEN = _words(
    "aaron abdul abdullah abraham adam adel ahmad ahmed alan albert alberto alejandro alexander alfred ali allen anders "
    "andre andreas andres andrew andy angus anthony antonio antony arnold arthur ashraf ban barack barry bashar ben "
    "benjamin benny bernard bernie bert bill billy bob bobby boris brad bradley brandon brendan brett brian bruce bryan "
    "carl carlos charles charlie chris christian christopher chuck clarence clark claude clint colin corey craig cristian "
    "curt dan daniel danny darren dave david dean dennis derek diego dmitri dmitry dominic don donald doug douglas duncan "
    "dwight earl ed eddie edgar edmund eduardo edward edwin eli elliott elon emmanuel enrique enver eric erik ernest "
    "ernesto ethan eugene evan felipe felix fernando florian francisco francois frank franklin fred frederick fuad gary "
    "gavin gene geoff geoffrey george gerald gerard gerry giovanni giuseppe glen glenn gonzalo gordon graham grant greg "
    "gregory gunther guy hamid hank hans harold harry hassan henrik henry herbert herman hosni howard hugh hugo ian ibrahim "
    "igor imran isaac ismail ivan ivo jack jackson jacob jacques jake jamal james jan jared jason javier jay jeb jeff "
    "jeffrey jeremy jerome jerry jim jimmy joe joel johann john johnny jon jonathan jordan jorge jose josef joseph josh "
    "joshua juan julian julius justin karl keith ken kendrick kenneth kevin khaled khalid kofi kurt kyle lance larry lars "
    "laurent lawrence lee leo leon leonard lewis liam lincoln lindsey lloyd lou louis luc lucas luis luke mahmoud malcolm "
    "manuel marc marcel marco marcos mario mark markus martin marvin mathew mathias matt matteo matthew maurice mauricio "
    "max maxim maxime michael michel miguel mike mikhail mitch mitt mohamed mohammad mohammed muhammad mustafa naftali "
    "najib narendra nathan neil nelson newt nicholas nick nicolas nigel nikolai noah noel norman oleg oliver omar oscar "
    "otto owen pablo patrick paul pavel pedro peter petr phil philip philippe phillip pierre prince rafael rahul raj ralph "
    "ramon rand randall randy raul ray raymond reince rene rex ricardo richard rick ricky rob robert roberto robin rod "
    "rodney rodrigo roger roland roman ron ronald rory ross roy rudolph rudy rupert russell ryan saad sajid salim salvador "
    "sam samuel santiago scott sean sebastian serge sergei sergey sergio seth shane shaun shawn sheldon shimon shinzo sid "
    "silvio simon stanley stefan stephen steve steven stewart stuart sven ted terence terrence thomas tim timothy tobias "
    "todd tom tommy tony travis trevor trey tyler valery viktor vince vincent vladimir vlad volodymyr walter warren wayne "
    "werner wesley will willem william willy winston wolfgang xavier yair yasser yuri yusuf zach zachary hector victor"
)
WOMEN = _words(
    "abigail adele agatha agnes aisha alexandra alia alice alicia alison allison alyssa amanda amber amelia amy ana "
    "anastasia andrea angela angelina anita ann anna anne annette annie april ariana ashley audrey ava barbara beatrice "
    "becky benazir bernadette beth betsy betty bianca bonnie brenda briana bridget brigitte brittany caitlin camille "
    "candice carla carly carmen carol carole caroline carolyn carrie catherine cathy celia chantal charlotte chelsea cheryl "
    "christina christine cindy claire clara claudia colleen condoleezza constance courtney cristina cynthia daisy dana "
    "daniela danielle dawn deborah debbie debra denise diana diane dianne dina dolores donna dora doris dorothy edith "
    "eileen elaine eleanor elena elizabeth ella ellen elsa emily emma erica erika erin esther ethel eva eve evelyn farah "
    "fatima felicia fiona florence frances francesca gabriela gail gayle georgia geraldine gertrude gina giorgia gladys "
    "glenda gloria grace greta gretchen gwen hanna hannah harriet heather heidi helen helena helga hilary hillary hope huma "
    "ida ilana ilse ingrid irena irene iris irina isabel isabella ivana ivanka jacinda jackie jacqueline jamie jan jane "
    "janet janice jasmine jean jeanne jen jenna jennifer jenny jessica jill jo joan joanna joanne jocelyn josephine joy "
    "joyce juanita judith judy julia juliana julie june justine kamala karen karin karina kate katherine kathleen kathryn "
    "kathy katie katrina kayleigh kellyanne kiara kimberly kirsten kirsty kristen kristi kristin kristina laura lauren leah "
    "leila lena leslie lillian lily linda lindsay lisa liz liza lois lola loretta lori lorraine louise lucia lucy lydia "
    "lynn mabel maddie madeleine madeline maggie margaret margarita maria mariam marie marilyn marina marine marion "
    "marjorie marlene marsha martha mary maryam maureen megan meghan megyn melania melanie melinda melissa mercedes "
    "meredith mia michelle mildred miranda miriam molly monica muriel myra nadia nancy naomi natalia natalie natasha nicola "
    "nicole nikki nina nora norma olga olivia pam pamela patricia patty paula pauline penelope penny petra phyllis polly "
    "priscilla rachel rebecca regina renee rhonda rita roberta rosa rose rosemary roxanne ruth sally samantha sandra sandy "
    "sara sarah shannon sharon sheila shelley sherry shirley silvia simone sofia sonia sonya sophia sophie stacey stacy "
    "stella stephanie sue suella susan suzanne svetlana sylvia tamara tammy tania tara tatiana teresa terri thelma theresa "
    "tina tracey tracy ursula valentina valerie vanessa vera veronica vicki vicky victoria viola violet virginia vivian "
    "wanda wendy whitney wilma yolanda yulia yvette yvonne zara zoe"
)
EITHER = _words(
    "alex ash blake cameron casey chelsey chris dana drew jamie jan jean jesse jessie jo kelly kim lee leslie lou lynn "
    "morgan nicola pat robin sam shannon taylor terry tracy"
)
"""First names of both; ``first_name_gender`` is None for them."""

HONORIFICS: dict[str, Gender | None] = {
    **dict.fromkeys(("mr", "mister", "sir", "lord", "monsieur", "señor", "senor", "herr", "fr"), "m"),
    **dict.fromkeys(("mrs", "ms", "miss", "madam", "madame", "mme", "lady", "dame", "señora", "frau", "sister"), "f"),
    **dict.fromkeys(("dr", "prof", "mx", "rev", "hon"), None),
}
"""Forms of address that stand before a name and are no part of it, without their full stops."""

OFFICES = _words(
    "academic accountant activist actor actress admiral adm administrator adviser advisor agent aide ambassador amb analyst "
    "anchor archbishop architect artist assemblyman assistant associate astronaut athlete attorney author ayatollah baron "
    "biologist bishop blogger boss brigadier broadcaster businessman businesswoman campaigner candidate capt captain "
    "cardinal ceo cfo chair chairman chairperson chairwoman chancellor chef chemist chief co-chair co-founder cofounder "
    "coach col colonel columnist comedian commander commentator commissioner composer comptroller congressman congresswoman "
    "consul consultant contender coordinator coroner correspondent councillor councilman councilwoman counsel counselor "
    "critic curator deacon dean defector delegate democrat deputy designer detective developer director doctor economist "
    "editor educator emeritus emperor emir engineer entrepreneur envoy executive expert father farmer filmmaker fisherman "
    "foreman founder fundraiser gen general geologist goalkeeper gov governor guitarist hacker head historian host imam "
    "independent inspector instructor investigator investor journalist judge justice king lawmaker lawyer leader lecturer "
    "legislator libertarian librarian lieutenant lobbyist lt magistrate maj major manager marshal mathematician mayor medic "
    "minister mogul monk mother musician nominee novelist nurse officer official ombudsman operative organizer owner "
    "painter pastor philosopher photographer physicist pilot player pm poet pollster pope premier presenter president "
    "priest prime prince princess principal producer prof professor programmer prosecutor publisher queen rabbi rapper "
    "reader recipient rector registrar rep reporter representative republican resident researcher rev reverend scholar "
    "scientist sculptor sec secretary sen senator sergeant sgt sheikh sheriff singer skipper socialist soldier solicitor "
    "speaker specialist spokesman spokesperson spokeswoman spox strategist student sultan superintendent supt surgeon "
    "surrogate surveyor swimmer teacher technician treasurer trustee tsar undersecretary veteran veterinarian vice victim "
    "volunteer warden winner witness worker writer"
)
"""What a person can be; before a name it is a title, alone or with others it describes whoever bears it."""

MALE_WORDS = _words(
    "actor baron boy brother businessman congressman councilman dad father fisherman grandfather husband king man monk "
    "nephew pope prince assemblyman son spokesman sultan uncle chairman gentleman waiter stepfather grandson widower "
    "policeman fireman"
)
FEMALE_WORDS = _words(
    "actress aunt businesswoman chairwoman congresswoman councilwoman daughter girl grandmother lady mom mother mum niece "
    "nun princess queen sister spokeswoman waitress widow wife woman stepmother granddaughter policewoman"
)

PERSON_WORDS = (
    MALE_WORDS
    | FEMALE_WORDS
    | _words(
        "adult boss child colleague friend graduate kid member native partner people person relative spouse supporter teen "
        "teenager toddler youth baby"
    )
)
"""Words for a person that are no office."""

ANYBODY = _words(
    "actor actress author billionaire boy businessman businesswoman candidate congressman congresswoman girl governor "
    "lawmaker man mogul musician nominee player politician pop senator singer star student teen teenager veteran victim "
    "woman writer"
)
"""What may describe whoever an article tells of ("the candidate"), without having been given as their title."""

GROUPS = _words(
    "agency army bank business charity church club coalition committee company corporation council court department firm "
    "foundation government group institute magazine manufacturer militia ministry movement network newspaper "
    "organisation organization outfit paper party police publication publisher retailer site team union university website"
)
"""What may describe a body ("the company") whose name does not say so."""

FINDINGS = _words("analysis findings paper poll report research review study survey")
"""What a report is called, now by one of them, now by another."""

PARTIES = _words("democrat democratic republican gop labour tory conservative libertarian liberal socialist independent")
"""Words of party that stand before a name ("Republican Donald Trump")."""

BODIES = _words(
    "academy administration agency airlines alliance army assembly association authority bank board bureau cabinet campaign "
    "center centre chamber channel church city club co coalition college commission committee commons community company "
    "conference congress consortium convention corp corporation council country county court department district embassy "
    "federation firm force forces foundation fund gazette globe government group guard herald house inc institute "
    "institution journal kingdom league legion limited llc ltd mail media ministry mission motors museum navy network news "
    "newspaper nations office opposition organisation organization parliament parties party people police post press "
    "project report review school senate service services society society star states station store street study survey "
    "team telegraph times today tribune trust union university website weekly wing works zoo hospital hotel magazine poll"
)
"""Last words of names that are no person's."""


def first_name_gender(name: str) -> Gender | None:
    """Return whose first name it is, None where it is both or not in the lists."""
    word = name.casefold()
    if word in EITHER:
        return None
    return "m" if word in MEN else "f" if word in WOMEN else None


def is_first_name(word: str) -> bool:
    """Whether the lists have it as a first name."""
    folded = word.casefold()
    return folded in MEN or folded in WOMEN or folded in EITHER


def word_gender(words: list[str]) -> Gender | None:
    """Return what the words of a description ("the congresswoman", "her husband") say, by the last that says anything."""
    for word in reversed(words):
        folded = word.casefold().rstrip(".")
        if folded in MALE_WORDS or HONORIFICS.get(folded) == "m":
            return "m"
        if folded in FEMALE_WORDS or HONORIFICS.get(folded) == "f":
            return "f"
    return None
