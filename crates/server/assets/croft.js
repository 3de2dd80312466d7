// What makes a page smoother. Every page works without it; it acts on attributes (see the crate's documentation) and asks this server only.
'use strict';
(() => {
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const root = document.documentElement;
  const typing = el => el && (el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName) && !/^(checkbox|radio|button|submit)$/.test(el.type));

  // The reader's distance from UTC, for times of the next page.
  document.cookie = `croft-offset=${-new Date().getTimezoneOffset()}; Path=/; Max-Age=31536000; SameSite=Lax` + (location.protocol === 'https:' ? '; Secure' : '');

  // --- pages fetched and shown here ---
  const contentOf = async address => {
    const answer = await fetch(address, { headers: { Accept: 'text/html' }, credentials: 'same-origin' });
    if (answer.redirected && new URL(answer.url).pathname === '/sign-in') { location.assign(address); return null; }
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const main = $('main', page) || page.body;
    return [...main.childNodes];
  };

  // --- dialogs ---
  const dialogOf = async link => {
    const known = link.dataset.opens && document.getElementById(link.dataset.opens);
    if (known) return known;
    const content = await contentOf(link.href);
    if (!content) return null;
    const dialog = document.createElement('dialog');
    dialog.className = 'dialog';
    dialog.setAttribute('aria-label', link.textContent.trim());
    const close = document.createElement('button');
    close.className = 'button'; close.type = 'button'; close.dataset.closes = ''; close.textContent = $('#panel').dataset.close;
    dialog.append(...content, close);
    dialog.addEventListener('close', () => dialog.remove());
    document.body.append(dialog);
    return dialog;
  };
  const open = dialog => { if (dialog && !dialog.open) { dialog.showModal(); const first = $('input:not([type=hidden]), select, textarea', dialog); if (first) first.focus(); } };

  // --- the panel beside the page ---
  const panel = $('#panel');
  let panelFrom = null;
  const closePanel = () => { if (panel && !panel.hidden) { panel.hidden = true; panel.replaceChildren(); if (panelFrom) panelFrom.focus(); panelFrom = null; } };
  const openPanel = async (address, from) => {
    const content = await contentOf(address);
    if (!content) return;
    const close = document.createElement('button');
    close.className = 'button'; close.type = 'button'; close.textContent = panel.dataset.close;
    close.addEventListener('click', closePanel);
    panel.replaceChildren(close, ...content);
    $$('[id]', panel).forEach(el => { if (el.id === 'content') el.removeAttribute('id'); });
    panel.hidden = false; panelFrom = from;
    if (!panel.contains(document.activeElement) && !typing(document.activeElement)) close.focus();
  };

  document.addEventListener('click', async event => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const el = event.target.closest('[data-opens], [data-panel], [data-closes], [data-copy]');
    if (!el) return;
    if (el.dataset.opens !== undefined) { event.preventDefault(); open(await dialogOf(el)); }
    else if (el.dataset.panel !== undefined) { event.preventDefault(); openPanel(el.href, el); }
    else if (el.dataset.closes !== undefined) el.closest('dialog').close();
    else copy(el);
  });

  const copy = button => {
    const table = $('table', document.getElementById(button.dataset.copy) || document);
    const text = $$('tr', table).map(row => [...row.cells].map(cell => cell.textContent.trim().replace(/\s+/g, ' ')).join('\t')).join('\n');
    navigator.clipboard.writeText(text);
  };

  // --- tables: arrows move between the links and fields of cells ---
  const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const inGrid = event => {
    const move = moves[event.key], cell = event.target.closest('[data-grid] td, [data-grid] th');
    if (!move || !cell || typing(event.target)) return;
    let row = cell.parentElement, column = cell.cellIndex;
    const rows = [...cell.closest('table').rows];
    for (let at = rows.indexOf(row); ;) {
      at += move[0]; column += move[1];
      const next = rows[at] && rows[at].cells[column];
      if (!next) return;
      const target = $('a, button, input, select', next);
      if (target) { event.preventDefault(); target.focus(); return; }
    }
  };

  // --- saved or not ---
  const state = $('#saved');
  const tell = (what, time) => {
    if (!state) return;
    state.textContent = state.dataset[what] + (time ? ' ' + time : '');
    state.dataset.state = what;
  };
  const clock = () => new Date().toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' });
  const unsaved = new Set();
  $$('form[data-autosave]').forEach(form => {
    let timer = 0, sending = false, again = false;
    const send = async () => {
      clearTimeout(timer); timer = 0;
      if (sending) { again = true; return; }
      sending = true; tell('saving');
      try {
        const body = new URLSearchParams(new FormData(form));
        const answer = await fetch(form.dataset.autosave, { method: 'POST', body, credentials: 'same-origin', headers: { Accept: 'application/json' } });
        if (!answer.ok) throw answer;
        form.dispatchEvent(new CustomEvent('croft:saved', { detail: answer }));
        unsaved.delete(form); tell('saved', clock());
      } catch { tell('failed'); timer = setTimeout(send, 5000); }
      sending = false;
      if (again) { again = false; send(); }
    };
    form.addEventListener('input', event => {
      // The box of a query stands within the form and belongs to another.
      if (event.target.form !== form) return;
      unsaved.add(form); tell('unsaved'); clearTimeout(timer); timer = setTimeout(send, 1200);
    });
    form.addEventListener('focusout', () => { if (timer) send(); });
    form.addEventListener('submit', () => { clearTimeout(timer); unsaved.delete(form); });
  });
  // A form without drafts is guarded too, once it was changed.
  $$('form[data-guard]').forEach(form => {
    form.addEventListener('input', () => { unsaved.add(form); tell('unsaved'); });
    form.addEventListener('submit', () => unsaved.delete(form));
  });
  addEventListener('beforeunload', event => { if (unsaved.size) event.preventDefault(); });

  // One click, one sending.
  document.addEventListener('submit', event => {
    const form = event.target;
    if (form.method !== 'post') return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = '1';
    setTimeout(() => delete form.dataset.sent, 5000);
  });
  addEventListener('pageshow', () => $$('form').forEach(form => delete form.dataset.sent));

  // A box that ticks all of a name.
  document.addEventListener('change', event => {
    const name = event.target.dataset && event.target.dataset.all;
    if (name) $$(`input[type=checkbox][name="${CSS.escape(name)}"]:not(:disabled)`).forEach(box => { box.checked = event.target.checked; });
  });

  // --- find anything ---
  const find = $('#find'), results = $('#find-results'), question = $('#find-q');
  let asked = 0;
  if (question) {
    question.addEventListener('input', () => {
      const mine = ++asked;
      setTimeout(async () => {
        if (mine !== asked) return;
        const q = question.value.trim();
        if (!q) { results.replaceChildren(); return; }
        const answer = await fetch(`/find?q=${encodeURIComponent(q)}&from=${encodeURIComponent(location.pathname)}`, { headers: { Accept: 'application/json' } });
        if (mine !== asked || !answer.ok) return;
        const found = (await answer.json()).results;
        results.replaceChildren(...found.map(one => {
          const link = document.createElement('a');
          link.href = one.address; link.textContent = one.name + (one.kind ? ` · ${one.kind}` : '');
          return link;
        }));
        if (!found.length) results.textContent = results.dataset.none;
      }, 120);
    });
    find.addEventListener('keydown', event => {
      const links = $$('a', results), at = links.indexOf(document.activeElement);
      if (event.key === 'ArrowDown' && links.length) { event.preventDefault(); links[Math.min(at + 1, links.length - 1)].focus(); }
      else if (event.key === 'ArrowUp' && at >= 0) { event.preventDefault(); (links[at - 1] || question).focus(); }
      else if (event.key === 'Enter' && event.target === question && links.length) { event.preventDefault(); links[0].click(); }
    });
  }

  // --- entry: Enter goes on to the next field, as people who enter much expect; in the last one to the button that saves ---
  const nextField = event => {
    const form = event.target.closest('form.entry');
    if (event.key !== 'Enter' || !form || event.ctrlKey || event.metaKey || event.altKey || event.target.tagName !== 'INPUT') return;
    event.preventDefault();
    const same = el => el.type === 'radio' && el.name === event.target.name;
    const fields = $$('input:not([type=hidden], :disabled), textarea, .button.main', form).filter(el => el.form === form && el.checkVisibility());
    const after = fields.slice(fields.indexOf(event.target) + 1).filter(el => !same(el));
    // Of radio buttons the one that is chosen has the focus, as with Tab.
    const next = after[0] && after[0].type === 'radio' ? after.find(el => el.name === after[0].name && el.checked) || after[0] : after[0];
    if (next) { next.focus(); if (next.select) next.select(); }
  };
  const historyOf = event => {
    const at = event.target.closest('td, .field');
    const history = at && $('a[data-panel]', at);
    if (history) { event.preventDefault(); openPanel(history.href, event.target); }
  };

  // --- keys ---
  const pageKeys = $('#page-keys');
  if (pageKeys) $('#keys dl').append(pageKeys.content.cloneNode(true));
  $$('.foot [data-opens=keys]').forEach(button => { button.hidden = false; });
  document.addEventListener('keydown', event => {
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === 'k' && find) { event.preventDefault(); open(find); return; }
    if (command && event.key.toLowerCase() === 's') {
      const form = (document.activeElement && document.activeElement.closest('form[method=post]')) || $('main form[method=post]');
      const save = form && $('.button.main', form);
      if (save) { event.preventDefault(); form.requestSubmit(save); }
      return;
    }
    if (event.key === 'Escape' && !$('dialog[open]')) { closePanel(); $$('.menu[open]').forEach(menu => { menu.open = false; }); return; }
    inGrid(event);
    nextField(event);
    // In a box a letter is a letter: there the history has Alt+H.
    if (event.altKey && event.key.toLowerCase() === 'h') { historyOf(event); return; }
    if (command || event.altKey || typing(event.target) || root.dataset.keys !== 'on') return;
    if (event.key === '?') { event.preventDefault(); open($('#keys')); }
    const named = $(`[data-key="${CSS.escape(event.key)}"]`);
    if (named && !$('dialog[open]')) { event.preventDefault(); named.click(); }
    if (event.key === 'h') historyOf(event);
  });

  // What is wrong is read first.
  const errors = $('#errors');
  if (errors) errors.focus();
})();
