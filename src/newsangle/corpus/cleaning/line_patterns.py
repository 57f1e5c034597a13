"""By which forms are lines of web pages known? Patterns of pages in general, one a line; no outlet is named here."""

from newsangle.corpus.cleaning.result import Reason

MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_CLOCK = r"(?:[0-2]?[0-9][:.][0-5][0-9](?::[0-5][0-9])?\s?(?:a\.?m\.?|p\.?m\.?)?|[01]?[0-9]\s?(?:a\.?m\.?|p\.?m\.?))"
_DAY = (
    rf"(?:[0-3]?[0-9](?:st|nd|rd|th)?\.?,? {MONTH}\.?,? [0-9]{{4}}"
    rf"|{MONTH}\.? [0-3]?[0-9](?:st|nd|rd|th)?,? [0-9]{{4}}"
    r"|[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4})"
)
WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? )"
_ZONE = r"(?: ?\(?(?:utc|gmt|[ecmp][sd]?t|bst|cet|eet|ist|z)(?: ?[+-][0-9:]+)?\)?)"
WHEN = rf"(?:{WEEKDAY}?{_DAY}(?:,?(?: at| -| \||t)? ?{_CLOCK}{_ZONE}?)?|{_CLOCK}{_ZONE}?,? {WEEKDAY}?{_DAY})"
AGO = (
    r"(?:(?:about )?(?:an?|[0-9]+) (?:sec(?:ond)?|min(?:ute)?|hour|hr|day|week|month|year)s? ago|[0-9]+ ?[smhdwy] ago"
    r"|yesterday|just now)"
)
_NETWORK = (
    r"(?:facebook|twitter|x|whatsapp|linkedin|telegram|pinterest|reddit|e-?mail|instagram|youtube|tiktok|messenger"
    r"|google news|viber|vk|tumblr|mastodon|bluesky|threads)"
)
_PIECE = r"(?:article|story|post|page|report|news|piece|video|content|commentary|item)"
_MONEY = r"(?:us|usd|eur|gbp|rub|dollars?|euros?|pounds?|k)"
_LETTER = r"(?:newsletters?|mailing list|briefing|(?:e-?mail )?(?:alerts|updates)|daily e-?mail|inbox)"
_CREDIT = (
    r"(?:photos?|images?|pictures?|pic|photograph|credits?|illustration|graphic|cartoon|screenshot|screengrab|still|map"
    r"|infographic)"
)

# Patterns of the whole key of a line (small letters, plain quotes), by reason; the first that matches counts.
LINES: dict[Reason, tuple[str, ...]] = {
    "decoration": (r"[\W_]*",),
    "bare amount": (
        rf"[$€£¥₽₹]? ?[0-9][0-9.,' ]*(?:[$€£¥₽₹%]|{_MONEY})?(?: ?/ ?(?:month|mo|year|yr))?(?: \(?[0-9]+ ?%\)?)?",
        (
            rf"(?:[$€£¥₽₹]? ?[0-9][0-9.,]*(?: ?[$€£¥₽₹%]| {_MONEY})?(?: ?[-/|] ?| of | raised of "
            "| out of )?){2,8}(?: ?(?:raised|goal|left|to go|target|needed|donated|pledged))?"
        ),
    ),
    "donation": (
        rf"of [$€£¥₽₹]? ?[0-9][0-9.,' ]*(?:[$€£¥₽₹%]|{_MONEY})?(?: .{{0,30}})?",
        (
            "(?:raised|goal|target|needed|collected|donated|so far"
            rf"|total)[: ]+[$€£¥₽₹]? ?[0-9][0-9.,' ]*(?:[$€£¥₽₹%]|{_MONEY})?(?: .{{0,30}})?"
        ),
        (
            rf"[$€£¥₽₹]? ?[0-9][0-9.,' ]*(?:[$€£¥₽₹%]|{_MONEY})? (?:raised|donated|pledged|collected|to go"
            "|of our goal|goal|needed)(?: .{0,30})?"
        ),
        (
            "(?:please )?(?:(?:consider )?donat(?:e|ing)|contribute|chip in|give (?:now|today|monthly"
            "|what you can)|help (?:us|fund our|support our|keep us|keep our)"
            "|(?:consider )?support(?:ing)? (?:us|independent|quality (?:news|journalism|media)|free (?:press"
            "|media)|(?:our|this) (?:work|journalism|reporting|newsroom|team|mission|site|website|channel"
            "|project|publication))|make (?:a|your)(?: [a-z-]+)? (?:donation|contribution|gift)|become (?:a|an"
            "|our)(?: [a-z-]+)? (?:member|patron|supporter|subscriber|sponsor|donor|friend)|fund (?:our"
            r"|independent)|buy (?:us|me) a|your (?:donation|support|contribution|gift))(?:\W.{0,90})?"
        ),
    ),
    "navigation": (
        r"(?:home|homepage|start|front page|main page)(?: ?(?:[>»›/|\\·•,→]|::| - ) ?.{1,160})",
        "(?:you are here|browse|go to|section)[:>] ?.{0,120}",
        "page [0-9]+ (?:of|/) [0-9]+",
        "[0-9]+ of [0-9]+",
        r"(?:(?:prev(?:ious)?|next|first|last|page|[0-9]+|\.\.\.|…)[ |»«›‹>]*){3,}",
        r"(?:next|previous|prev|older|newer) (?:article|post|story|page|entry)s?\b.{0,140}",
        (
            rf"(?:you can )?(?:read|see|view|find|listen to) (?:this|the) (?:same )?{_PIECE} (?:is "
            r"|also )?in (?:[a-z]+)(?:[.:, ]*(?:link|here|click here|→))*\.?"
        ),
        (
            rf"(?:this {_PIECE} (?:is )?)?(?:also )?available in(?: other languages)?:? ?[a-z]+(?:(?:,| and| \|"
            r"| /) ?[a-z]+){0,8}\.?"
        ),
        (
            "(?:read|leer|lire|lesen) (?:in|en|auf) (?:english|german|french|spanish|russian|arabic|turkish"
            "|kurdish|italian|portuguese|chinese|persian|farsi|español|français|deutsch)"
        ),
        r"(?:click|tap|press)(?: here| on| the| this| to| below)\b.{0,90}",
        "(?:skip|jump) to .{1,40}",
        "back to (?:top|home|main|all|the|news|previous|list|results).{0,30}",
        "please (?:enable|turn on|disable) .{1,60}",
        "your browser .{1,100}",
        "(?:this|the) (?:video|audio|page|content) (?:can(?:not|'t)|could not|is not|failed|requires).{0,80}",
        r"(?:already|not yet) (?:a|have an?) (?:subscriber|member|account)\b.{0,60}",
        "you have .{0,30}(?:free )?articles? (?:left|remaining).{0,60}",
        "you(?:'ve| have) reached your .{0,60}",
        (
            "(?:this (?:article|story|content) is (?:for|only|available)|to (?:continue|keep) reading"
            "|subscribe to (?:read|continue|unlock)).{0,90}"
        ),
        r"(?:view|see|show|browse) (?:all|more|full)\b.{0,50}",
        "all (?:posts|articles|stories) (?:by|from|in) .{1,60}",
    ),
    "share": (
        (
            "(?:(?:share|post|send|click to share|click to e-?mail|tweet|pin|print|save|follow|like|join"
            rf"|find)(?: (?:this|it|us|this {_PIECE}|a link))?(?: (?:on|via|to|by|with|at|in"
            rf"|using))* (?:your )?{_NETWORK}|click to print)(?:\W.{{0,60}})?"
        ),
        (
            rf"(?:(?:share|tweet|pin|post|print|save|copy|copy link|like|comment|send|{_NETWORK}|[0-9.,]+k?"
            "|shares?|[|/+•·&,-])(?: |$)){2,20}"
        ),
        "[0-9.,]+ ?[km]? (?:shares?|views?|likes?|reads?|tweets|retweets|reactions?|hits|votes?)(?: .{0,20})?",
        "(?:shares?|views?|likes?|reads|hits)[: ]+[0-9.,]+ ?[km]?",
        r"share (?:this|the|our|your)\b.{0,50}",
        "(?:opens in (?:a )?new window)",
        "text size.{0,20}",
        "listen to (?:this )?(?:article|story).{0,30}",
    ),
    "newsletter": (
        rf"(?:sign ?up|subscribe|register|join|get|receive|enter).{{0,100}}\b{_LETTER}\b.{{0,80}}",
        (
            rf"(?:our|the|a|free|daily|weekly).{{0,30}}{_LETTER}(?:[:.!]| (?:delivered|sent|straight|is|keeps"
            "|brings))?.{0,60}"
        ),
        r"(?:subscribe|sign up|sign-up)(?: now| today| here| free| for free| to| for| via| on| by)\b.{0,90}",
        "(?:enter|provide|type) your e-?mail.{0,60}",
        r"(?:get|download|try|install) (?:our|the) (?:free |new |mobile )*app\b.{0,60}",
        "(?:available|download) on the app store.{0,60}",
        "get it on google play",
        "(?:thank you|thanks) for (?:subscribing|signing up|registering|your subscription).{0,60}",
        "by (?:signing up|subscribing|clicking|submitting|entering).{0,160}",
        r"(?:follow|join|like|find|connect with) (?:us|our)\b.{0,90}",
        r"follow @?\w+(?: \w+){0,3} (?:on|at) .{0,40}",
    ),
    "cookie notice": (
        (
            r".{0,160}\b(?:we|site|website|page|partners|by (?:continuing|using"
            r"|clicking))\b.{0,160}\bcookies\b.{0,200}"
        ),
        r".{0,60}\bcookies (?:on this|to (?:improve|give|make|ensure|personali)|help us).{0,200}",
        "(?:we|this (?:web)?site) (?:value|respect|care about) your privacy.{0,120}",
        "(?:manage|change|review|update) (?:your )?(?:cookie|privacy|consent).{0,40}",
    ),
    "advertisement": (
        (
            "(?:story|article|report|content|post)? ?continues? (?:below|after)(?: (?:the|this"
            "|these))?(?: (?:ad|ads|advert|advertisements?|advertising|sponsored message|image|video|photo"
            "|gallery|media))?"
        ),
        (
            "(?:(?:advertisement|sponsored|promoted|paid (?:post|content|for) by|presented by|brought to you by)"
            "[:. -]|ad ?[:-]).{0,60}"
        ),
    ),
    "related stories": (
        "(?:read|see|view|watch|find)(?: (?:more|also|next|on|here|our|the full|full|related))+ ?[:>»|-].{1,200}",
        (
            "(?:also read|read also|see also|also see|also on|read more|read next|related|must read"
            "|more on this|recommended|don't miss|watch also|watch next|up next|previously|in pictures"
            "|in case you missed it|you may also like|explainer|live updates|watch now|watch live|podcast"
            "|video)(?: (?:article|story|stories|news|coverage|posts?|reading))? ?[:>»|-] ?.{1,200}"
        ),
        r"(?:read|see|find) more (?:about|on|from|of|at|by|in|stories|news)\b.{0,100}",
        "more (?:from|on|stories (?:from|about|on)|news (?:from|about|on)|articles by) [a-z' ]{2,40}",
        "(?:you (?:may|might)|readers|people) also (?:like|be interested|enjoy|read|liked|viewed).{0,60}",
        "what to read (?:next|after).{0,60}",
    ),
    "comment section": (
        r"comments? [0-9.,]+",
        r"\(?[0-9.,]+\)? (?:comments?|replies|reply|responses?|thoughts?)(?: on .{0,160}| to .{0,160}|:)?",
        r"(?:comments?|replies|discussion) ?[(:\[] ?[0-9.,]+ ?[)\]]?",
        (
            "(?:view|show|read|see|load|hide) (?:all |the |more )?(?:[0-9.,]+ )?(?:comments?|replies"
            r"|discussion)(?: \(?[0-9]+\)?)?"
        ),
        r"(?:leave|post|write|add|submit) (?:a|your|an?other) (?:comment|reply|response)\b.{0,60}",
        "(?:log|sign) ?in (?:to|or register to) (?:comment|reply|leave|post|join).{0,40}",
        "you must be (?:logged|signed|registered).{0,80}",
        (
            "comments? (?:are|is|will be|on this|have been) (?:now )?(?:closed|disabled|moderated|turned off"
            "|off|not).{0,80}"
        ),
        "your email address will not be published.{0,80}",
        "required fields are marked.{0,20}",
        "save my name,? .{0,120}",
        "notify me (?:of|when|by|via).{0,60}",
        r"would love your thoughts, please comment\.?x?",
        "join the (?:conversation|discussion|debate).{0,60}",
        "what do you think.{0,60}(?:comment|below).{0,30}",
        "be the first to (?:comment|reply|share).{0,40}",
        "powered by (?:disqus|facebook).{0,20}",
    ),
    "caption": (
        rf"{_CREDIT}(?:\.\.\.|…) ?.{{0,120}}",
        (
            rf"{_CREDIT}(?: (?:credits?|by|courtesy(?: of)?|via|from|source|copyright|caption"
            "|illustration))*(?: ?[:©/|]| -).{0,240}"
        ),
        rf"(?:{_CREDIT}|photographed) (?:by|courtesy(?: of)?|via|from) .{{0,80}}",
        r"(?:file|stock|handout|archive|undated|illustrative) (?:photo|image|picture|photograph)s?\b.{0,120}",
        "©.{0,40}(?:photo|image|getty|afp|reuters|epa|images|press).{0,40}",
        (
            "[^.]{0,60}/(?:afp|ap|reuters|epa|getty(?: images)?|anadolu(?: agency)?|xinhua|shutterstock"
            r"|istock|alamy|bloomberg|dpa|tass|pa|nurphoto)\b[^.]{0,40}"
        ),
        (
            "(?:via )?(?:getty images|shutterstock|wikimedia commons|istock|unsplash|flickr"
            "|creative commons)(?:[/ ,].{0,60})?"
        ),
        "(?:ap|afp|reuters|epa) (?:photo|image|picture)(?:[/ ].{0,60})?",
    ),
    "metadata line": (
        r"a version of this (?:article|story|column|essay)\b.{0,200}",
        (
            "(?:(?:first |originally |last |article )?(?:published|updated|posted|modified|created|date|issued"
            rf"|released|edited|printed|added|uploaded)(?: (?:on|at|date|online))? ?[:|-]? ?)+{WHEN}(?:.{{0,80}})?"
        ),
        (
            "(?:(?:first |last )?(?:published|updated|posted|modified|edited|added)(?: on)?"
            rf" ?[:|-]? ?){AGO}(?:.{{0,60}})?"
        ),
        rf"{AGO}",
        rf"{WHEN} ?[|·•,-] ?.{{0,60}}",
        rf".{{0,60}}[|·•] ?{WHEN}(?:.{{0,40}})?",
        "(?:estimated )?(?:reading|read) time:? .{1,20}",
        "[0-9]+[ -]min(?:ute)?s?[ -](?:read|listen|watch)",
        "(?:less than )?(?:a|one|[0-9]+) minutes? (?:read|to read)",
        "[0-9]+ words",
        (
            "(?:tags?|filed under|tagged|topics?|keywords?|categor(?:y|ies)|posted in|posted under|labels?"
            "|in this story)(?: (?:with|as|in))? ?[:|-].{0,200}"
        ),
        "(?:filed under|tagged|posted in) .{1,120}",
        (
            "(?:articles? by|authors?|written by|text by|story by|words by|reported by|reporting by|editor"
            "|edited by|translated by|translation|compiled by|source|sources|via|original source|courtesy"
            "|credit|photographs by|contributor|reporter|editing by|produced by|posted by|published by"
            "|submitted by) ?[:|].{1,120}"
        ),
        (
            "(?:written|posted|published|reported|edited|translated|compiled"
            rf"|submitted) by [^.]{{2,80}}(?:,? {WHEN}.{{0,40}})?"
        ),
        r"[(\[]?(?:additional |with )?(?:reporting|writing|editing|additional reporting) by .{2,240}",
        r"\((?:reporting|writing|editing|additional|with|compiled).{2,240}\)\.?",
        ".{2,80} contributed (?:to (?:this|the) )?(?:report(?:ing)?|story|article).{0,40}",
        (
            rf"(?:this (?:{_PIECE}|interview|essay|op-?ed|analysis|column|version|work|text)(?: (?:was|has been"
            "|is|also|has|it))*|the (?:article|story|post|essay|op-?ed|interview)(?: (?:was"
            "|has been))* (?:originally|first)) (?:originally |first |also |previously |earlier )*(?:published"
            "|appeared|posted|printed|produced|written|republished|reprinted|syndicated|reproduced|translated"
            "|shared|provided)(?: .{1,200})?"
        ),
        "(?:originally|first|previously) (?:published|appeared|posted) .{1,160}",
        (
            "(?:re-?published|reprinted|reposted|reproduced|syndicated|cross-?posted|courtesy"
            "|used)(?: here)?(?: with| by| from| under| of| at| on) .{1,200}"
        ),
        (
            rf"(?:the )?original (?:(?:source|version)(?: of this {_PIECE})? ?(?:is|can be|at|:|here)|article:"
            "|article here).{0,160}"
        ),
        r"\((?:reuters|ap|afp|dpa|upi|tass|ani|pti|ians|xinhua|efe|ansa|wam|kuna|sana|bloomberg|cnn|bbc)\)",
    ),
    "disclaimer": (
        r"our (?:standards|principles|editorial|ethics|policy|policies)\b.{0,80}",
        r"(?:copyright|©|\(c\)) ?.{0,200}",
        ".{0,120}all rights reserved.{0,120}",
        "disclaimer",
    ),
    "link or address": (
        r"(?:(?:https?://|www\.)\S+[ ,|]*)+",
        r"\S+@\S+\.\w+",
        r"@\w{2,30}",
        (
            "(?:link|source|here|website|url|e-?mail|tel|phone|fax|tip|contact|address|web"
            r"|follow)s? ?[:>-] ?(?:(?:https?://|www\.)\S+|\S+@\S+\.\w+|@\w+|[+0-9() -]{7,})"
        ),
        (
            r"(?:for )?(?:more |further |media |press |general |all |any )*(?:information|inquir\w+|enquir\w+"
            r"|contacts?|requests?|tips?|questions?|corrections?|feedback)\b.{0,60}(?:contact|e-?mail|call"
            r"|write|@|\[email.protected\]|https?:|www\.|:).{0,120}"
        ),
        (
            "(?:(?:contact|e-?mail|write to|reach|call) (?:us|the (?:author|writer|reporter|editor)s?)"
            r"|follow (?:him|her|them|me) (?:on|at|@))\b.{0,120}"
        ),
        r"(?:have|got) (?:a|any) (?:tip|story|news tip|question|comment|correction)s?\b.{0,140}",
        r"\[?(?:link|email.protected|here|pdf|source|image|video|audio)\]?\.?",
    ),
}
