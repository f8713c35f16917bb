// What proves the past: what was verified when, and what a checkpoint covers.
import {html, useAnswer, useState} from '../html.js';
import {ask, askPage} from '../api.js';
import {Card, Empty, Field, Terminal, Text, Time} from '../parts/basics.js';
import {Failed, Rows, State, number} from '../parts/operating.js';

// The service takes bodies up to 64 KiB, so of a long log the last checkpoints are looked at. Nothing more of a file is read.
const MOST = 48_000;

/** The end of a text, from where a checkpoint begins. */
function end(text, isCut) {
  if (!isCut) return text;
  const begins = text.search(/\{\s*"format"/);
  return begins < 0 ? text : text.slice(begins);
}

/** What the end of a file holds. */
async function read(file) {
  const text = await file.slice(Math.max(0, file.size - MOST)).text();
  return {name: file.name, text: end(text, file.size > MOST), isCut: file.size > MOST};
}

/** What was entered, and no more than the service takes. */
const entered = text => ({text: end(text.slice(-MOST), text.length > MOST), isCut: text.length > MOST});

const VERIFY = `imports-tool verify --url jdbc:postgresql://db:5432/imports --user auditor
imports-tool signing-keys --private-key checkpoint.key --public-key checkpoint.pub
imports-tool checkpoint --url jdbc:postgresql://db:5432/imports --user auditor --private-key checkpoint.key --output checkpoint.json`;

export default function Proof() {
  return html`<div class="page">
    <header><h1>Proof</h1></header>
    <p>Each event has a hash over itself and the hash before it. A signed checkpoint that is kept elsewhere shows whether the past before
      it was changed.</p>
    <${Verified} />
    <${Check} />
  </div>`;
}

function Check() {
  const [file, setFile] = useState(null);
  const [text, setText] = useState('');
  const [keys, setKeys] = useState('');
  const [outcome, setOutcome] = useState(null);
  const [failure, setFailure] = useState(null);
  const [busy, setBusy] = useState(false);
  const takeFile = async event => setFile(event.target.files.length ? await read(event.target.files[0]) : null);
  const takeKeys = async event => setKeys((await Promise.all([...event.target.files].map(one => one.slice(0, MOST).text()))).join('\n'));
  const check = async event => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    setOutcome(null);
    try {
      const given = text.trim() ? entered(text) : file;
      const public_keys = keys.match(/-----BEGIN PUBLIC KEY-----[\s\S]*?-----END PUBLIC KEY-----/g) ?? [];
      const answer = await ask('admin/checkpoints/check', {method: 'POST', body: {checkpoints: given.text, public_keys}});
      setOutcome({...answer, isCut: given.isCut});
    } catch (caught) {
      setFailure(caught);
    }
    setBusy(false);
  };
  const area = (label, value, set, hint) => html`<${Field} label=${label}><textarea rows="3" spellcheck=${false} value=${value}
    placeholder=${hint} onInput=${event => set(event.target.value)}></textarea><//>`;
  return html`
    <${Card} title="What does a checkpoint cover?">
      <form class="form two-wide" onSubmit=${check}>
        <${Field} label="Checkpoint, or a log of them" hint=${file?.isCut && 'It is long: its last checkpoints are looked at'}>
          <input type="file" accept=".json,.jsonl,application/json" onChange=${takeFile} /><//>
        <${Field} label="Public keys of who signed it"><input type="file" multiple accept=".pem,.pub" onChange=${takeKeys} /><//>
        ${area('or the checkpoint’s text', text, setText, '{"format": "imports-checkpoint/2", …}')}
        ${area('or the keys’ text', keys, setKeys, '-----BEGIN PUBLIC KEY-----')}
        <div class="actions"><button class="button primary" disabled=${busy || !(text.trim() || file)}>${busy ? 'Looking…' : 'Check'}</button></div>
      </form>
      <${Failed} of=${failure} what="It was not checked" />
      ${outcome && html`<${Outcome} of=${outcome} />`}
      <p class="quiet">This looks at the event of each checkpoint alone, and the service says it. That every event before is unaltered, and
        without believing the service: <code>imports-tool verify --checkpoint FILE --public-key FILE</code>.</p>
    <//>`;
}

/** What is said of a checkpoint's event. Only one that is signed and of this store is ground for an alarm. */
function toldOf({event, signature, same_store}) {
  if (event === 'same') return 'its event is there, unaltered';
  const isSigned = signature === 'valid' && same_store !== false;
  if (event === 'missing') {
    return isSigned ? 'the store ends before it: its tail was cut, or this is an old copy' : 'this store ends before it';
  }
  return isSigned ? 'its event is not the one that was signed: the past was rewritten' : 'this store has another event there';
}

const SIGNATURES = {
  valid: 'signed by a key that you gave',
  invalid: 'not signed by that key, or changed since',
  unchecked: 'not checked: the key that it names was not given',
};

function Outcome({of}) {
  const covers = of.checkpoints.length === 1 ? 'The checkpoint covers' : `The ${number(of.checkpoints.length)} checkpoints cover`;
  const told = of.ok
    ? `All is right. ${covers} positions 1 to ${number(of.covered)}.`
    : of.covered > 0
      ? `Not all is right. What is right covers positions 1 to ${number(of.covered)}.`
      : 'Nothing is covered.';
  return html`
    <div role="status" class=${of.ok ? 'right' : 'problem'}>
      <p><strong>${told}</strong>${of.head > of.covered && ` ${number(of.head - of.covered)} later events are covered by none of them.`}
        ${of.isCut && ' The file was too long for one request: its last checkpoints were looked at.'}</p>
    </div>
    <${Rows} caption="What became of each checkpoint" heads=${[['Position', 'end'], ['Taken'], ['Signature'], ['Event'], ['Store'],
      ['Follows the one before'], ['Key']]}>
      ${of.checkpoints.map((one, i) => html`<tr key=${i}>
        <td class="end">${number(one.position)}</td><td><${Time} value=${one.time} /></td>
        <td><${State} of=${one.signature} /><br /><small>${SIGNATURES[one.signature]}</small></td>
        <td><${State} of=${one.event} /><br /><small>${toldOf(one)}</small></td>
        <td>${one.same_store === null ? 'it does not say' : one.same_store ? 'this one' : html`<${State} of="other" /><br /><small>another store, or one that was written anew from the first event</small>`}</td>
        <td>${one.follows === null ? '–' : one.follows ? 'yes' : html`<${State} of="invalid" /><br /><small>one was removed, added or moved</small>`}</td>
        <td><code class="hash" title=${one.key}>${one.key ?? '–'}</code></td></tr>`)}
    <//>`;
}

function Verified() {
  const [pages, setPages] = useState([]);
  const here = pages.at(-1);
  const latest = useAnswer(signal => ask('admin/verifications', {query: {limit: 100}, signal}), []);
  const page = useAnswer(
    signal => askPage(here ?? 'admin/verifications', here ? {signal} : {query: {limit: 10}, signal}),
    [],
    String(here ?? ''),
  );
  if (page.data?.rows.length === 0 && pages.length === 0) {
    return html`<${Empty} title="Nobody has noted that this store was verified">
      <p>Verify it, and sign how far it has come, from a machine that is not the service’s:</p><${Terminal} text=${VERIFY} /><//>`;
  }
  return html`
    <${Card} title="When it was verified">
      <${Failed} of=${page.failure} what="What was verified cannot be told" again=${page.again} />
      ${latest.data && html`<dl class="facts few">
        <div><dt>Last verified</dt><dd><${Last} of=${latest.data.find(one => one.kind === 'verify')} /></dd></div>
        <div><dt>Last checkpoint</dt><dd><${Last} of=${latest.data.find(one => one.kind === 'checkpoint' && one.findings === 0)} /></dd></div></dl>`}
      ${page.data && html`
        <${Rows} caption="Verifications and checkpoints, the latest first" heads=${[['When'], ['By'], ['What'], ['Events'], ['Found'], ['Key']]}>
          ${page.data.rows.map(one => html`<tr key=${one.id}>
            <td><${Time} value=${one.time} /></td><td><${Text} value=${one.login} /></td>
            <td>${one.kind === 'checkpoint' ? 'Checkpoint' : one.compared ? 'Events, and what is derived from them' : 'Events'}</td>
            <td>${number(one.from_position)} to ${number(one.position)}</td>
            <td>${one.findings === 0 ? 'nothing wrong' : html`<${State} of="failed" /> ${number(one.findings)}: <${Text} value=${one.first_finding} />`}</td>
            <td>${one.key ? html`<code class="hash" title=${one.key}>${one.key}</code>` : '–'}</td></tr>`)}
        <//>
        <div class="actions">
          ${pages.length > 0 && html`<button type="button" class="button" onClick=${() => setPages(pages.slice(0, -1))}>Newer</button>`}
          ${page.data.next && html`<button type="button" class="button" onClick=${() => setPages([...pages, page.data.next])}>Older</button>`}</div>`}
      <p class="quiet">The tool notes this in the store. It says that somebody looked; whoever can change the past can change it too.</p>
    <//>`;
}

function Last({of}) {
  if (!of) return 'not among the last hundred notes';
  return html`<${Time} value=${of.time} /> by <${Text} value=${of.login} />, up to position ${number(of.position)}${of.findings > 0 && html` <${State} of="failed" />`}`;
}
