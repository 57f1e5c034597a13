"""By which words are disclaimers and appeals known, sentence by sentence? No outlet is named here."""

from newsangle.corpus.cleaning.result import Reason

_SELF = (
    r"(?:this|these|the above|our) (?:\w+ ){0,2}(?:articles?|stor(?:y|ies)|pieces?|posts?|sites?|websites?"
    r"|pages?|publications?"
    r"|materials?|contents?|columns?|essays?|commentary|op-?eds?|reports?|blogs?)"
)
_WRITER = r"(?:authors?|writers?|contributors?|columnists?|bloggers?)"

# (reason, words, patterns searched in one sentence, case aside). Each needs the page to speak of itself, its rights or
# its readers. Of the words between slashes one each must occur, after "^" one of the first two: looking for words first
# keeps long stories cheap.
SENTENCES: tuple[tuple[Reason, str, tuple[str, ...]], ...] = (
    (
        "disclaimer",
        "disclaimer copyright copyrighted reserved",
        (
            r"^\W*(?:legal )?disclaimer\s*[:.–—-]",
            r"\ball rights reserved\b",
            r"^\W*(?:copyright\b ?(?:©|\(c\)|[0-9]{4}|by )|© ?\w)",
        ),
    ),
    (
        "disclaimer",
        ("view views opinion opinions statement statements thoughts / expressed stated contained presented published"),
        (
            (
                r"\b(?:views?|opinions?|statements?|thoughts)\b.{0,60}\b(?:expressed|stated|contained"
                rf"|presented|published)\b.{{0,120}}\b(?:{_SELF}|{_WRITER}|here(?:in)?|own)\b"
            ),
        ),
    ),
    (
        "disclaimer",
        "reflect represent constitute / not",
        (
            (
                rf"\b(?:{_SELF}|{_WRITER})\b.{{0,120}}\b(?:do|does) not (?:necessarily )?(?:reflect|represent"
                r"|constitute)\b"
            ),
        ),
    ),
    (
        "disclaimer",
        "responsibility responsibilities / sole solely full entire",
        (rf"\b(?:sole|solely|full|entire) (?:the )?responsib\w+ of (?:the )?{_WRITER}",),
    ),
    (
        "disclaimer",
        (
            "responsible responsibility liable liability warranty warranties / not no any / article articles "
            "story stories site sites website page publication material materials content column piece post "
            "posts report reports blog inaccurate inaccuracies inaccuracy errors accuracy completeness"
        ),
        (
            (
                rf"\b(?:not|no|any)\b.{{0,40}}\b(?:responsib\w+|liab\w+|warrant\w+)\b.{{0,120}}\b(?:{_SELF}"
                r"|inaccura\w+|errors or omissions|accuracy|completeness)\b"
            ),
        ),
    ),
    (
        "disclaimer",
        "permission / grant grants granted required contact request",
        (
            r"\bgrants? (?:\w+ )?permission to (?:cross-?post|re-?publish|reproduce|re-?post|re-?print|copy)",
            (
                r"\bpermission to (?:re-?publish|reproduce|re-?print|cross-?post)\b.{0,80}\b(?:granted"
                "|required|contact|request)"
            ),
        ),
    ),
    (
        "disclaimer",
        (
            "published reproduced republished broadcast redistributed copied rewritten used stored "
            "distributed / not cannot / material content article part story publication work site"
        ),
        (
            (
                r"\b(?:material|content|article|part|story|publication|work|site)\b.{0,60}\b(?:may|must"
                r"|can) ?not be (?:\w+ )?(?:published|reproduced|re-?published|broadcast|redistributed|copied"
                "|rewritten|used|stored|distributed)"
            ),
        ),
    ),
    (
        "disclaimer",
        (
            "reproduction republication redistribution duplication reprinting unauthorized unauthorised / "
            "prohibited forbidden permission permitted consent allowed"
        ),
        (
            (
                r"\b(?:reproduction|re-?publication|redistribution|duplication|re-?printing"
                r"|unauthori[sz]ed use)\b.{0,60}\b(?:materials?|content|articles?|text|parts?|whole|site|without)\b"
                r".{0,80}\b(?:prohibited|forbidden|permission|permitted|consent|allowed)"
            ),
        ),
    ),
    (
        "disclaimer",
        "copyrighted copyright fair / copyrighted owner holder use",
        (
            r"\b(?:contains|(?:wish|want) to use) copyrighted material\b|\bcopyrighted material the use\b",
            r"\b(?:of|from) the copyright (?:owner|holder)",
            r"\bprovisions? of .?fair use",
            r"\bother than .?fair use",
            r"\bfair use .{0,20}(?:notice|of any such)",
        ),
    ),
    (
        "disclaimer",
        "profit material prior publication / distributed making receiving print contact",
        (
            r"\bdistributed without profit\b",
            r"\bmaking such material available\b",
            r"\bprior interest in receiving\b",
            r"\bfor publication of .{2,80}\b(?:print|contact)\b",
        ),
    ),
    (
        "disclaimer",
        "purposes constitute intended construed / only advice",
        (
            (
                r"\bfor (?:general |your |the )*(?:information|informational|educational"
                r"|research)(?:al)?(?:,? (?:and|or|/|&) \w+)? purposes only\b"
            ),
            r"\bnot (?:constitute|intended as|be construed as) .{0,40}advice\b",
        ),
    ),
    (
        "disclaimer",
        (
            "licensed licenced published available republished generated edited / creative cc gnu article "
            "articles story stories site website page content piece post material report"
        ),
        (
            (
                r"\b(?:published|licen[sc]ed|available|republished) under (?:a |an |the )?(?:creative commons"
                "|cc[ -]by|gnu)"
            ),
            (
                rf"\b(?:{_SELF}) (?:is|are|has been|was) (?:auto-?generated|published (?:un)?edited"
                "|not (?:been )?edited|published from)"
            ),
        ),
    ),
    (
        "disclaimer",
        (
            "using accessing visiting continuing clicking signing submitting recaptcha terms privacy / you "
            "agree consent accept recaptcha use service policy"
        ),
        (
            (
                r"\bby (?:using|accessing|visiting|continuing|clicking|signing up|submitting)\b.{0,80}\b(?:you"
                r" (?:agree|consent|accept)|(?:agree|consent)(?:ing)? to)\b"
            ),
            r"\bprotected by recaptcha\b",
            r"\bour (?:terms of (?:use|service)|privacy policy)\b",
        ),
    ),
    (
        "disclaimer",
        ("trademark trademarks endorse responsible / trademark trademarks endorse content opinions accuracy views"),
        (
            r"\b(?:registered )?trademarks? (?:of|and)\b.{0,80}\b(?:owners?|inc|ltd|corporation|property)\b",
            r"\bwe do not endorse\b",
            r"\bis not responsible for the (?:content|opinions|accuracy|views)",
        ),
    ),
    (
        "metadata line",
        (
            "originally original republished reprinted reposted crossposted cross first / published appeared "
            "posted ran source republished reprinted reposted crossposted"
        ),
        (
            (
                r"\b(?:this|the) (?:article|story|piece|essay|interview|post|op-?ed|commentary|column|analysis"
                r"|report)\b.{0,40}\b(?:originally|first)\b.{0,20}\b(?:published|appeared|posted|ran)\b"
            ),
            r"^\W*(?:originally|first) (?:published|appeared|posted) (?:on|in|by|at)\b",
            r"^\W*(?:re-?published|reprinted|reposted|cross-?posted) (?:here )?(?:with|by|from|under|courtesy)\b",
            r"\boriginal source of this (?:article|story)\b",
        ),
    ),
    (
        "metadata line",
        "reporting writing editing contributed / by report story article",
        (
            r"^\W*(?:additional |with )*(?:reporting|writing|editing) by [A-Z(].{0,160}$",
            r"^(?:[^.?!]|\b\w\.){2,160}\bcontributed (?:to this (?:report|story|article)|reporting)\b.{0,30}$",
        ),
    ),
    (
        "link or address",
        "reached contacted followed / can",
        (r"\bcan be (?:reached|contacted|followed) (?:at|on|via|by)\b",),
    ),
    (
        "link or address",
        (
            "^for please contact e email mail write reach follow find do have got / contact email mail write "
            "reach follow find tip tips story comment question"
        ),
        (
            (
                r"^\W*(?:for (?:media|press|more|further|any|general)\b.{0,40}|please )?(?:contact|e-?mail"
                r"|write to|reach)\b.{0,60}(?:@|\[e-?mail.protected\]).{0,60}$"
            ),
            r"^\W*(?:follow|find) (?:him|her|them|us|me|@\w+)\b.{0,60}\b(?:on|at)\b",
            (
                r"^\W*(?:do you )?(?:have|got) (?:a |any )(?:tip|news tip|story|comment"
                r"|question)s?\b.{0,60}(?:\?|us|e-?mail)"
            ),
        ),
    ),
    (
        "newsletter",
        (
            "^please sign subscribe register get receive follow like join find download thank / newsletter "
            "newsletters inbox updates alerts channel podcast emails e mails briefing mailing here free "
            "today us our app subscribing signing registering"
        ),
        (
            (
                r"^\W*(?:please )?(?:sign up|subscribe|register)\b.{0,80}\b(?:newsletters?|inbox|updates"
                r"|alerts|channel|podcast|emails?|e-mails?|briefing|mailing list|here|free|today)\b"
            ),
            r"^\W*(?:get|receive)\b.{0,80}\b(?:newsletter|inbox|to your e-?mail)\b",
            r"^\W*(?:follow|like|join|find) us on\b",
            r"^\W*(?:join|follow) our\b.{0,40}\b(?:channel|page|group|newsletter|community|telegram|whatsapp)\b",
            r"^\W*download (?:our|the) .{0,20}\bapp\b",
            r"^\W*thank you for (?:subscribing|signing up|registering)",
        ),
    ),
    (
        "donation",
        ("journalism reporting work site website newsroom publication / donation donations support readers / our this"),
        (
            (
                r"\b(?:our|this) (?:journalism|reporting|work|site|website|newsroom"
                r"|publication)\b.{0,60}\b(?:donations?|reader support|your support|readers like you)\b"
            ),
        ),
    ),
    (
        "donation",
        (
            "^please consider help donate donating contribute contributing support supporting become join if "
            "/ us our independent this today now member patron supporter subscriber article story work "
            "reporting journalism site"
        ),
        (
            (
                r"^\W*(?:please )?(?:consider |help )?(?:donat(?:e|ing)|contribut(?:e|ing)"
                r"|support(?:ing)?)\b.{0,40}\b(?:us|our (?:work|journalism|reporting|mission|site|newsroom)"
                r"|independent (?:journalism|media)|this site|today|now)\b"
            ),
            r"^\W*(?:become|join as) a (?:\w+ )?(?:member|patron|supporter|subscriber)\b",
            (
                r"^\W*if you (?:enjoy|enjoyed|like|liked|value|found|appreciate)\b.{0,60}\b(?:article|story"
                r"|work|reporting|journalism|site)\b.{0,120}\b(?:support|donat|contribut|subscri|member|shar)"
            ),
        ),
    ),
    (
        "donation",
        "little like enjoy / what as",
        (
            r"^\W*(?:support|join|subscribe|donate|give|contribute|become)\b.{0,80}\bfrom as little as [$€£]?[0-9]",
            r"^\W*(?:do you )?(?:like|enjoy)(?: what you(?:'re| are)?|ing what you(?:'re| are)?) read",
        ),
    ),
    (
        "metadata line",
        "version / appears appeared ran",
        (r"^\W*a version of this (?:article|story|column|essay)\b",),
    ),
    (
        "cookie notice",
        "cookies",
        (
            r"\b(?:we|site|website|partners)\b.{0,80}\bcookies\b.{0,90}$",
            r"\bcookies\b.{0,80}\b(?:you agree|our use|your browser|this site|experience)\b.{0,60}$",
        ),
    ),
    (
        "related stories",
        "^read also see related watch click tap",
        (
            # With a full stop at its end and long, it is a headline that ran into the story's next sentence.
            r"^\W*(?:read more|also read|read also|see also|read next|related|read our|watch)\s*[:|»>].{3,160}[^.]$",
            r"^\W*(?:read more|also read|read also|see also|read next|related|read our|watch)\s*[:|»>].{3,60}$",
            r"^\W*(?:click|tap) (?:here|on the link|below) (?:to|for)\b",
            r"^\W*(?:read|see) (?:more|the full (?:story|article|report|text)) (?:here|at|on|from|in)\b.{0,80}$",
        ),
    ),
)
