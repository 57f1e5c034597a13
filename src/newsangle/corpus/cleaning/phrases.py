"""Which short lines are never part of a story? Phrases of web pages in general; no outlet is named here.

A phrase is looked up by `units.key_of`. Strong phrases are dropped wherever they stand; weak ones (section names,
"video", "comments") only beside other such lines, or before the first and after the last paragraph of the story.
"""

from newsangle.corpus.cleaning.result import Reason


def _listed(reason: Reason, phrases: str) -> dict[str, Reason]:
    return {phrase.strip(): reason for phrase in phrases.replace("\n", ";").split(";") if phrase.strip()}


STRONG: dict[str, Reason] = {
    **_listed(
        "navigation",
        """skip to content; skip to main content; skip to navigation; skip to main navigation; skip to search
        skip to footer; jump to content; jump to navigation; jump to main content; skip navigation
        skip to the content; zum inhalt springen; aller au contenu; ir al contenido; saltar al contenido
        vai al contenuto; back to top; back to the top; to the top; go to top; return to top; scroll to top
        top of page; back to home; main menu; open menu; close menu; toggle menu; toggle navigation; menu close
        site navigation; site search; sign in; log in; login; log out; logout; sign out; sign up; register
        my account; your account; create account; log in / register; sign in / register; login / register
        sign in or register; log in or sign up; log in | sign up; create an account; forgot password
        forgot your password?; forgot your password; lost your password?; remember me; contact us; about us
        who we are; advertise; advertise with us; privacy policy; privacy notice; cookie policy; terms of use
        terms of service; terms and conditions; terms & conditions; terms; privacy; site map; sitemap; careers
        work with us; work for us; rss; rss feed; rss feeds; e-paper; epaper; accessibility help; accessibility
        accessibility statement; help centre; help center; faq; faqs; contact the editor; press room
        legal notice; imprint; next article; previous article; next post; previous post; next story
        previous story; older posts; newer posts; older post; newer post; next page; previous page; prev
        previous; next; load more; show more; show less; see all; view all; see more; view more; read less
        loading; loading...; please wait; close; close this; expand; collapse; continue reading
        continue reading the main story; read full story; read the full story; read full article; link
        read the full article; more from this author; more by this author; more posts by this author
        view all posts; all articles by this author; view author archive; change language; select language
        choose language; language; edition; change edition; search; search for; search this site; search results
        type and press enter; quick links; useful links; enable javascript; please enable javascript
        switch to dark mode; dark mode; follow topic; you are here; go back; permalink; trackback; trackbacks
        pingback; pingbacks; view in browser; skip ad; ok; cancel; submit; send; okay; dismiss; not now
        no thanks; no, thanks; maybe later; learn more; find out more; got it; home page; homepage; zurück
        zur startseite; nach oben; menü; suche; anmelden; impressum; datenschutz; kontakt; accueil
        retour en haut; se connecter; mentions légales; inicio; menú; buscar; iniciar sesión; aviso legal""",
    ),
    **_listed(
        "share",
        """share; share this; share this article; share this story; share this post; share this page; share article
        share on facebook; share on twitter; share on x; share on linkedin; share on whatsapp; share via email
        tweet; tweet this; retweet; pin it; pin; facebook; twitter; whatsapp; linkedin; telegram; pinterest
        reddit; tumblr; email; e-mail; vk; viber; flipboard; messenger; instagram; youtube; mastodon; bluesky
        threads; copy link; link copied; copy url; copied; print; print this; print this page
        print this article; print article; printer friendly; email this; email this article; email a friend
        email to a friend; send to a friend; save; save article; save for later; save this article; bookmark
        add to bookmarks; add to reading list; listen; listen to this article; listen to article; play; pause
        mute; unmute; replay; shares; share tweet; share share; like this; like; likes; text size; font size
        a a a; a+ a-; a- a+; aa; larger text; smaller text; follow us; follow; following; gift article
        share full article; give this article; send; more sharing options; sharing options; share using
        share via; teilen; drucken; partager; imprimer; compartir; imprimir; commenter; tweeter; kopieren""",
    ),
    **_listed(
        "donation",
        """donate; donate now; donate today; donate here; make a donation; make a contribution; give now
        give today; give monthly; support us; support our work; support our journalism
        support independent journalism; contribute; support independent media; support quality journalism
        support the site; support this site; become a member; become a supporter; become a patron
        become a sponsor; become a subscriber; be a member; join as a member; join now; become a patron!
        buy us a coffee; buy me a coffee; help us; help us grow; help us survive; one-time; one time; monthly
        yearly; annually; other amount; custom amount; choose an amount; select amount; please donate
        please support us; jetzt spenden; spenden; faire un don; soutenez-nous; donar; donaciones
        haz una donación; fundraising; fundraiser; our goal; raised so far; goal; raised; chip in; membership
        support our mission""",
    ),
    **_listed(
        "newsletter",
        """subscribe; subscribe now; subscribe today; subscribe here; newsletter; newsletters; our newsletter
        sign up now; sign up for free; sign up here; sign me up; enter your email; your email
        your email address; email address; enter email; your e-mail address; email address*
        enter your email address; enter your e-mail; first name; last name; your name; zip code
        get the newsletter; join our newsletter; subscribe to our newsletter; sign up for our newsletter
        sign up to our newsletter; newsletter signup; newsletter sign-up; newsletter sign up; free newsletter
        daily newsletter; weekly newsletter; email newsletter; thank you for subscribing; unsubscribe
        you have successfully subscribed; please check your inbox; invalid email address; stay informed
        stay connected; stay in touch; stay up to date; never miss a story; never miss an update
        turn on notifications; allow; abonnieren; newsletter abonnieren; s'abonner; abonnez-vous; suscríbete
        suscribirse""",
    ),
    **_listed(
        "cookie notice",
        """accept; accept all; accept cookies; accept all cookies; reject; reject all; reject cookies; i accept
        i agree; agree; agree and close; manage cookies; manage preferences; cookie settings; cookie preferences
        privacy settings; manage settings; necessary cookies only; essential cookies only
        do not sell my personal information; allow all; do not sell or share my personal information
        your privacy choices; we value your privacy; your privacy; we use cookies; this site uses cookies
        this website uses cookies; cookies; cookie notice; accept & continue; accept and continue; customise
        customize; save preferences; consent; alle akzeptieren; tout accepter""",
    ),
    **_listed(
        "advertisement",
        """advertisement; advertisements; advertising; ad; ads; sponsored; sponsored content; sponsored by
        promoted; promoted content; paid content; paid post; partner content
        story continues below advertisement; report this ad; story continues below; article continues below
        article continues after advertisement; continue after ad; story continues after advertisement
        continues after advertising; advertisement - continue reading below; advertisement - scroll to continue
        scroll to continue; article continues below advertisement; why this ad?; remove ads; hide ad; report ad
        ad feedback; your ad here; advertise here; anzeige; werbung; publicité; publicidad
        this ad will close in; ad choices; adchoices; from our partners; from our sponsors; from our sponsor""",
    ),
    **_listed(
        "related stories",
        """read more; read also; also read; read next; read this next; what to read next; see also; related
        related stories; related articles; related posts; related news; related content; related topics
        related coverage; related links; related video; related videos; you may also like; you might also like
        you may like; you might like; more stories; more on this story; more on this; more on this topic
        more like this; more news; more from us; more articles; recommended; recommended for you
        recommended stories; recommended reading; recommended articles; suggested; most read; most popular
        most viewed; most shared; most commented; most discussed; trending; trending now; trending stories
        trending topics; popular posts; popular stories; popular now; popular articles; latest stories
        latest articles; latest posts; recent posts; recent articles; recent stories; top stories
        today's top stories; editor's picks; editors' picks; editor's choice; editors' choice; editor's pick
        don't miss; in case you missed it; must read; must reads; must-read; around the web; from the web
        elsewhere on the web; from around the web; up next; next up; in this story; explore more; discover more
        keep reading; further reading; read more like this; also see; similar articles; similar stories
        similar posts; related reading; other stories; other news; latest headlines; more headlines
        what others are reading; people also read; readers also liked; weiterlesen; mehr zum thema
        lesen sie auch; lire aussi; à lire aussi; lire la suite; leer más; te puede interesar; lea también
        leer también""",
    ),
    **_listed(
        "comment section",
        """leave a comment; leave a reply; leave comment; post a comment; post comment; add a comment; add comment
        write a comment; write comment; join the discussion; join the conversation; view comments
        view all comments; show comments; hide comments; read comments; read the comments; load comments
        load more comments; see all comments; inline feedbacks; notify of; newest; oldest; most voted
        newest most voted; oldest most voted; comments are closed; comments are closed.; no comments
        no comments yet; be the first to comment; be the first to comment!; reply; log in to comment
        login to comment; sign in to comment; sort by; sort by newest; sort by oldest; sort by best
        newest first; oldest first; best; top comments; all comments; readers' comments; reader comments
        user comments; comment section; report comment; report abuse; flag; flag as inappropriate; cancel reply
        view replies; would love your thoughts, please comment; would love your thoughts, please comment.
        comments closed; edited; post your comment; have your say; share your thoughts; your comment
        your comment here; comment policy; submit comment; kommentar schreiben; kommentare; commentaires
        comentarios; deja un comentario; laisser un commentaire""",
    ),
    **_listed(
        "metadata line",
        """about the author; about the authors; about the writer; filed under; tagged; tags; published; updated
        posted; last updated; written by; author; source; sources; categories; category; in this article
        article history; first published; originally published""",
    ),
    **_listed("caption", "file photo; file image; stock photo; photo; photos; image; images; enlarge this image"),
}

# Single words that a speaker in a story may say, or that may head a part of it.
_UNSURE = frozenset(
    [
        "ok",
        "okay",
        "send",
        "allow",
        "cancel",
        "submit",
        "goal",
        "raised",
        "best",
        "edited",
        "play",
        "pause",
        "mute",
        "unmute",
        "replay",
        "follow",
        "following",
        "save",
        "agree",
        "consent",
        "accept",
        "reject",
        "dismiss",
        "contribute",
        "threads",
        "terms",
        "like",
        "likes",
        "close",
        "expand",
        "collapse",
        "spend",
        "membership",
        "privacy",
        "source",
        "sources",
        "author",
        "published",
        "updated",
        "posted",
        "recommended",
        "suggested",
        "trending",
        "related",
        "agree",
        "register",
        "print",
        "listen",
        "monthly",
        "yearly",
        "annually",
        "careers",
        "newest",
        "oldest",
        "next",
        "previous",
        "search",
        "imprint",
        "link",
    ]
)

WEAK: dict[str, Reason] = {
    **{phrase: STRONG[phrase] for phrase in sorted(_UNSURE & STRONG.keys())},
    **_listed(
        "navigation",
        """home; news; world; politics; business; economy; sport; sports; tech; technology; science; health
        culture; arts; opinion; opinions; editorial; editorials; analysis; features; feature; lifestyle; life
        style; travel; weather; entertainment; local; national; international; europe; africa; asia; americas
        middle east; us; u.s; usa; uk; money; markets; finance; education; environment; climate; food; music
        movies; film; tv; books; games; obituaries; video; videos; photos; gallery; galleries; pictures
        multimedia; podcast; podcasts; audio; radio; live; live tv; watch; watch live; breaking news
        latest news; latest; archive; archives; about; contact; jobs; shop; store; help; menu; columns
        columnists; interviews; interview; reports; reviews; blog; blogs; events; crime; society; war; defense
        defence; security; real estate; magazine; investigations; explainers; fact check; fact-check
        today's paper; topics; sections; more; all; community; voices; letters; comment; topic; top news
        headlines; english; deutsch; français; español; العربية; русский; türkçe; kurdî; classifieds; horoscopes
        crosswords; puzzles; subscribers""",
    ),
    **_listed("comment section", "comments; comment; discussion; responses; replies; what do you think?; thoughts?"),
    **_listed("related stories", "more; latest; watch; read"),
}

for _phrase in _UNSURE:
    STRONG.pop(_phrase, None)

# Readers' lines under a story begin after one of these; a bare "comments" only where the lines after it look so.
COMMENTS_BEGIN: frozenset[str] = frozenset(
    phrase.strip()
    for phrase in """view all comments; inline feedbacks; notify of; newest most voted; oldest most voted;
    leave a reply;
    leave a comment; post a comment; add a comment; all comments; readers' comments; reader comments; user comments;
    comment section; join the discussion; join the conversation; top comments; view comments; hide comments;
    comments; comment; discussion; responses; kommentare; commentaires; comentarios; sort by newest; sort by oldest;
    sort by best; newest first; oldest first; have your say; read the comments; show comments""".replace(
        "\n", " "
    ).split(";")
)

# Lists of headlines follow these.
LISTS_BEGIN: frozenset[str] = frozenset(
    phrase for phrase, reason in STRONG.items() if reason == "related stories"
) | frozenset({"latest news", "breaking news", "latest", "more", "headlines", "top news"})
