"""A sweep as it is usually written, with scikit-learn: every point begins at the text.

sweep_sklearn.py ARTICLES.csv HELD_OUT.json OUT K,K,… SEED,SEED,…; run by sweep.py. Nothing here knows newsangle. The
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
from gensim.models import CoherenceModel
from sklearn.decomposition import LatentDirichletAllocation
from sklearn.feature_extraction.text import CountVectorizer

WORD = r"\b[^\W\d_]{2,}(?:[-'][^\W\d_]+)*\b"


def point(csv: Path, held_out: set[str], n_topics: int, seed: int, out: Path) -> dict[str, object]:
    """One number of topics and one seed, from the file to the tables."""
    articles = pd.read_csv(csv, dtype=str, keep_default_na=False)
    articles = articles[articles["text"].str.strip() != ""]
    texts = articles["text"].str.replace("’", "'").tolist()
    is_held = articles["article_id"].isin(held_out).to_numpy()

    vectorizer = CountVectorizer(token_pattern=WORD, stop_words="english", min_df=5, max_df=0.5)
    train = vectorizer.fit_transform([text for text, held in zip(texts, is_held, strict=True) if not held])
    counts = vectorizer.transform(texts)
    lda = LatentDirichletAllocation(n_topics, learning_method="batch", max_iter=10, random_state=seed, n_jobs=1)
    lda.fit(train)
    perplexity = lda.perplexity(counts[is_held])

    terms = vectorizer.get_feature_names_out()
    topics = [terms[np.argsort(-topic, kind="stable")[:10]].tolist() for topic in lda.components_]
    tokens = [re.findall(WORD, text.lower()) for text in texts]
    coherence = CoherenceModel(
        topics=topics, texts=tokens, dictionary=Dictionary(tokens), coherence="c_npmi", topn=10, processes=1
    ).get_coherence()

    outlets = articles["article_source_link"].map(lambda link: urlsplit(link).netloc)
    shares = pd.DataFrame(lda.transform(counts)).groupby(outlets.to_numpy()).mean()
    shares.to_csv(out / f"shares_{n_topics}_{seed}.csv")
    phi = lda.components_ / lda.components_.sum(axis=1, keepdims=True)
    np.savez(out / f"topics_{n_topics}_{seed}.npz", phi=phi.astype(np.float32), terms=terms.astype(str))
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
