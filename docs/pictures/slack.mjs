// Draws the blocks of a Slack message as a phone shows them; look.css has the measures.

export function escaped(text) {
  return String(text).replace(/[&<>"]/g, (char) => `&#${char.codePointAt(0)};`);
}

function run(each) {
  const text = escaped(each.text ?? each.url ?? `#${each.channel_id ?? each.usergroup_id}`);
  const style = each.style ?? {};
  let html = text.replace(/\n/g, '<br>');
  if (style.code) html = `<code>${html}</code>`;
  if (style.bold) html = `<b>${html}</b>`;
  return each.type === 'text' ? html : `<a>${html}</a>`;
}

function section(each) {
  return each.elements.map(run).join('');
}

function rich(each) {
  switch (each.type) {
    case 'rich_text_section':
      return `<div>${section(each)}</div>`;
    case 'rich_text_preformatted':
      return `<pre>${section(each)}</pre>`;
    case 'rich_text_list': {
      const tag = each.style === 'ordered' ? 'ol' : 'ul';
      const items = each.elements.map((item) => `<li>${section(item)}</li>`).join('');
      return `<${tag} start="${(each.offset ?? 0) + 1}">${items}</${tag}>`;
    }
    default:
      throw new Error(`Rich text of type ${each.type} is not drawn yet.`);
  }
}

function element(each) {
  const label = each.text?.text ?? each.placeholder?.text ?? '⋯';
  const mark = each.type === 'static_select' ? ' ⌄' : '';
  return `<span class="control">${escaped(label)}${mark}</span>`;
}

function block(each) {
  switch (each.type) {
    case 'header':
      return `<h3>${escaped(each.text.text)}</h3>`;
    case 'context':
      return `<div class="context">${each.elements.map((one) => escaped(one.text)).join(' ')}</div>`;
    case 'divider':
      return '<hr>';
    case 'section':
      return `<div>${escaped(each.text.text)}</div>`;
    case 'actions':
      return `<div class="actions">${each.elements.map(element).join('')}</div>`;
    case 'rich_text':
      return each.elements.map(rich).join('');
    default:
      throw new Error(`A block of type ${each.type} is not drawn yet.`);
  }
}

export function message(body, avatar) {
  const blocks = body.blocks.map((each) => `<div class="block">${block(each)}</div>`).join('');
  return `<div class="slack-message"><img src="${avatar}"><div>
    <div class="name"><b>Paperboy</b> <i>APP</i> 9:00 AM</div>${blocks}</div></div>`;
}

/** Return a view with inputs as a phone shows it. */
export function view(form) {
  const blocks = form.blocks.map((each) => {
    if (each.type !== 'input') return `<small>${block(each)}</small>`;
    const { multiline, initial_value: value, initial_option: option } = each.element;
    const shown = escaped(value ?? option?.text.text ?? '').replace(/\n/g, '<br>');
    const label = escaped(each.label.text) + (each.optional ? ' <i>(optional)</i>' : '');
    return `<label>${label}</label><div class="input${multiline ? ' long' : ''}">${shown}</div>`;
  });
  return `<div class="form"><h3>✕ &nbsp; ${escaped(form.title.text)} <b>${escaped(form.submit.text)}</b></h3>${blocks.join('')}</div>`;
}
