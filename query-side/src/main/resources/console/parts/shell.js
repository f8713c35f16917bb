// What is around every page: entering, menu, state of the connection, theme.
import {Component, heading, html, shared, useEffect, useRef, useRetry, useShared, useState} from '../html.js';
import {enter, Failure, leave, may, resume, session} from '../api.js';
import {connection, reconnect} from '../live.js';
import {link, place} from '../router.js';
import {PAGES} from '../pages.js';
import {Dialog, Empty, exactTimes, Icon, Problem, Question, Said} from './basics.js';

const theme = shared(localStorage.getItem('imports.console.theme') ?? 'auto');
const THEMES = {auto: 'light', light: 'dark', dark: 'auto'};

function showTheme(name) {
  document.documentElement.dataset.theme = name;
  localStorage.setItem('imports.console.theme', name);
}
showTheme(theme.value);
theme.follow(showTheme);

const STATES = {
  live: ['good', 'Live', 'Events come as they happen'],
  connecting: ['busy', 'Connecting', 'The stream of events is being opened'],
  lost: ['bad', 'Connection lost', 'What is shown may be old. The console connects again by itself and then misses nothing'],
  resting: ['plain', 'Paused', 'Nobody saw this tab. It goes on where it was when somebody does'],
  asking: ['plain', 'Refreshes by itself', 'This key or token may not follow events, so pages that change ask again every few seconds'],
};

function Connection() {
  const state = useShared(connection);
  const [kind, word, title] = STATES[state];
  return html`<span class=${'connection ' + kind} role="status" title=${title}><i></i>${word}
    ${state === 'lost' && html`<button type="button" class="button small" onClick=${reconnect}>Connect now</button>`}
  </span>`;
}

function Theme() {
  const name = useShared(theme);
  const icons = {auto: 'auto', light: 'sun', dark: 'moon'};
  const words = {auto: 'as the system', light: 'light', dark: 'dark'};
  return html`<button type="button" class="button plain" aria-label=${`Colours: ${words[name]}. Change to ${words[THEMES[name]]}`}
    title=${`Colours: ${words[name]}`} onClick=${() => theme.set(THEMES[name])}><${Icon} name=${icons[name]} /></button>`;
}

function Times() {
  const isExact = useShared(exactTimes);
  return html`<button type="button" class="button plain" aria-pressed=${isExact} aria-label="Show exact times"
    title=${isExact ? 'Times are exact, in UTC' : 'Times are told as how long ago'} onClick=${() => exactTimes.set(!isExact)}>
    <${Icon} name="clock" /></button>`;
}

function SignIn({reason, asking, failure}) {
  useRetry(failure, resume);
  const input = useRef(null);
  const [isShown, setShown] = useState(false);
  useEffect(() => input.current?.focus(), [asking]);
  const submit = event => {
    event.preventDefault();
    const text = input.current.value.trim();
    if (text) enter(text);
  };
  return html`<main class="sign-in" id="main">
    <form onSubmit=${submit} autocomplete="off">
      <h1><span class="logo"><${Icon} name="list" /></span>Imports console</h1>
      <p>See what happened to every import, and when. Enter an API key or a bearer token: its scopes decide what you see.</p>
      ${reason && html`<div class="problem" role="alert"><p>${reason}</p>
        ${failure && html`<button type="button" class="button" onClick=${resume}>Try again</button>`}</div>`}
      <label class="field"><span>API key or token</span>
        <input ref=${input} type=${isShown ? 'text' : 'password'} name="credential" autocomplete="off" spellcheck=${false} required disabled=${asking}
          aria-describedby="kept" /></label>
      <label class="check"><input type="checkbox" checked=${isShown} onChange=${event => setShown(event.target.checked)} /> Show it</label>
      <p id="kept" class="quiet">It is kept for this tab alone, until the tab is closed, and is never a part of an address.</p>
      <button class="button primary wide" disabled=${asking}>${asking ? 'Asking…' : 'Enter'}</button>
    </form>
  </main>`;
}

function Menu({current}) {
  return html`<nav aria-label="Pages"><ul>
    ${PAGES.filter(page => may(...page.scopes)).map(
      page => html`<li><a href=${link(page.name)} aria-current=${page.name === current ? 'page' : undefined}>
        <${Icon} name=${page.icon} /><span>${page.title}</span></a></li>`,
    )}
  </ul></nav>`;
}

function Keys({onClose}) {
  const keys = [
    ['/', 'Search, or the first filter of the page'],
    ['↓ ↑ or j k', 'The next or the previous row'],
    ['PageDown PageUp', 'A screenful of rows'],
    ['Home', 'The first row'],
    ['Enter', 'Open the row'],
    ['?', 'This list'],
  ];
  return html`<${Dialog} title="Keys" onClose=${onClose}>
    <dl class="keys">${keys.map(([key, what]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${what}</dd></div>`)}</dl>
  <//>`;
}

/** Tells what went wrong in a page, in place of nothing at all. */
class Guard extends Component {
  componentDidCatch(failure) {
    this.setState({failure});
  }

  componentDidUpdate(before) {
    if (before.at !== this.props.at && this.state.failure) this.setState({failure: null});
  }

  render({children}, {failure}) {
    return failure ? html`<${Problem} failure=${failure} again=${() => this.setState({failure: null})} />` : children;
  }
}

/** The page of this name, once its module is there. */
function Page({page, path, query}) {
  const [loaded, setLoaded] = useState({});
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let isWanted = true;
    page.load().then(
      module => isWanted && setLoaded({page, Part: module.default}),
      () => isWanted && setLoaded({page, failure: new Failure(0, 'A file of this page did not arrive. The console tries again by itself; if that does not help, load the page again.')}),
    );
    return () => (isWanted = false);
  }, [page, turn]);
  useRetry(loaded.failure, () => setTurn(turn + 1));
  if (loaded.page !== page) return html`<p class="waiting" role="status">Loading…</p>`;
  if (loaded.failure) return html`<${Problem} failure=${loaded.failure} again=${() => setTurn(turn + 1)} />`;
  return html`<${loaded.Part} path=${path} query=${query} />`;
}

function Inside({caller}) {
  const {path, query} = useShared(place);
  const [showsKeys, setShowsKeys] = useState(false);
  const allowed = PAGES.filter(page => may(...page.scopes));
  const known = PAGES.find(page => page.name === (path[0] ?? allowed[0]?.name));
  const page = known && may(...known.scopes) ? known : null;
  const own = useShared(heading);
  const title = own ?? page?.title ?? 'Nothing here';
  useEffect(() => {
    document.title = title + ' · Imports console';
  }, [title]);
  // Whoever goes to another page is there with the keyboard, and is told its name.
  const where = path.join('/');
  const before = useRef(where);
  useEffect(() => {
    if (before.current === where) return;
    before.current = where;
    const main = document.getElementById('main');
    main.scrollTop = 0;
    main.focus({preventScroll: true});
  }, [where]);
  useEffect(() => {
    const press = event => {
      const isTyping = event.target.closest('input, select, textarea, [contenteditable]');
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === '?') setShowsKeys(true);
      if (event.key === '/') {
        const field = document.querySelector('[data-search]');
        if (!field) return;
        event.preventDefault();
        field.focus();
      }
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  return html`<div class="frame">
    <a class="skip" href="#main" onClick=${event => (event.preventDefault(), document.getElementById('main').focus())}>Skip to the page</a>
    <aside>
      <a class="brand" href=${link(allowed[0]?.name ?? '')}><span class="logo"><${Icon} name="list" /></span><span>Imports</span></a>
      <${Menu} current=${page?.name} />
      <div class="caller">
        <strong title=${`${caller.actor} (${caller.actor_kind})`}><bdi>${caller.actor}</bdi></strong>
        <span class="quiet" title=${'Organization ' + caller.org_id}>Organization ${caller.org_id.slice(0, 8)}…</span>
        <button type="button" class="button small" onClick=${() => leave()}><${Icon} name="leave" />Sign out</button>
      </div>
    </aside>
    <div class="bar">
      <${Connection} />
      <span class="gap"></span>
      <${Times} /><${Theme} />
      <button type="button" class="button plain" aria-label="Keys" title="Keys" onClick=${() => setShowsKeys(true)}><${Icon} name="help" /></button>
    </div>
    <main id="main" tabindex="-1" aria-label=${title}>
      ${page && html`<${Guard} at=${location.hash}><${Page} page=${page} path=${path.slice(1)} query=${query} /><//>`}
      ${!page && html`<${Refused} known=${known} caller=${caller} />`}
    </main>
    ${showsKeys && html`<${Keys} onClose=${() => setShowsKeys(false)} />`}
  </div>`;
}

function Refused({known, caller}) {
  if (!known && place.value.path.length > 0) {
    return html`<${Empty} title="There is no such page"><p>Choose one from the menu.</p><//>`;
  }
  return html`<${Empty} title=${known ? `${known.title} is not for this key or token` : 'Nothing here is for this key or token'}>
    <p>${known ? `It needs the scope ${known.scopes.join(' or ')}.` : 'It needs a scope that reads.'}
      ${' '}This one has: ${caller.scopes.join(', ') || 'none'}.</p>
    <p>Somebody with the scope admin can make a key that has more.</p>
  <//>`;
}

export function Shell() {
  const now = useShared(session);
  // All pages are there before they are opened, also when the connection is lost or nodes are replaced meanwhile.
  useEffect(() => {
    const later = setTimeout(() => PAGES.forEach(page => page.load().catch(() => {})), 500);
    return () => clearTimeout(later);
  }, []);
  return html`${now.caller ? html`<${Inside} caller=${now.caller} />` : html`<${SignIn} ...${now} />`}<${Question} /><${Said} />`;
}
