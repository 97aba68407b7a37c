// Search while a person types. Without this script the form asks the server, or shows the page as it is.
"use strict";
(() => {
  const input = document.getElementById("q");
  const results = document.getElementById("results");
  const address = results.dataset.index;
  const fold = (text) => text.normalize("NFKC").toLowerCase();
  let whole = null; // the index of a static site, which answers every query with all papers
  let asked = 0;

  const item = (paper) => {
    const entry = document.createElement("li");
    const heading = document.createElement("h2");
    const link = document.createElement("a");
    link.href = paper.url;
    link.textContent = paper.title;
    heading.append(link);
    entry.append(heading);
    const note = document.createElement("p");
    note.className = "note";
    note.textContent = [paper.week, ...paper.tags.map((tag) => "#" + tag)].join(" ");
    entry.append(note);
    return entry;
  };

  const filter = (papers, words) => {
    const parts = fold(words).split(/\s+/).filter(Boolean);
    const text = (paper) => fold([paper.title, ...paper.other_titles, ...paper.tags].join(" "));
    return papers.filter((paper) => parts.every((part) => text(paper).includes(part))).slice(0, 25);
  };

  const show = (papers) => {
    const list = document.createElement("ul");
    list.className = "papers";
    list.append(...papers.map(item));
    const none = document.createElement("p");
    none.textContent = results.dataset.none;
    results.replaceChildren(papers.length ? list : none);
  };

  const search = async () => {
    const words = input.value.trim();
    if (!words) return;
    const number = ++asked;
    if (!whole) {
      const response = await fetch(address + "?q=" + encodeURIComponent(words));
      if (!response.ok) return;
      const answer = await response.json();
      if (answer.complete) whole = answer.papers;
      else if (number === asked) show(answer.papers);
    }
    if (whole && number === asked) show(filter(whole, words));
  };

  let timer = 0;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 200);
  });
  const words = new URLSearchParams(location.search).get("q");
  if (words && !results.querySelector("li")) {
    input.value = words;
    search();
  }
})();
