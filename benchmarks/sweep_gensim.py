"""A sweep as it is usually written, with gensim: every point begins at the text.

sweep_gensim.py ARTICLES.csv HELD_OUT.json OUT K,K,… SEED,SEED,…; run by sweep.py. Nothing here knows newsangle. The
held-out articles are given, so that all scripts predict the same ones.
"""

import json
import re
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
from gensim.corpora import Dictionary
from gensim.models import CoherenceModel, LdaModel
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

WORD = re.compile(r"\b[^\W\d_]{2,}(?:[-'][^\W\d_]+)*\b")


def point(csv: Path, held_out: set[str], n_topics: int, seed: int, out: Path) -> dict[str, object]:
    """One number of topics and one seed, from the file to the tables."""
    articles = pd.read_csv(csv, dtype=str, keep_default_na=False)
    articles = articles[articles["text"].str.strip() != ""]
    tokens = [WORD.findall(text.lower()) for text in articles["text"].str.replace("’", "'")]
    words = [[token for token in document if token not in ENGLISH_STOP_WORDS] for document in tokens]
    is_held = articles["article_id"].isin(held_out).tolist()

    dictionary = Dictionary(document for document, held in zip(words, is_held, strict=True) if not held)
    dictionary.filter_extremes(no_below=5, no_above=0.5, keep_n=None)
    bags = [dictionary.doc2bow(document) for document in words]
    train = [bag for bag, held in zip(bags, is_held, strict=True) if not held]
    # eval_every=None: without the perplexity of the training articles that it logs, which costs time.
    lda = LdaModel(train, n_topics, id2word=dictionary, passes=10, random_state=seed, eval_every=None)
    held_bags = [bag for bag, held in zip(bags, is_held, strict=True) if held]
    perplexity = 2 ** -lda.log_perplexity(held_bags)

    phi = lda.get_topics()
    terms = np.array([dictionary[i] for i in range(len(dictionary))])
    topics = [terms[np.argsort(-topic, kind="stable")[:10]].tolist() for topic in phi]
    coherence = CoherenceModel(
        topics=topics, texts=tokens, dictionary=Dictionary(tokens), coherence="c_npmi", topn=10, processes=1
    ).get_coherence()

    outlets = articles["article_source_link"].map(lambda link: urlsplit(link).netloc)
    weights, _ = lda.inference(bags)
    shares = pd.DataFrame(weights / weights.sum(axis=1, keepdims=True)).groupby(outlets.to_numpy()).mean()
    shares.to_csv(out / f"shares_{n_topics}_{seed}.csv")
    np.savez(out / f"topics_{n_topics}_{seed}.npz", phi=phi.astype(np.float32), terms=terms)
    return {"perplexity_by_itself": float(perplexity), "npmi_by_itself": float(coherence), "top_words": topics}


def main() -> None:
    """All points, one line of JSON each."""
    csv, held_out, out = Path(sys.argv[1]), set(json.loads(Path(sys.argv[2]).read_text())), Path(sys.argv[3])
    for n_topics in map(int, sys.argv[4].split(",")):
        for seed in map(int, sys.argv[5].split(",")):
            wall, cpu = time.perf_counter(), time.process_time()
            found = point(csv, held_out, n_topics, seed, out)
            spent = {"wall_seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu}
            print(json.dumps({"n_topics": n_topics, "seed": seed} | found | spent), flush=True)


if __name__ == "__main__":
    main()
