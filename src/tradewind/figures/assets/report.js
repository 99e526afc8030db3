// SPDX-License-Identifier: Apache-2.0
(() => {
  'use strict';
  const root = document.documentElement;
  const PRINT_WIDTH = 690;  // px that fit between the margins of A4
  const holders = [...document.querySelectorAll('script[data-figure]')]
    .map((script) => ({ box: document.getElementById(script.dataset.figure), figure: JSON.parse(script.textContent) }));
  const token = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const config = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ['select2d', 'lasso2d', 'autoScale2d'],
    toImageButtonOptions: { format: 'svg', filename: 'tradewind' } };

  // The page has the captions and the colours; the figure keeps its own for notebooks.
  function themed(layout, light) {
    const ink = light ? '#24292f' : token('--ink'), grid = light ? 'rgba(110,116,126,.22)' : token('--plot-grid');
    const panel = light ? '#ffffff' : token('--panel');
    const out = structuredClone(layout);
    const titled = out.title !== undefined;
    delete out.title;
    if (titled && out.margin) out.margin.t = Math.max(out.margin.t - 28, 24);
    out.font = { ...out.font, color: ink, family: getComputedStyle(document.body).fontFamily };
    out.hoverlabel = { ...out.hoverlabel, bgcolor: panel, bordercolor: grid, font: { color: ink } };
    out.modebar = { bgcolor: 'rgba(0,0,0,0)', color: grid, activecolor: ink };
    for (const key of Object.keys(out)) {
      if (/^[xy]axis\d*$/.test(key)) out[key] = { ...out[key], gridcolor: grid };
    }
    return out;
  }
  // The palette's blue is told from black ink better than from dark paper.
  const brightened = (data) => JSON.parse(JSON.stringify(data).replaceAll('"#0072B2"', '"#3f9fe0"'));
  const onDark = () => getComputedStyle(root).colorScheme === 'dark';
  function draw(holder, { light = false, width } = {}) {
    const layout = themed(holder.figure.layout, light);
    if (width) Object.assign(layout, { width, autosize: false });
    holder.drawn = true;
    return Plotly.react(holder.box, !light && onDark() ? brightened(holder.figure.data) : structuredClone(holder.figure.data), layout, { ...config, responsive: !width, staticPlot: Boolean(width) });
  }
  const drawAll = (how) => { for (const holder of holders) draw(holder, how); };

  function setUpTheme() {
    const button = document.getElementById('theme');
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    const isDark = () => (root.dataset.theme ? root.dataset.theme === 'dark' : dark.matches);
    const label = () => { button.textContent = isDark() ? 'Light' : 'Dark'; button.setAttribute('aria-label', `Switch to ${isDark() ? 'light' : 'dark'} colours`); };
    button.hidden = false;
    button.addEventListener('click', () => { root.dataset.theme = isDark() ? 'light' : 'dark'; label(); drawAll(); });
    dark.addEventListener('change', () => { label(); drawAll(); });
    label();
  }

  function sortBy(table, column, head) {
    const descending = head.getAttribute('aria-sort') !== 'descending';
    for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
    const numeric = head.classList.contains('n');
    const key = (row) => {
      const cell = row.cells[column];
      return numeric ? Number.parseFloat(cell.dataset.sort) : cell.textContent;
    };
    const rows = [...table.tBodies[0].rows].map((row, at) => ({ row, at, value: key(row) }));
    const missing = (value) => numeric && Number.isNaN(value);
    rows.sort((a, b) => {
      if (missing(a.value) || missing(b.value)) return missing(a.value) - missing(b.value) || a.at - b.at;  // undefined always last
      const order = numeric ? a.value - b.value : a.value.localeCompare(b.value, 'en');
      return (descending ? -order : order) || a.at - b.at;
    });
    table.tBodies[0].append(...rows.map((entry) => entry.row));
  }
  function setUpSorting() {
    for (const table of document.querySelectorAll('table[data-sortable]')) {
      [...table.tHead.rows[0].cells].forEach((head, column) => {
        const button = document.createElement('button');
        button.type = 'button';
        button.textContent = head.textContent;
        head.replaceChildren(button);
        button.addEventListener('click', () => sortBy(table, column, head));
      });
    }
  }

  function setUpPrinting() {
    window.addEventListener('beforeprint', () => drawAll({ light: true, width: PRINT_WIDTH }));
    window.addEventListener('afterprint', () => drawAll());
  }

  async function drawInOrder() {
    for (const holder of holders) {
      if (!holder.drawn) await draw(holder);
      await new Promise((resume) => { setTimeout(resume, 0); });  // the page stays responsive
    }
    root.dataset.drawn = String(holders.length);
  }

  setUpTheme();
  setUpSorting();
  setUpPrinting();
  drawInOrder();
})();
