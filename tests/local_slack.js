// Draws blocks of rich text as Slack does, where local-slack's page shows `[rich_text]`.
(async () => {
  const told = await (await fetch("/_control/messages/C0001")).json();
  const blocks = told.messages.flatMap((message) => message.blocks ?? []);
  const drawn = new Map();
  const node = (name, ...inner) => {
    const made = document.createElement(name);
    made.append(...inner);
    return made;
  };
  const piece = (each) => {
    let made = document.createTextNode(each.text ?? each.url);
    if (each.type === "link") {
      made = node("a", made);
      made.href = each.url;
      made.style.color = "#1264a3";
      made.style.textDecoration = "none";
    }
    if (each.style?.bold) made = node("b", made);
    if (each.style?.code) made = node("code", made);
    return made;
  };
  const section = (each, name) => {
    const made = node(name, ...each.elements.map(piece));
    made.style.whiteSpace = "pre-line";
    made.style.margin = name === "li" ? "0 0 4px" : "0";
    return made;
  };
  const element = (each) => {
    if (each.type !== "rich_text_list") return section(each, "div");
    const ordered = each.style === "ordered";
    const made = node(ordered ? "ol" : "ul", ...each.elements.map((one) => section(one, "li")));
    if (ordered) made.start = (each.offset ?? 0) + 1;
    made.style.margin = "2px 0";
    made.style.paddingLeft = "24px";
    return made;
  };
  for (const shown of document.querySelectorAll(".blocks")) {
    const title = shown.querySelector(".bk-header")?.textContent;
    const message = told.messages.find(
      (each) =>
        each.blocks?.length === shown.children.length &&
        (each.blocks[0].text?.text ?? undefined) === title &&
        !drawn.has(each.ts + shown.closest(".thread-pane")),
    );
    if (!message) continue;
    drawn.set(message.ts + shown.closest(".thread-pane"), true);
    message.blocks.forEach((block, place) => {
      if (block.type !== "rich_text") return;
      const old = shown.children[place];
      old.replaceChildren(...block.elements.map(element));
      old.className = "bk-text";
      old.style.color = "inherit";
    });
  }
  return blocks.length;
})();
