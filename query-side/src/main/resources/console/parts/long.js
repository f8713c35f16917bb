// A list of any length: rows come page by page, a bounded number of them is kept, and only those that are seen are drawn.
import {html, useEffect, useLayoutEffect, useMemo, useRef, useRetry, useState} from '../html.js';
import {number, Problem} from './basics.js';

const KEPT_PAGES = 12;
const MOST_AT_ONCE = 1000;
const BEYOND = 8;

/**
 * The part of a list that is kept. Pages before it are known by their addresses, so that they can come again.
 */
export class Rows {
  /**
   * @param load (address or null for the first, signal) => {rows, next}
   * @param changed called when there are others
   *
   * `apply(event, isAgain)`, which whoever follows events sets, changes the rows as an event says.
   */
  constructor(load, changed) {
    this.apply = () => {};
    this.came = [];
    this.retry = () => Promise.resolve();
    this.load = load;
    this.changed = changed;
    this.pages = [];
    this.earlier = [];
    this.base = 0;
    this.busy = false;
    this.failure = null;
    this.stop = new AbortController();
    this.turn = 0;
    this.isWantedAnew = false;
  }

  get rows() {
    this.all ??= this.pages.flatMap(page => page.rows);
    return this.all;
  }

  get isWhole() {
    return this.pages.length > 0 && this.pages.at(-1).next === null;
  }

  end() {
    this.stop.abort();
  }

  async fetch(address, use) {
    if (this.busy) {
      this.isWantedAnew ||= address === null;
      return;
    }
    this.busy = true;
    this.retry = () => this.fetch(address, use);
    try {
      const page = await this.load(address, this.stop.signal);
      if (this.stop.signal.aborted) return;
      this.failure = null;
      use({address, ...page});
    } catch (failure) {
      if (this.stop.signal.aborted) return;
      this.failure = failure;
    } finally {
      this.busy = false;
      this.all = null;
    }
    // The page may be older than what came while it was under way.
    const {came} = this;
    this.came = [];
    if (came.length > MOST_AT_ONCE) this.isWantedAnew = true;
    else came.forEach(event => this.apply(event, true));
    this.changed();
    if (this.isWantedAnew) {
      this.isWantedAnew = false;
      await this.first();
    }
  }

  /** Loads it all anew, from the first page on; what is shown stays until that is there. */
  first() {
    return this.fetch(null, page => {
      this.pages = [page];
      this.earlier = [];
      this.base = 0;
      this.turn++;
    });
  }

  further() {
    const next = this.pages.at(-1)?.next;
    if (!next) return Promise.resolve();
    return this.fetch(next, page => {
      this.pages.push(page);
      if (this.pages.length <= KEPT_PAGES) return;
      const gone = this.pages.shift();
      // A text: an address takes many times the memory.
      this.earlier.push({address: gone.address && String(gone.address), size: gone.rows.length});
      this.base += gone.rows.length;
    });
  }

  back() {
    const before = this.earlier.at(-1);
    if (!before) return Promise.resolve();
    return this.fetch(before.address, page => {
      this.earlier.pop();
      this.pages.unshift(page);
      this.base = Math.max(0, this.base - before.size);
      if (this.earlier.length === 0) this.base = 0;
      if (this.pages.length > KEPT_PAGES) this.pages.pop();
    });
  }

  /** Puts another row in the place of the one for which `is` holds, or none. Returns whether there was one. */
  change(is, next) {
    for (const page of this.pages) {
      const at = page.rows.findIndex(is);
      if (at < 0) continue;
      const row = next(page.rows[at]);
      page.rows = row ? page.rows.with(at, row) : page.rows.toSpliced(at, 1);
      this.all = null;
      this.changed();
      return true;
    }
    return false;
  }

  /** Changes the rows as an event says, and those of a page that is under way when it is there. */
  take(event) {
    if (this.busy && this.came.length <= MOST_AT_ONCE) this.came.push(event);
    this.apply(event, false);
  }

  /** Puts a row where it belongs, if that is among those that are kept. */
  insert(row, isBefore) {
    for (const page of this.pages) {
      const at = page.rows.findIndex(one => isBefore(row, one));
      if (at < 0 && page !== this.pages.at(-1)) continue;
      if (at < 0 && !this.isWhole) return;
      if (at === 0 && page === this.pages[0] && this.base > 0) return;
      page.rows = page.rows.toSpliced(at < 0 ? page.rows.length : at, 0, row);
      this.all = null;
      this.changed();
      return;
    }
  }

  /** Adds a row before all others. */
  add(row) {
    if (this.base > 0 || this.pages.length === 0) return;
    this.pages[0].rows = [row, ...this.pages[0].rows];
    this.all = null;
    this.changed();
  }
}

/** Rows of a list, which are loaded anew when the key changes. */
export function useRows(load, key) {
  const [, draw] = useState(0);
  const rows = useMemo(() => new Rows(load, () => draw(n => n + 1)), [key]);
  useEffect(() => {
    rows.first();
    return () => rows.end();
  }, [rows]);
  useRetry(rows.failure, () => rows.retry());
  return rows;
}

/**
 * A long list. Columns: [{title, width: of CSS, of: row => content, class}]. `total` is how many there are in all, as far as
 * that is known.
 */
export function LongList({label, rows, columns, total, keyOf, addressOf, isNew, fresh = 0, onFresh, empty}) {
  const box = useRef(null);
  const body = useRef(null);
  const [seen, setSeen] = useState({from: 0, to: 30});
  // The row itself, and not its place: others come before it.
  const [activeKey, setActiveKey] = useState(null);
  const shown = rows.rows;
  const active = activeKey === null ? -1 : shown.findIndex(row => keyOf(row) === activeKey);
  const base = useRef(rows.base);
  const turn = useRef(rows.turn);
  const height = () => parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--row')) || 40;
  const scroller = () => box.current.closest('main');

  const look = () => {
    if (!body.current) return;
    const row = height();
    const frame = scroller().getBoundingClientRect();
    const top = body.current.getBoundingClientRect().top;
    const from = Math.max(0, Math.floor((frame.top - top) / row) - BEYOND);
    const to = Math.max(0, Math.ceil((frame.bottom - top) / row) + BEYOND);
    setSeen(before => (before.from === from && before.to === to ? before : {from, to}));
    if (to > rows.rows.length - 60 && !rows.failure) rows.further();
    else if (from < 40 && rows.earlier.length > 0) rows.back();
  };
  useEffect(() => {
    const frame = scroller();
    let asked = 0;
    const scrolled = () => {
      cancelAnimationFrame(asked);
      asked = requestAnimationFrame(look);
    };
    frame.addEventListener('scroll', scrolled, {passive: true});
    addEventListener('resize', scrolled);
    return () => {
      frame.removeEventListener('scroll', scrolled);
      removeEventListener('resize', scrolled);
      cancelAnimationFrame(asked);
    };
  }, [rows]);
  // What is left out above, or comes again, does not move what is seen.
  useLayoutEffect(() => {
    const moved = rows.base - base.current;
    const isAnew = rows.turn !== turn.current;
    base.current = rows.base;
    turn.current = rows.turn;
    if (moved !== 0 && isAnew) {
      scroller().scrollTop = 0;
    } else if (moved !== 0) {
      scroller().scrollTop -= moved * height();
    }
    look();
  });

  const show = index => {
    const at = Math.max(0, Math.min(index, rows.rows.length - 1));
    if (rows.rows[at]) setActiveKey(keyOf(rows.rows[at]));
    const row = height();
    const frame = scroller();
    const top = body.current.getBoundingClientRect().top - frame.getBoundingClientRect().top + frame.scrollTop + at * row;
    if (top - 60 < frame.scrollTop) frame.scrollTop = top - 60;
    if (top + row + 20 > frame.scrollTop + frame.clientHeight) frame.scrollTop = top + row + 20 - frame.clientHeight;
  };
  const press = event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== box.current) return;
    const screen = Math.max(1, Math.floor(scroller().clientHeight / height()) - 2);
    const steps = {ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: screen, PageUp: -screen};
    if (steps[event.key]) show(active + steps[event.key]);
    else if (event.key === 'Home') rows.base > 0 ? (setActiveKey(null), rows.first()) : show(0);
    else if (event.key === 'End') show(rows.rows.length - 1);
    else if (event.key === 'Enter' && shown[active]) location.hash = addressOf(shown[active]);
    else return;
    event.preventDefault();
  };

  if (rows.failure && shown.length === 0) return html`<${Problem} failure=${rows.failure} again=${() => rows.first()} />`;
  if (rows.pages.length > 0 && shown.length === 0 && rows.isWhole) return empty;
  const drawn = [];
  for (let i = seen.from; i < Math.min(seen.to, shown.length); i++) {
    const row = shown[i];
    drawn.push(html`<div key=${keyOf(row)} id=${'row-' + keyOf(row)} role="row" aria-rowindex=${rows.base + i + 2} aria-selected=${i === active}
      class=${'row' + (i === active ? ' active' : '') + (isNew?.(row) ? ' new' : '')} style=${{top: `calc(var(--row) * ${i})`}}
      onMouseDown=${() => setActiveKey(keyOf(row))}>
      ${columns.map(column => html`<div role="gridcell" class=${column.class ?? ''}>${column.of(row)}</div>`)}
    </div>`);
  }
  const activeId = active >= seen.from && active < seen.to && shown[active] ? 'row-' + keyOf(shown[active]) : undefined;
  return html`<div class="long" style=${{'--columns': columns.map(column => column.width).join(' ')}}>
    ${fresh > 0 && html`<div class="fresh"><button type="button" class="button primary" onClick=${onFresh}>${number(fresh)} new</button></div>`}
    <div ref=${box} role="grid" tabindex="0" aria-label=${label} aria-rowcount=${total === undefined ? -1 : total + 1} aria-busy=${rows.busy}
      aria-activedescendant=${activeId} onKeyDown=${press} onFocus=${() => active < 0 && shown.length > 0 && setActiveKey(keyOf(shown[Math.min(shown.length - 1, seen.from + (seen.from > 0 ? BEYOND : 0))]))}>
      <div role="rowgroup"><div role="row" aria-rowindex="1" class="row head">
        ${columns.map(column => html`<div role="columnheader" class=${column.class ?? ''}>${column.title}</div>`)}</div></div>
      <div ref=${body} role="rowgroup" class="body" style=${{height: `calc(var(--row) * ${shown.length})`}}>${drawn}</div>
    </div>
    <div class="foot">
      ${rows.failure && html`<${Problem} failure=${rows.failure} again=${() => rows.retry()} />`}
      ${!rows.failure && (rows.pages.length === 0 || (rows.busy && !rows.isWhole) ? 'Loading…' : rows.isWhole ? `${number(rows.base + shown.length)} in all` : '')}
    </div>
  </div>`;
}
